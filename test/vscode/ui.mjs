// Does in the workbench what a person does: sees the squiggle, takes the fix, saves, and works with the report.
// `--screenshots` does it in a light and in a dark theme and puts the pictures for the README into docs/images/.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './host.mjs';
import { inWorkbench, openReport, runCommand, until } from './workbench.mjs';

const THEMES = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

const takesPictures = process.argv.includes('--screenshots');
for (const theme of takesPictures ? ['light', 'dark'] : ['dark']) {
  const options = {
    name: `ui-${theme}`,
    settings: settings(theme),
    scale: takesPictures ? 1.5 : 1,
    extension: root,
  };
  await inWorkbench(options, (page, file) => journey(page, file, theme));
}

async function journey(page, file, theme) {
  const start = Date.now();
  const done = (what) => console.log(`${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${what}`);
  const picture = async (name) => {
    if (takesPictures) await page.screenshot({ path: join(root, `docs/images/${name}-${theme}.png`) });
  };
  await seeSquiggle(page, file);
  done('the squiggle is there');
  await seeMessage(page);
  done('hovering shows the message');
  await seeStatus(page);
  done('the status item tells how many rules are on');
  await takeFix(page, file, picture);
  done('Ctrl+. has set the mode to 0400, saving has written it');
  await page.keyboard.press('Control+j');
  await page.locator('.markers-panel').waitFor({ state: 'hidden' });
  const report = await openReport(page);
  await picture('report');
  done('the report is open');
  await openPlace(page, report);
  done('a row opens its place');
  await fixFromReport(report, file);
  done('a button of the report applies its fix');
  await explainFromReport(page, report);
  done('the name of a rule opens its explanation');
}

function settings(theme) {
  return {
    'breadcrumbs.enabled': false,
    'editor.cursorBlinking': 'solid',
    'editor.fontFamily': "'DejaVu Sans Mono'",
    'editor.fontSize': 14,
    'editor.minimap.enabled': false,
    'editor.stickyScroll.enabled': false,
    'window.commandCenter': false,
    'workbench.colorTheme': THEMES[theme],
    'workbench.layoutControl.enabled': false,
    'workbench.tips.enabled': false,
  };
}

/** The first secret's mode in the file. */
function modeIn(page) {
  return page
    .locator('.view-line')
    .filter({ hasText: 'mode: 0444' })
    .first()
    .getByText('0444', { exact: true });
}

async function seeSquiggle(page, file) {
  await page.locator('.view-line').first().waitFor();
  await page.keyboard.press('Control+b');
  await runCommand(page, 'View: Focus Problems');
  await page.locator('.markers-panel').getByText('dockerfile/pipe-to-shell').waitFor();
  await page.locator('.view-line').first().click();
  await page.keyboard.press('Control+g');
  const line =
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('mode: 0444')) + 1;
  await page.locator('.quick-input-widget input').first().fill(`:${line}`);
  await page.keyboard.press('Enter');
  await modeIn(page).waitFor();
  const squiggles = page.locator('.squiggly-error');
  await until('a squiggle below the mode', async () => {
    const mode = await modeIn(page).boundingBox();
    const boxes = await Promise.all(
      (await squiggles.all()).map((squiggle) => squiggle.boundingBox({ timeout: 1000 }).catch(() => null)),
    );
    return boxes.some((box) => box && Math.abs(box.x - mode.x) < 2 && Math.abs(box.y - mode.y) < mode.height);
  });
}

async function seeMessage(page) {
  await modeIn(page).hover();
  await page.locator('.monaco-hover').getByText('has mode 0444').first().waitFor();
  await page.keyboard.press('Escape');
}

async function seeStatus(page) {
  await page.locator('.statusbar-item[id="status.languageStatus"]').hover();
  await page
    .getByText(/Hardlint: \d{2,} rules/)
    .first()
    .waitFor();
  await page.mouse.move(0, 0);
}

async function takeFix(page, file, picture) {
  const before = readFileSync(file, 'utf8');
  await modeIn(page).click();
  const row = page.locator('.action-widget .monaco-list-row').filter({ hasText: /^Set mode to 0400$/ });
  // The menu says that there is nothing while the server has not answered: ask again.
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press('Control+.');
    const isOffered = await row.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
    if (isOffered) break;
    assert.ok(attempt < 5, 'the fix is not offered');
    await page.keyboard.press('Escape');
  }
  await picture('squiggle');
  // By key: in its first moments a veil over the menu takes all clicks. Enter takes the row that has the focus.
  await page
    .locator('.action-widget .monaco-list-row.focused')
    .filter({ hasText: 'Set mode to 0400' })
    .waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.view-line').filter({ hasText: 'mode: 0400' }).waitFor();
  assert.equal(readFileSync(file, 'utf8'), before, 'nothing is written before it is saved');
  await page.keyboard.press('Control+s');
  const after = before.replace('mode: 0444', 'mode: 0400');
  await until(
    'the file to have the new mode and else what it had',
    () => readFileSync(file, 'utf8') === after,
  );
}

async function openPlace(page, report) {
  assert.ok((await report.locator('tr[data-severity]').count()) >= 40);
  const row = report.locator('tr[data-rule="nginx/ssl-protocols-weak"]').first();
  const { line, column } = await row.evaluate((element) => ({ ...element.dataset }));
  await row.locator('a.at').click();
  await page.getByRole('tab', { name: /^nginx\.conf/ }).waitFor();
  await page.getByRole('button', { name: `Ln ${line}, Col ${column}` }).waitFor();
}

async function fixFromReport(report, file) {
  const before = readFileSync(file, 'utf8');
  const rows = report.locator('tr[data-rule="compose/secret-world-readable"]');
  const count = await rows.count();
  await rows.locator('[data-action="fix"]').first().click();
  await until('the finding to leave the report', async () => (await rows.count()) === count - 1);
  assert.equal(readFileSync(file, 'utf8'), before, 'a fix from the report waits to be saved as well');
}

async function explainFromReport(page, report) {
  await report.locator('tr[data-rule="nginx/hsts-missing"] a.rule').first().click();
  await page.getByRole('tab', { name: /^Preview .*hsts-missing/ }).waitFor();
}
