import { commands, type ExtensionContext, window } from 'vscode';
import { COMMANDS, FIX_ALL_KIND } from './command-ids.ts';
import { registerExplain } from './explain.ts';
import { askAgainWhenStarted, createLanguageClient } from './language-client.ts';
import { registerReport } from './report.ts';
import { registerStatus } from './status.ts';

/** Called by VS Code when a workspace or a file concerns hardlint. */
export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel('Hardlint', { log: true });
  const client = createLanguageClient(context, output);
  context.subscriptions.push(
    output,
    // VS Code does not wait for it; the server ends with its connection in any case.
    { dispose: () => client.dispose() },
    askAgainWhenStarted(client),
    registerStatus(client),
    registerReport(client),
    registerExplain(client),
    commands.registerCommand(COMMANDS.restartServer, () => client.restart()),
    commands.registerCommand(COMMANDS.showOutput, () => output.show()),
    commands.registerCommand(COMMANDS.fixAllInFile, fixAllInFile),
  );
  await client.start();
}

function fixAllInFile(): Thenable<unknown> {
  return commands.executeCommand('editor.action.codeAction', { kind: FIX_ALL_KIND, apply: 'first' });
}
