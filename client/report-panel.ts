import {
  commands,
  Position,
  ProgressLocation,
  Range,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { FIX_REQUEST, type FixParams, type FixResult, type ReportResult } from '../server/lsp/protocol.ts';
import { COMMANDS, REPORT_VIEW_TYPE } from './command-ids.ts';
import { webviewPage } from './report-page.ts';
import { requestReport } from './report-request.ts';

/** What the page says when something is clicked. */
type PageMessage =
  | (FixParams & { readonly type: 'fix' })
  | (Place & { readonly type: 'open' })
  | { readonly type: 'explain'; readonly rule: string };

/** A place in a file; line and column count from 1. */
interface Place {
  readonly uri: string;
  readonly line: number;
  readonly column: number;
}

/** The open report. */
export class ReportPanel {
  readonly #client: LanguageClient;
  readonly #panel: WebviewPanel;
  readonly onDidDispose: WebviewPanel['onDidDispose'];
  #report: ReportResult;

  constructor(client: LanguageClient, report: ReportResult) {
    this.#client = client;
    this.#report = report;
    this.#panel = window.createWebviewPanel(REPORT_VIEW_TYPE, 'Hardening Report', ViewColumn.Active, {
      enableScripts: true,
      enableFindWidget: true,
      localResourceRoots: [],
    });
    this.onDidDispose = this.#panel.onDidDispose;
    this.#panel.webview.onDidReceiveMessage((message: PageMessage) => this.#act(message));
    this.show(report);
  }

  /** What is shown at the moment. */
  get report(): ReportResult {
    return this.#report;
  }

  show(report: ReportResult): void {
    this.#report = report;
    this.#panel.webview.html = webviewPage(report.html);
  }

  reveal(): void {
    this.#panel.reveal();
  }

  /** Scans again; what is shown stays where that is cancelled or fails. */
  async refresh(): Promise<void> {
    const report = await requestReport(this.#client, ProgressLocation.Window);
    if (report) this.show(report);
  }

  dispose(): void {
    this.#panel.dispose();
  }

  async #act(message: PageMessage): Promise<void> {
    if (message.type === 'fix') await this.#fix(message);
    else if (message.type === 'open') await this.#open(message);
    else await commands.executeCommand(COMMANDS.explainRule, message.rule);
  }

  async #open({ uri, line, column }: Place): Promise<void> {
    const position = new Position(Math.max(0, line - 1), Math.max(0, column - 1));
    try {
      await window.showTextDocument(Uri.parse(uri), {
        viewColumn: this.#otherColumn(),
        selection: new Range(position, position),
      });
    } catch (error) {
      window.showErrorMessage(
        `The file could not be opened: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Applies the fix to the document but does not save it, so that it can be looked at and undone. */
  async #fix({ uri, rule, place }: FixParams): Promise<void> {
    const params: FixParams = { uri, rule, place };
    const result = await this.#client.sendRequest<FixResult>(FIX_REQUEST, params);
    const edit = await this.#client.protocol2CodeConverter.asWorkspaceEdit(result);
    if (!edit) {
      window.showInformationMessage(
        'This finding has no safe fix any more: the file has changed since the report was made.',
      );
    } else if (await workspace.applyEdit(edit)) {
      const first = edit.entries()[0]?.[1][0]?.range;
      await window.showTextDocument(Uri.parse(uri), {
        viewColumn: this.#otherColumn(),
        preserveFocus: true,
        ...(first && { selection: first }),
      });
    }
    await this.refresh();
  }

  /** Beside the report, always in the same column, so that clicks do not open one column after another. */
  #otherColumn(): ViewColumn {
    return this.#panel.viewColumn === ViewColumn.One ? ViewColumn.Two : ViewColumn.One;
  }
}
