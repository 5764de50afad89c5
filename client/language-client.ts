import type { Disposable, ExtensionContext, LogOutputChannel } from 'vscode';
import {
  DocumentDiagnosticRequest,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import type { InitializationOptions } from '../server/lsp/protocol.ts';
import { COMMANDS } from './command-ids.ts';
import { DOCUMENT_SELECTOR, isSelected } from './selectors.ts';
import { readSettings, SECTION } from './settings.ts';

/** The connection to the server, which runs in a process of its own. Not started yet. */
export function createLanguageClient(context: ExtensionContext, output: LogOutputChannel): LanguageClient {
  const server = {
    module: context.asAbsolutePath('dist/server.js'),
    transport: TransportKind.ipc,
    // A keystroke makes a tree that the next one throws away: with more room for young objects fewer of them are moved first.
    options: { execArgv: ['--max-semi-space-size=32'] },
  };
  return new LanguageClient(SECTION, 'Hardlint', { run: server, debug: server }, clientOptions(output));
}

/**
 * Asks for all diagnostics once more whenever the server has started. The client's first questions overtake its news of open
 * documents, so their answers tell of the files as they are on the disk, not of what has been typed since they were saved.
 */
export function askAgainWhenStarted(client: LanguageClient): Disposable {
  return client.onDidChangeState(async ({ newState }) => {
    if (newState !== State.Running) return;
    await client.start();
    client.getFeature(DocumentDiagnosticRequest.method).refresh();
  });
}

function clientOptions(output: LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: [...DOCUMENT_SELECTOR],
    outputChannel: output,
    // A linter that fails must not get in the way; the status item says so.
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: (): InitializationOptions => ({
      commands: [COMMANDS.explainRule],
      settings: readSettings(),
    }),
    diagnosticPullOptions: {
      onChange: true,
      onSave: true,
      onTabs: true,
      match: (_selector, resource) => isSelected(resource),
    },
    markdown: { isTrusted: { enabledCommands: [COMMANDS.explainRule] } },
  };
}
