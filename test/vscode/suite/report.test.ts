import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { at, revertAll, tabs, until } from './support.ts';

suite('report', () => {
  teardown(revertAll);

  test('the command scans the workspace and opens the report', async () => {
    const summary = await vscode.commands.executeCommand<Record<string, number>>('hardlint.showReport');
    assert.ok((summary.high ?? 0) > 0, JSON.stringify(summary));
    await until('the tab', () => tabs().includes('Hardening Report'));
  });

  test('asked for again, the report stays in its tab', async () => {
    await vscode.commands.executeCommand('hardlint.showReport');
    await vscode.commands.executeCommand('hardlint.showReport');
    await until('the tab', () => tabs().includes('Hardening Report'));
    assert.equal(tabs().filter((label) => label === 'Hardening Report').length, 1);
  });

  test('the report is copied as Markdown', async () => {
    await vscode.commands.executeCommand('hardlint.showReport');
    await vscode.commands.executeCommand('hardlint.copyReportAsMarkdown');
    const markdown = await vscode.env.clipboard.readText();
    assert.match(markdown, /^# /);
    assert.match(markdown, /compose\/secret-world-readable/);
  });

  test('the report is saved as a page by itself', async () => {
    await vscode.commands.executeCommand('hardlint.showReport');
    await vscode.commands.executeCommand('hardlint.saveReportAsHtml', at('report.html'));
    const html = new TextDecoder().decode(await vscode.workspace.fs.readFile(at('report.html')));
    assert.match(html, /<html/);
    assert.match(html, /compose\/secret-world-readable/);
    assert.ok(!html.includes('{{'), 'a placeholder is left');
    await vscode.workspace.fs.delete(at('report.html'));
  });

  test('a rule is explained in a Markdown preview', async () => {
    await vscode.commands.executeCommand('hardlint.explainRule', 'nginx/hsts-missing');
    await until('the preview', () => tabs().some((label) => /Preview .*hsts-missing/.test(label)));
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.parse('hardlint-rule:/nginx/hsts-missing.md'),
    );
    assert.match(document.getText(), /Strict-Transport-Security/);
  });
});
