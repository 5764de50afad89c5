// A workbench over a copy of examples/rag-stack, for the scripts that click in it.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { remoteUri, root, startBrowser, startServer, workbenchUrl } from './host.mjs';

const TIMEOUT = 30_000;
const FAILURES = join(root, '.vscode-test/failures');

/**
 * Opens the example's compose.yaml and has someone work with it; afterwards all is gone. When that fails, the last picture stays in
 * .vscode-test/failures, and the process ends with 1.
 * @param {{ name: string, settings?: object, scale?: number, profile?: object, extension?: string }} options
 *   `extension`: the folder of an extension under development; `profile`: the folders of a profile with the extension installed
 * @param {(page: import('playwright-core').Page, file: string) => Promise<void>} work
 */
export async function inWorkbench({ name, settings, scale = 1, profile = {}, extension }, work) {
  const temporary = mkdtempSync(join(tmpdir(), 'hardlint-workbench-'));
  const folder = join(temporary, 'rag-stack');
  const file = join(folder, 'compose.yaml');
  cpSync(join(root, 'examples/rag-stack'), folder, { recursive: true });
  let server;
  let browser;
  let page;
  try {
    server = await startServer({ settings, ...profile });
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: scale });
    page.setDefaultTimeout(TIMEOUT);
    const development = extension ? [['extensionDevelopmentPath', remoteUri(server, extension)]] : [];
    const payload = [...development, ['openFile', remoteUri(server, file)]];
    await page.goto(workbenchUrl(server, { folder, payload }));
    await work(page, file);
    console.log(`${name}: ok`);
  } catch (error) {
    mkdirSync(FAILURES, { recursive: true });
    await page?.screenshot({ path: join(FAILURES, `${name}.png`) }).catch(() => {});
    console.error(error);
    console.error(`${name}: failed; the last picture is in ${FAILURES}`);
    process.exitCode = 1;
  } finally {
    await browser?.close().catch(() => {});
    await server?.stop();
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Runs a command by its title. */
export async function runCommand(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: title }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Shows the report and gives its page. */
export async function openReport(page) {
  await runCommand(page, 'Hardlint: Show Hardening Report');
  // A webview is a frame of the workbench around a frame with the extension's page.
  const report = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  await report.getByRole('heading', { name: 'Hardening report' }).waitFor();
  return report;
}

/** Asks until it is so. */
export async function until(what, isSo) {
  for (const end = Date.now() + TIMEOUT; !(await isSo()); ) {
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((next) => setTimeout(next, 50));
  }
}
