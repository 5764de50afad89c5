// Measures hardlint against the floors of the machine: `npm run bench -- DIR`, DIR being a folder of real files.
// Every figure is a ratio inside this run, or a latency; medians of several runs, since machines are shared and noisy.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { coldStart } from './bench/cold.ts';
import { growth } from './bench/growth.ts';
import type { Measure } from './bench/measure.ts';
import { scans } from './bench/scan.ts';
import { server } from './bench/server.ts';

const folder = process.argv[2] ? resolve(process.argv[2]) : undefined;
if (folder && !existsSync(folder)) {
  console.error(`There is no folder ${folder}.`);
  process.exit(2);
}
if (!folder) console.log('No folder given: the measures over real files are left out.\n');

/** By name, so that `npm run bench -- DIR scan` runs one of them. */
const groups: Readonly<Record<string, () => readonly Measure[] | Promise<readonly Measure[]>>> = {
  cold: coldStart,
  scan: () => (folder ? scans(folder) : []),
  server,
  growth,
};
const wanted = process.argv[3];

let missed = 0;
for (const [name, run] of Object.entries(groups)) {
  if (wanted !== undefined && wanted !== name) continue;
  for (const measure of await run()) {
    const verdict = measure.value <= measure.target ? 'ok' : 'MISSED';
    if (verdict === 'MISSED') missed++;
    const value = `${format(measure.value)} ${measure.unit}`.trim();
    console.log(`${measure.name.padEnd(78)} ${value.padStart(9)}  (at most ${measure.target}) ${verdict}`);
  }
}
if (missed > 0) process.exitCode = 1;

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
