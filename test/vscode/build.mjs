// Bundles the suite that runs inside VS Code's extension host into dist/test-vscode/.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const tests = readdirSync(join(here, 'suite'), { recursive: true }).filter((file) =>
  /\.test\.ts$/.test(file),
);

await build({
  entryPoints: ['index.ts', ...tests].map((file) => join(here, 'suite', file)),
  outbase: join(here, 'suite'),
  outdir: join(here, '../../dist/test-vscode'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', 'mocha'],
  sourcemap: true,
  logLevel: 'warning',
});
