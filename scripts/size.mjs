// Holds the bundles and the package within their budgets (see README, "Speed and size").
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const KB = 1024;

/** Bytes at most, those of the packages with it that are loaded when they are needed; minified, before compression. */
const SHARED = ['dist/zod.js', 'dist/unbash.js', 'dist/lezer-promql.js'];
const BUDGETS = [
  { file: 'dist/server.js', with: SHARED, budget: 1200 * KB },
  { file: 'dist/cli-main.js', with: SHARED, budget: 1200 * KB },
  { file: 'dist/client.js', with: [], budget: 600 * KB },
];
const VSIX_BUDGET = 4 * KB * KB;

const measured = BUDGETS.map(({ file, with: others, budget }) => ({
  file,
  budget,
  size: [file, ...others].reduce((sum, name) => sum + statSync(join(root, name)).size, 0),
}));
const vsix = readdirSync(root).find((name) => name.endsWith('.vsix'));
if (vsix) measured.push({ file: vsix, budget: VSIX_BUDGET, size: statSync(join(root, vsix)).size });
else if (!existsSync(join(root, 'dist')))
  throw new Error('Nothing is built: run `npm run build` or `npm run package` first.');

for (const { file, budget, size } of measured) {
  const share = Math.round((100 * size) / budget);
  console.log(
    `${file.padEnd(24)} ${String(Math.round(size / KB)).padStart(6)} KB of ${Math.round(budget / KB)} KB (${share} %)`,
  );
}
if (measured.some(({ size, budget }) => size > budget)) process.exit(1);
