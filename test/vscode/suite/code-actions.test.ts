import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  apply,
  codeAction,
  codeActions,
  diagnostic,
  noDiagnostic,
  open,
  rangeOf,
  revertAll,
  until,
} from './support.ts';

const RULE = 'compose/secret-world-readable';

suite('code actions', () => {
  teardown(revertAll);

  test('a quick fix changes the value and nothing else', async () => {
    const document = await open('compose.yaml');
    const before = document.getText();
    const found = await diagnostic('compose.yaml', RULE);
    const fix = await codeAction(document.uri, rangeOf('compose.yaml', RULE), 'Set mode to 0400');
    assert.equal(fix.isPreferred, true);
    await apply(fix);
    assert.equal(document.getText(), before.replace('0444', '0400'));
    await until('the finding to go', async () => {
      const actions = await codeActions(document.uri, found.range, vscode.CodeActionKind.QuickFix);
      return actions.every((action) => action.title !== 'Set mode to 0400');
    });
  });

  test('one action mends all findings of a rule in a file', async () => {
    const document = await open('compose.yaml');
    await apply(
      await codeAction(document.uri, rangeOf('compose.yaml', RULE), /^Fix all .*secret-world-readable/),
    );
    assert.ok(!document.getText().includes('mode: 0444'));
    assert.ok(document.getText().includes('mode: 0400 # the app reads it as any user'));
    await noDiagnostic('compose.yaml', RULE);
  });

  test('`source.fixAll.hardlint` applies the safe fixes and no others', async () => {
    const document = await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    await vscode.commands.executeCommand('hardlint.fixAllInFile');
    await until('the text to change', () => document.isDirty);
    assert.match(document.getText(), /no-new-privileges:true/);
    assert.ok(!document.getText().includes('mode: 0444'));
    assert.ok(!document.getText().includes('cap_drop'), 'a fix that needs a review was applied');
  });

  test('"Harden this service" mends what one diagnostic sums up', async () => {
    const document = await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    const line = document.getText().split('\n').indexOf('  proxy:');
    const service = new vscode.Range(line, 2, line, 7);
    await apply(
      await codeAction(document.uri, () => service, /^Harden this service/, vscode.CodeActionKind.Empty),
    );
    const hardened = document.getText().split('  proxy:')[1]?.split('  prometheus:')[0] ?? '';
    assert.match(hardened, /no-new-privileges:true/);
    assert.match(hardened, /max-size/);
  });

  test('a finding is put off with a reason', async () => {
    const document = await open('compose.yaml');
    await apply(
      await codeAction(document.uri, rangeOf('compose.yaml', RULE), `Ignore ${RULE} here, with a reason`),
    );
    assert.match(document.getText(), /# hardlint-ignore compose\/secret-world-readable.*: ?\S+/);
  });

  test('an action explains the rule', async () => {
    const document = await open('compose.yaml');
    const action = await codeAction(document.uri, rangeOf('compose.yaml', RULE), /^Explain/);
    assert.equal(action.command?.command, 'hardlint.explainRule');
    assert.deepEqual(action.command.arguments, [RULE]);
  });

  test('hovering over a finding shows why it matters', async () => {
    const document = await open('compose.yaml');
    const text = await until('the hover', async () => {
      const found = await diagnostic('compose.yaml', RULE);
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        found.range.start,
      );
      const contents = hovers
        .flatMap((hover) => hover.contents)
        .map((part) => (typeof part === 'string' ? part : part.value));
      return contents.find((part) => part.includes(RULE));
    });
    assert.match(text, /0400/);
  });
});
