import type { ExtensionContext, LogOutputChannel } from 'vscode';
import {
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  TransportKind,
} from 'vscode-languageclient/node';
import type { InitializationOptions } from '../server/lsp/protocol.ts';
import { COMMANDS } from './command-ids.ts';
import { DOCUMENT_SELECTOR, isSelected } from './selectors.ts';
import { readSettings, SECTION } from './settings.ts';

/** The connection to the server, which runs in a process of its own. Not started yet. */
export function createLanguageClient(context: ExtensionContext, output: LogOutputChannel): LanguageClient {
  const server = { module: context.asAbsolutePath('dist/server.js'), transport: TransportKind.ipc };
  return new LanguageClient(SECTION, 'Hardlint', { run: server, debug: server }, clientOptions(output));
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
    synchronize: { configurationSection: SECTION },
    diagnosticPullOptions: {
      onChange: true,
      onSave: true,
      onTabs: true,
      match: (_selector, resource) => isSelected(resource),
    },
    markdown: { isTrusted: { enabledCommands: [COMMANDS.explainRule] } },
  };
}
