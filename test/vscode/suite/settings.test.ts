import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  at,
  diagnostic,
  diagnostics,
  noDiagnostic,
  open,
  revertAll,
  ruleOf,
  until,
  write,
} from './support.ts';

const RULE = 'compose/secret-world-readable';

suite('settings', () => {
  teardown(async () => {
    for (const name of ['enable', 'profile', 'config', 'diagnostics']) await set(name, undefined);
    for (const name of ['.hardlint.yaml', 'team.yaml']) await remove(name);
    await revertAll();
  });

  test('`hardlint.enable` turns everything off and on', async () => {
    await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    await set('enable', false);
    await until('all findings to go', () => diagnostics('compose.yaml').length === 0);
    await set('enable', undefined);
    await diagnostic('compose.yaml', RULE);
  });

  test('`hardlint.diagnostics: open` leaves files out that are not open', async () => {
    await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    await diagnostic('config/jobs.yaml', 'config/db-pool-tiny');
    await set('diagnostics', 'open');
    await noDiagnostic('config/jobs.yaml', 'config/db-pool-tiny');
    await diagnostic('compose.yaml', RULE);
    await set('diagnostics', undefined);
    await diagnostic('config/jobs.yaml', 'config/db-pool-tiny');
  });

  test('a configuration file turns a rule off as soon as it is there, and on when it goes', async () => {
    await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    await write('.hardlint.yaml', `rules:\n  ${RULE}: off\n`);
    await noDiagnostic('compose.yaml', RULE);
    await remove('.hardlint.yaml');
    await diagnostic('compose.yaml', RULE);
  });

  test('`hardlint.config` names a configuration file for all files', async () => {
    await write('team.yaml', `rules:\n  ${RULE}: off\n`);
    await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    await set('config', 'team.yaml');
    await noDiagnostic('compose.yaml', RULE);
  });

  test('a mistake in the configuration is shown where it is', async () => {
    await write('.hardlint.yaml', 'rules:\n  compose/no-such-rule: off\n');
    const document = await open('.hardlint.yaml');
    const found = await diagnostic('.hardlint.yaml', 'hardlint/config-invalid');
    assert.equal(document.getText(found.range), 'compose/no-such-rule');
  });

  test('the strict profile finds at least as much', async () => {
    await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    const before = new Set(diagnostics('compose.yaml').map(ruleOf));
    await set('profile', 'strict');
    await diagnostic('compose.yaml', RULE);
    const after = new Set(diagnostics('compose.yaml').map(ruleOf));
    assert.deepEqual(
      [...before].filter((rule) => !after.has(rule)),
      [],
    );
  });
});

function set(name: string, value: unknown): Thenable<void> {
  return vscode.workspace
    .getConfiguration('hardlint')
    .update(name, value, vscode.ConfigurationTarget.Workspace);
}

async function remove(path: string): Promise<void> {
  try {
    await vscode.workspace.fs.delete(at(path));
  } catch {
    // It was not there.
  }
}
