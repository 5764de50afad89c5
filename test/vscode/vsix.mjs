// Installs the packed extension into a fresh profile, as a user does, and checks that it starts: with what the package leaves out,
// it might work in the checkout and nowhere else.
//   node test/vscode/vsix.mjs [file.vsix]      default: the one that `npm run package` has made
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installExtension, root } from './host.mjs';
import { inWorkbench, openReport, runCommand } from './workbench.mjs';

const { name, publisher, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const vsix = resolve(process.argv[2] ?? join(root, `${name}-${version}.vsix`));
assert.ok(existsSync(vsix), `${vsix} is missing: run \`npm run package\` first`);

const temporary = mkdtempSync(join(tmpdir(), 'hardlint-vsix-'));
const profile = { extensionsDir: join(temporary, 'extensions'), userDataDir: join(temporary, 'user-data') };
try {
  await installExtension(vsix, profile);
  const installed = readdirSync(profile.extensionsDir).filter((folder) =>
    folder.startsWith(`${publisher}.${name}-${version}`),
  );
  assert.equal(installed.length, 1, `installed: ${readdirSync(profile.extensionsDir)}`);
  await inWorkbench({ name: 'vsix', profile }, async (page) => {
    await page.locator('.view-line').first().waitFor();
    await page.locator('.squiggly-error, .squiggly-warning').first().waitFor({ state: 'attached' });
    await runCommand(page, 'View: Focus Problems');
    await page.locator('.markers-panel').getByText('dockerfile/pipe-to-shell').waitFor();
    // The parser of TypeScript is a file of its own, which a package may lack.
    const report = await openReport(page);
    await report.locator('tr[data-rule="script/yaml-only-config"]').first().waitFor();
  });
} finally {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
