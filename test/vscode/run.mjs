// Runs the suite inside VS Code's extension host: in the VS Code that install.sh has put here, in the one that VSCODE_EXECUTABLE
// names, or else in desktop VS Code, which @vscode/test-electron downloads.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildSuite } from './build.mjs';
import { isInstalled, root } from './host.mjs';

const suite = await buildSuite();

const temporary = mkdtempSync(join(tmpdir(), 'hardlint-suite-'));
const workspace = join(temporary, 'workspace');
// The suite writes into its workspace.
cpSync(join(root, 'test/vscode/fixtures/workspace'), workspace, { recursive: true });
try {
  await runTests({
    vscodeExecutablePath:
      process.env.VSCODE_EXECUTABLE ?? (isInstalled() ? join(root, 'test/vscode/code.mjs') : undefined),
    extensionDevelopmentPath: root,
    extensionTestsPath: join(suite, 'index'),
    // test-electron's own profile would carry state from one run into the next.
    launchArgs: [
      workspace,
      '--disable-extensions',
      `--user-data-dir=${join(temporary, 'user-data')}`,
      `--extensions-dir=${join(temporary, 'extensions')}`,
    ],
  });
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
