import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One line of the table. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  /** `x` for a ratio, `ms`, `MB`. */
  readonly unit: string;
  /** The most that counts as good. */
  readonly target: number;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** A bundle in dist/. */
export function bundle(name: string): string {
  return join(root, 'dist', name);
}

/** Wall time of a whole Node process in milliseconds. */
export function runNode(...args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1e9,
  });
  if (status === null || status > 1)
    throw new Error(`node ${args.join(' ')} ended with ${status}\n${stderr}`);
  return performance.now() - start;
}

/** The median of the ratios A/B over pairs that are run in turn, so that a drift of the machine hits both. */
export function ratio(pairs: number, a: () => number, b: () => number): number {
  a();
  b();
  return median(Array.from({ length: pairs }, () => a() / b()));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the share `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
