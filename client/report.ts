import { commands, Disposable, env, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { ReportResult } from '../server/lsp/protocol.ts';
import { COMMANDS } from './command-ids.ts';
import { standalonePage } from './report-page.ts';
import { ReportPanel } from './report-panel.ts';
import { requestReport } from './report-request.ts';

/** The command that shows the report over the whole workspace, and what can be done with it while it is open. */
export function registerReport(client: LanguageClient): Disposable {
  let panel: ReportPanel | undefined;

  const show = async () => {
    if (!workspace.workspaceFolders?.length) {
      window.showInformationMessage('Open a folder first: the hardening report covers a workspace.');
      return undefined;
    }
    const report = await requestReport(client, ProgressLocation.Notification);
    if (!report) return undefined;
    if (!panel) {
      panel = new ReportPanel(client, report);
      panel.onDidDispose(() => {
        panel = undefined;
      });
    } else {
      panel.show(report);
      panel.reveal();
    }
    return report.summary;
  };

  return Disposable.from(
    commands.registerCommand(COMMANDS.showReport, show),
    commands.registerCommand(COMMANDS.refreshReport, () => panel?.refresh()),
    commands.registerCommand(COMMANDS.copyReportAsMarkdown, () => panel && copyAsMarkdown(panel.report)),
    commands.registerCommand(
      COMMANDS.saveReportAsHtml,
      (target?: unknown) => panel && saveAsHtml(panel.report, target),
    ),
    { dispose: () => panel?.dispose() },
  );
}

const MESSAGE_MILLISECONDS = 5000;

async function copyAsMarkdown(report: ReportResult): Promise<void> {
  await env.clipboard.writeText(report.markdown);
  window.setStatusBarMessage('The hardening report is on the clipboard as Markdown.', MESSAGE_MILLISECONDS);
}

/** Asks where to, unless another extension or a key binding says it. */
async function saveAsHtml(report: ReportResult, target: unknown): Promise<void> {
  const uri =
    target instanceof Uri
      ? target
      : await window.showSaveDialog({ defaultUri: defaultUri(), filters: { HTML: ['html'] } });
  if (!uri) return;
  const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri.toString());
  await workspace.fs.writeFile(uri, new TextEncoder().encode(standalonePage(report.html, folders)));
  window.setStatusBarMessage(
    `The hardening report is in ${workspace.asRelativePath(uri)}.`,
    MESSAGE_MILLISECONDS,
  );
}

function defaultUri(): Uri | undefined {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  return folder && Uri.joinPath(folder, 'hardening-report.html');
}
