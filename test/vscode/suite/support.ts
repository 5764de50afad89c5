import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** The folder that the suite has open: a copy of fixtures/workspace. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, 'no folder is open');
  return folder;
}

/** A file of the workspace. */
export function at(path: string): vscode.Uri {
  return vscode.Uri.joinPath(workspaceFolder(), path);
}

/** Opens a file of the workspace in an editor. */
export async function open(path: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(at(path));
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
}

/** Takes back what a test has typed, and closes all editors. */
export async function revertAll(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty || document.uri.scheme !== 'file') continue;
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Asks until there is an answer: everything in an editor comes some time later. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Our diagnostics of a file. */
export function diagnostics(path: string): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(at(path)).filter((diagnostic) => diagnostic.source === 'hardlint');
}

/** The rule that a diagnostic names. */
export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** Waits for a diagnostic of a rule. */
export function diagnostic(path: string, rule: string): Promise<vscode.Diagnostic> {
  return until(`${rule} in ${path}`, () => diagnostics(path).find((candidate) => ruleOf(candidate) === rule));
}

/** Waits until a file has no diagnostic of a rule. */
export async function noDiagnostic(path: string, rule: string): Promise<void> {
  await until(`${rule} to go from ${path}`, () =>
    diagnostics(path).every((candidate) => ruleOf(candidate) !== rule),
  );
}

/** Where the diagnostic of a rule is now. */
export function rangeOf(path: string, rule: string): () => vscode.Range | undefined {
  return () => diagnostics(path).find((candidate) => ruleOf(candidate) === rule)?.range;
}

/**
 * Waits until a code action is offered at a place. VS Code may answer with nothing right after a document has changed, and the
 * diagnostic may still move then, so its place is looked up each time.
 */
export function codeAction(
  uri: vscode.Uri,
  place: () => vscode.Range | undefined,
  title: string | RegExp,
  kind = vscode.CodeActionKind.QuickFix,
): Promise<vscode.CodeAction> {
  let titles: string[] = [];
  const ask = async () => {
    const range = place();
    const actions = range ? await codeActions(uri, range, kind) : [];
    titles = actions.map((action) => action.title);
    return actions.find((action) =>
      typeof title === 'string' ? action.title === title : title.test(action.title),
    );
  };
  return until(`the code action ${title}`, ask).catch((error: Error) => {
    throw new Error(`${error.message} Offered: ${titles.join(' | ') || 'nothing'}`);
  });
}

/** All code actions of a kind that are offered at a place. */
export function codeActions(
  uri: vscode.Uri,
  range: vscode.Range,
  kind: vscode.CodeActionKind,
): Thenable<vscode.CodeAction[]> {
  const resolveAll = 100;
  return vscode.commands.executeCommand(
    'vscode.executeCodeActionProvider',
    uri,
    range,
    kind.value,
    resolveAll,
  );
}

/** Applies the edit of a code action. */
export async function apply(action: vscode.CodeAction): Promise<void> {
  assert.ok(action.edit, `"${action.title}" has no edit`);
  assert.ok(await vscode.workspace.applyEdit(action.edit), `"${action.title}" could not be applied`);
}

/** Replaces the whole text of a document, as typing does. */
export async function type(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

/** Writes a file behind the editor's back. */
export function write(path: string, text: string): Thenable<void> {
  return vscode.workspace.fs.writeFile(at(path), new TextEncoder().encode(text));
}

/** Labels of all open tabs. */
export function tabs(): string[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
}
