// Holds the bundles and the package within their budgets (see README, "Speed and size").
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const KB = 1024;

/** What is loaded when something needs it, beside what starts. */
const LATER = [
  'dist/zod.js',
  'dist/unbash.js',
  'dist/lezer-promql.js',
  ...readdirSync(join(root, 'dist'))
    .filter((name) => /^rules-\w+\.js$/.test(name))
    .map((name) => `dist/${name}`),
];

/** Bytes at most; minified, before compression. The TypeScript parser is in none of them. */
const BUDGETS = [
  { name: 'server at its start', files: ['dist/server.js'], budget: 800 * KB },
  { name: 'command at its start', files: ['dist/cli-main.js'], budget: 600 * KB },
  { name: 'client', files: ['dist/client.js'], budget: 600 * KB },
  { name: 'server, all loaded', files: ['dist/server.js', ...LATER], budget: 2200 * KB },
];
const VSIX_BUDGET = 4 * KB * KB;

const measured = BUDGETS.map(({ name, files, budget }) => ({
  file: name,
  budget,
  size: files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0),
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
