import {
  commands,
  type Diagnostic,
  Disposable,
  languages,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { EXPLAIN_REQUEST, type ExplainParams, type ExplainResult } from '../server/lsp/protocol.ts';
import { COMMANDS } from './command-ids.ts';

/** The scheme of documents that hold a rule's documentation: `hardlint-rule:/nginx/hsts-missing.md`. */
const SCHEME = 'hardlint-rule';

/** The source of our diagnostics. */
const SOURCE = 'hardlint';

/** The command that shows a rule's documentation as a Markdown preview. */
export function registerExplain(client: LanguageClient): Disposable {
  return Disposable.from(
    workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: async (uri, token) => {
        const params: ExplainParams = { rule: ruleOf(uri) };
        const markdown = await client.sendRequest<ExplainResult>(EXPLAIN_REQUEST, params, token);
        return markdown ?? `There is no rule \`${params.rule}\`.`;
      },
    }),
    commands.registerCommand(COMMANDS.explainRule, async (asked?: unknown) => {
      const rule = typeof asked === 'string' ? asked : await chooseRule(window.activeTextEditor);
      if (rule !== undefined) await commands.executeCommand('markdown.showPreviewToSide', uriOf(rule));
    }),
  );
}

/** The rule of the finding at the cursor; where there are several or none, one of all that are shown at the moment. */
async function chooseRule(editor: TextEditor | undefined): Promise<string | undefined> {
  const atCursor = editor
    ? rulesOf(languages.getDiagnostics(editor.document.uri).filter((finding) => isAtCursor(editor, finding)))
    : [];
  if (atCursor.length === 1) return atCursor[0];
  const choices =
    atCursor.length > 0 ? atCursor : rulesOf(languages.getDiagnostics().flatMap(([, findings]) => findings));
  if (choices.length > 0) return window.showQuickPick(choices, { placeHolder: 'Which rule?' });
  window.showInformationMessage('Hardlint shows no finding whose rule could be explained.');
  return undefined;
}

function rulesOf(diagnostics: readonly Diagnostic[]): string[] {
  const codes = diagnostics.filter((diagnostic) => diagnostic.source === SOURCE).map(codeOf);
  return [...new Set(codes)].filter((code) => code.includes('/')).sort();
}

function codeOf({ code }: Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

function isAtCursor(editor: TextEditor, diagnostic: Diagnostic): boolean {
  return diagnostic.range.intersection(editor.selection) !== undefined;
}

function uriOf(rule: string): Uri {
  return Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
}

function ruleOf(uri: Uri): string {
  return uri.path.replace(/^\/|\.md$/g, '');
}
