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

const measures: Measure[] = [];
for (const group of [coldStart(), folder ? scans(folder) : [], server(), growth()]) {
  for (const measure of await group) {
    measures.push(measure);
    const verdict = measure.value <= measure.target ? 'ok' : 'MISSED';
    console.log(
      `${measure.name.padEnd(78)} ${format(measure.value).padStart(8)} ${measure.unit.padEnd(3)} (at most ${measure.target}) ${verdict}`,
    );
  }
}
if (measures.some((measure) => measure.value > measure.target)) process.exitCode = 1;

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
