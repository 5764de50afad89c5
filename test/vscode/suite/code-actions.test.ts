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
  type,
  until,
} from './support.ts';

const RULE = 'compose/secret-world-readable';
const REFACTOR = 'refactor.rewrite.hardlint';

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

  test('"Harden this service" is a refactoring anywhere in a service', async () => {
    const document = await open('compose.yaml');
    const before = document.getText();
    await diagnostic('compose.yaml', RULE);
    const action = await codeAction(
      document.uri,
      placeOf(document, 'POOL_SIZE'),
      'Harden this service',
      vscode.CodeActionKind.Refactor,
    );
    assert.equal(action.kind?.value, REFACTOR);
    await applyAll(action);
    const [, web = '', others = ''] =
      /^( {2}web:[\s\S]*?)(\n {2}worker:[\s\S]*)$/m.exec(document.getText()) ?? [];
    assert.match(web, /mode: 0400 # the app reads it as any user/);
    assert.match(web, /no-new-privileges:true/);
    assert.match(web, /cap_drop/);
    assert.ok(before.endsWith(others), 'another service was changed');
  });

  test('VS Code shows the parts of that refactoring, with those to review left out', async () => {
    const document = await open('compose.yaml');
    await diagnostic('compose.yaml', RULE);
    const place = placeOf(document, 'POOL_SIZE');
    await codeAction(document.uri, place, 'Harden this service', vscode.CodeActionKind.Refactor);
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(place().start, place().start);
    void vscode.commands.executeCommand('editor.action.refactor', { kind: REFACTOR, apply: 'first' });
    await until('the preview to be taken', async () => {
      await vscode.commands.executeCommand('refactorPreview.apply');
      return document.isDirty;
    });
    assert.match(document.getText(), /mode: 0400 # the app reads it as any user/);
    assert.match(document.getText(), /no-new-privileges:true/);
    assert.ok(!document.getText().includes('cap_drop'), 'a part was made that nobody has confirmed');
  });

  test('"Harden this image" is a refactoring anywhere in a Dockerfile', async () => {
    const document = await open('app/Dockerfile');
    await type(document, document.getText().replace('COPY dist', 'ADD dist'));
    await diagnostic('app/Dockerfile', 'dockerfile/add-instead-of-copy');
    await applyAll(
      await codeAction(
        document.uri,
        placeOf(document, 'npm ci'),
        'Harden this image',
        vscode.CodeActionKind.Refactor.append('rewrite'),
      ),
    );
    assert.match(document.getText(), /^COPY dist/m);
    assert.match(document.getText(), /^USER /m);
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

function placeOf(document: vscode.TextDocument, word: string): () => vscode.Range {
  return () => {
    const at = document.positionAt(document.getText().indexOf(word));
    return new vscode.Range(at, at);
  };
}

/** Applies all of an edit, also what VS Code would first ask about. */
async function applyAll({ edit, title }: vscode.CodeAction): Promise<void> {
  const all = new vscode.WorkspaceEdit();
  for (const [uri, edits] of edit?.entries() ?? []) all.set(uri, edits);
  assert.ok(all.size > 0, `"${title}" has no edit`);
  assert.ok(await vscode.workspace.applyEdit(all), `"${title}" could not be applied`);
}
