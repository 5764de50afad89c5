// Bundles the suite that runs inside VS Code's extension host into .vscode-test/suite/, away from what is packed.
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = join(dirname(fileURLToPath(import.meta.url)), 'suite');
const target = join(source, '../../../.vscode-test/suite');

/** Builds the suite and gives the folder that it is in. */
export async function buildSuite() {
  const tests = readdirSync(source, { recursive: true }).filter((file) => file.endsWith('.test.ts'));
  rmSync(target, { recursive: true, force: true });
  await build({
    entryPoints: ['index.ts', ...tests].map((file) => join(source, file)),
    outbase: source,
    outdir: target,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: true,
    logLevel: 'warning',
  });
  return target;
}
