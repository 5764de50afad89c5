import { CancellationError, commands, type Progress, type ProgressLocation, window } from 'vscode';
import {
  type LanguageClient,
  LSPErrorCodes,
  ResponseError,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import { REPORT_REQUEST, type ReportParams, type ReportResult } from '../server/lsp/protocol.ts';
import { COMMANDS } from './command-ids.ts';

/** Has the whole workspace scanned; undefined where the user cancels it or it fails, which is shown. */
export async function requestReport(
  client: LanguageClient,
  location: ProgressLocation,
): Promise<ReportResult | undefined> {
  const title = 'Hardlint: scanning the workspace';
  try {
    return await window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      const params: ReportParams = { workDoneToken: `hardlint-report-${Date.now()}` };
      const listener = client.onProgress(
        WorkDoneProgress.type,
        params.workDoneToken ?? '',
        forwardTo(progress),
      );
      try {
        return await client.sendRequest<ReportResult>(REPORT_REQUEST, params, token);
      } finally {
        listener.dispose();
      }
    });
  } catch (error) {
    if (!isCancelled(error)) showFailure(error);
    return undefined;
  }
}

type ServerProgress = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

/** The server says how far it is, VS Code wants to know how much further. */
function forwardTo(
  progress: Progress<{ message?: string; increment?: number }>,
): (value: ServerProgress) => void {
  let reached = 0;
  return (value) => {
    if (value.kind === 'end') return;
    const increment = value.percentage === undefined ? 0 : value.percentage - reached;
    reached += increment;
    progress.report({ increment, ...(value.message && { message: value.message }) });
  };
}

function isCancelled(error: unknown): boolean {
  if (error instanceof CancellationError) return true;
  return (
    error instanceof ResponseError &&
    [LSPErrorCodes.RequestCancelled, LSPErrorCodes.ServerCancelled].includes(error.code)
  );
}

async function showFailure(error: unknown): Promise<void> {
  const showOutput = 'Show Output';
  const message = `The hardening report could not be made: ${error instanceof Error ? error.message : String(error)}`;
  if ((await window.showErrorMessage(message, showOutput)) === showOutput)
    await commands.executeCommand(COMMANDS.showOutput);
}
