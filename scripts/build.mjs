// Bundles the extension, the language server, the command line and the TypeScript parser into dist/.
// `--dev`: no minification, with source maps. `--meta`: writes dist/meta.json for the size budget.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lazyPackages, sourceOf } from './lazy-packages.mjs';
import { groupSources, lazyRules, loadRules, ruleTexts, textsElsewhere } from './lazy-rules.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dev = process.argv.includes('--dev');

/** Packages that many runs do not need. */
const LAZY = [
  {
    name: 'zod',
    file: 'zod.js',
    uses: ['array', 'enum', 'number', 'object', 'strictObject', 'string', 'tuple', 'union'],
  },
  { name: 'unbash', file: 'unbash.js', uses: ['forEachChild', 'parse'] },
  { name: '@prometheus-io/lezer-promql', file: 'lezer-promql.js', uses: ['parser'] },
];

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minify: !dev,
  sourcemap: dev,
  legalComments: 'none',
  logLevel: 'warning',
  // Some CommonJS packages ship ES modules as well: preferring those keeps the bundle free of what nobody calls.
  mainFields: ['module', 'main'],
  // The parser is 4 MB and needed only for files that read YAML configuration: a file of its own, loaded at its first use.
  external: ['vscode', './script-parser.js'],
  metafile: true,
};

const rules = await loadRules(root);
const withoutLazy = { ...common, plugins: [lazyRules(root, rules), lazyPackages(LAZY)] };

rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'dist'), { recursive: true });
const results = await Promise.all([
  build({ ...common, entryPoints: { client: 'client/extension.ts' }, outdir: 'dist' }),
  build({ ...withoutLazy, entryPoints: { server: 'server/lsp/main.node.ts' }, outdir: 'dist' }),
  build({ ...withoutLazy, entryPoints: { 'cli-main': 'server/cli/main.ts' }, outdir: 'dist' }),
  build({
    ...common,
    entryPoints: { cli: 'server/cli/start.ts' },
    outdir: 'dist',
    external: ['./cli-main.js'],
    banner: { js: '#!/usr/bin/env node' },
  }),
  ...groupSources(rules).map(({ file, contents }) =>
    build({
      ...common,
      plugins: [textsElsewhere(), lazyPackages(LAZY)],
      stdin: { contents, resolveDir: root, loader: 'ts' },
      outfile: join('dist', file),
    }),
  ),
  ...LAZY.map((each) =>
    build({
      ...common,
      stdin: { contents: sourceOf(each), resolveDir: root, loader: 'js' },
      outfile: join('dist', each.file),
    }),
  ),
  build({
    ...common,
    mainFields: ['main', 'module'],
    stdin: {
      contents: "exports.parse = require('@typescript-eslint/parser').parse;",
      resolveDir: root,
      loader: 'js',
    },
    outfile: 'dist/script-parser.js',
    external: [],
    sourcemap: false,
  }),
]);
writeFileSync(join(root, 'dist/rule-texts.json'), ruleTexts(rules));
if (process.argv.includes('--meta')) {
  const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
  writeFileSync(
    join(root, 'dist/meta.json'),
    JSON.stringify({ inputs: Object.assign({}, ...results.map((r) => r.metafile.inputs)), outputs }),
  );
}
