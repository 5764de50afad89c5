// Bundles the extension, the language server, the command line and the TypeScript parser into dist/.
// `--dev`: no minification, with source maps. `--meta`: writes dist/meta.json for the size budget.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { slimRules } from './slim-rules.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dev = process.argv.includes('--dev');

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
  plugins: [slimRules()],
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'dist'), { recursive: true });
const results = await Promise.all([
  build({ ...common, entryPoints: { client: 'client/extension.ts' }, outdir: 'dist' }),
  build({ ...common, entryPoints: { server: 'server/lsp/main.node.ts' }, outdir: 'dist' }),
  build({
    ...common,
    entryPoints: { cli: 'server/cli/main.ts' },
    outdir: 'dist',
    banner: { js: '#!/usr/bin/env node' },
  }),
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
if (process.argv.includes('--meta')) {
  const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
  writeFileSync(
    join(root, 'dist/meta.json'),
    JSON.stringify({ inputs: Object.assign({}, ...results.map((r) => r.metafile.inputs)), outputs }),
  );
}
