import {
  Disposable,
  LanguageStatusSeverity,
  languages,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import { type LanguageClient, State } from 'vscode-languageclient/node';
import { STATUS_NOTIFICATION, type StatusParams } from '../server/lsp/protocol.ts';
import { COMMANDS } from './command-ids.ts';
import { DOCUMENT_SELECTOR } from './selectors.ts';

/** The language status item: what hardlint has done with the file in the active editor. */
export function registerStatus(client: LanguageClient): Disposable {
  const item = languages.createLanguageStatusItem('hardlint.status', [...DOCUMENT_SELECTOR]);
  item.name = 'Hardlint';
  item.command = { command: COMMANDS.showOutput, title: 'Show Output' };
  const byDocument = new Map<string, StatusParams>();

  const show = () => {
    const { text, detail, severity } = presentation(
      client.state,
      statusOf(window.activeTextEditor, byDocument),
    );
    item.text = text;
    item.detail = detail;
    item.severity = severity;
    item.busy = client.state === State.Starting;
  };
  show();

  return Disposable.from(
    item,
    client.onNotification(STATUS_NOTIFICATION, (status: StatusParams) => {
      byDocument.set(keyOf(status.uri), status);
      show();
    }),
    client.onDidChangeState(show),
    window.onDidChangeActiveTextEditor(show),
    workspace.onDidCloseTextDocument((document) => byDocument.delete(document.uri.toString())),
  );
}

interface Presentation {
  readonly text: string;
  readonly detail?: string;
  readonly severity: LanguageStatusSeverity;
}

function presentation(state: State, status: StatusParams | undefined): Presentation {
  if (state === State.Starting)
    return { text: 'Hardlint is starting', severity: LanguageStatusSeverity.Information };
  if (state !== State.Running)
    return { text: 'Hardlint is not running', severity: LanguageStatusSeverity.Error };
  if (!status) return { text: 'Hardlint: nothing to check', severity: LanguageStatusSeverity.Information };
  if (status.notAnalysed !== undefined) {
    return {
      text: 'Hardlint: not analysed',
      detail: status.notAnalysed,
      severity: LanguageStatusSeverity.Warning,
    };
  }
  const text = `Hardlint: ${status.rules} ${status.rules === 1 ? 'rule' : 'rules'}`;
  const detail = [...mutedDetail(status.muted), configurationDetail(status), durationDetail(status)].join(
    ', ',
  );
  return {
    text,
    detail,
    severity: status.muted.length > 0 ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information,
  };
}

function mutedDetail(muted: readonly string[]): string[] {
  return muted.length === 0 ? [] : [`failed on this file: ${muted.join(', ')}`];
}

function configurationDetail({ configuration }: StatusParams): string {
  return configuration.length === 0 ? 'no configuration file' : configuration.join(' and ');
}

function durationDetail({ milliseconds }: StatusParams): string {
  return milliseconds < 1 ? 'under 1 ms' : `${Math.round(milliseconds)} ms`;
}

function statusOf(
  editor: TextEditor | undefined,
  byDocument: ReadonlyMap<string, StatusParams>,
): StatusParams | undefined {
  return editor && byDocument.get(editor.document.uri.toString());
}

/** VS Code's own spelling of a URI: the server's may encode other characters. */
function keyOf(uri: string): string {
  return Uri.parse(uri).toString();
}
