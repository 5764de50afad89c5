import {
  type CancellationToken,
  type DocumentDiagnosticReport,
  type FullDocumentDiagnosticReport,
  LSPErrorCodes,
  ResponseError,
  type ResultProgressReporter,
  type UnchangedDocumentDiagnosticReport,
  type WorkspaceDiagnosticParams,
  type WorkspaceDiagnosticReport,
  type WorkspaceDiagnosticReportPartialResult,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { normaliseUri } from '../../syntaxes/uri.ts';
import { batched } from './batched.ts';
import { type Context, guarded, Pace, quietly } from './context.ts';
import { sendStatus } from './status.ts';

/** How many files' diagnostics go out in one message. */
const CHUNK = 100;

/** How long it waits for more to change before it looks. */
const SETTLE_MS = 300;

type Report = FullDocumentDiagnosticReport | UnchangedDocumentDiagnosticReport;

/** Answers editors that ask for diagnostics. */
export function registerPullDiagnostics(context: Context): void {
  const { connection, session } = context;
  const changes = new Changes(context);
  connection.languages.diagnostics.on((params, token) =>
    guarded<DocumentDiagnosticReport>(context, 'Diagnostics', { kind: 'full', items: [] }, async () => {
      const uri = normaliseUri(params.textDocument.uri);
      await session.isReadable(uri, token);
      await session.prepare(uri);
      const start = performance.now();
      const report = reportOf(context, uri, params.previousResultId);
      if (session.documents.has(uri)) sendStatus(context, uri, performance.now() - start);
      return report;
    }),
  );
  connection.languages.diagnostics.onWorkspace(async (params, token, _progress, partial) => {
    const report = await guarded(context, 'Workspace diagnostics', { items: [] }, () =>
      workspaceReport(context, changes, params, token, partial),
    );
    if (token.isCancellationRequested)
      throw new ResponseError(LSPErrorCodes.RequestCancelled, 'The request was cancelled.');
    return report;
  });
  refreshWhenOthersChange(context);
}

/**
 * Reports what differs from what the editor has. Where nothing does, the request is held until something changes: an editor asks
 * again as soon as it has an answer.
 */
async function workspaceReport(
  context: Context,
  changes: Changes,
  params: WorkspaceDiagnosticParams,
  token: CancellationToken,
  partial: ResultProgressReporter<WorkspaceDiagnosticReportPartialResult> | undefined,
): Promise<WorkspaceDiagnosticReport> {
  const previous = new Map(params.previousResultIds.map(({ uri, value }) => [normaliseUri(uri), value]));
  for (;;) {
    const seen = changes.count;
    const items = await newItems(context, previous, token, partial);
    // An editor that takes no partial results may ask only once, and waits for the answer.
    if (items.some((item) => item.kind === 'full') || !partial || token.isCancellationRequested)
      return { items };
    await changes.after(seen, token);
  }
}

/** The last chunk of what is new; those before it go out as partial results. */
async function newItems(
  context: Context,
  previous: ReadonlyMap<string, string>,
  token: CancellationToken,
  partial: ResultProgressReporter<WorkspaceDiagnosticReportPartialResult> | undefined,
): Promise<WorkspaceDocumentDiagnosticReport[]> {
  let chunk: WorkspaceDocumentDiagnosticReport[] = [];
  const pace = new Pace();
  for (const uri of filesToReport(context, previous)) {
    await pace.step();
    if (token.isCancellationRequested) return chunk;
    const item = workspaceItem(context, uri, previous.get(uri));
    if (!item) continue;
    if (partial && chunk.length >= CHUNK) {
      partial.report({ items: chunk });
      chunk = [];
    }
    chunk.push(item);
  }
  return chunk;
}

/** All files of the workspace, and those that the editor still has diagnostics of. */
function filesToReport({ session }: Context, previous: ReadonlyMap<string, string>): readonly string[] {
  const all = session.settings.diagnostics === 'open' ? session.documents.uris() : session.workspace.uris();
  return [...new Set([...all, ...previous.keys()])];
}

function workspaceItem(
  context: Context,
  uri: string,
  previousId: string | undefined,
): WorkspaceDocumentDiagnosticReport | undefined {
  const { session } = context;
  const isShown = session.settings.diagnostics !== 'open' || session.documents.has(uri);
  const report: Report = isShown ? reportOf(context, uri, previousId) : { kind: 'full', items: [] };
  if (report.kind === 'full' && report.items.length === 0 && previousId === undefined) return undefined;
  return { ...report, uri: session.documents.clientUri(uri), version: session.documents.versionOf(uri) };
}

function reportOf({ diagnostics }: Context, uri: string, previousId: string | undefined): Report {
  const resultId = diagnostics.resultId(uri);
  if (resultId === previousId) return { kind: 'unchanged', resultId };
  return { kind: 'full', resultId, items: diagnostics.diagnostics(uri) };
}

/** An edit that changes what other files' findings rest on makes the editor ask for those again, and no other edit does. */
function refreshWhenOthersChange({ connection, client, session }: Context): void {
  if (!client.refreshesDiagnostics) return;
  const refresh = batched(SETTLE_MS, () => {
    void quietly(() => connection.languages.diagnostics.refresh());
  });
  session.onChange((change) => {
    if (change === 'all') refresh();
  });
}

/** Counts what may change the diagnostics of files that are not being edited, and lets one wait for the next such change. */
class Changes {
  readonly #waiting = new Set<() => void>();
  #count = 0;

  constructor({ session }: Context) {
    session.onChange((change) => {
      if (change !== 'all' && change.every((uri) => session.documents.has(uri))) return;
      this.#count++;
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    });
  }

  get count(): number {
    return this.#count;
  }

  /** Waits until there was a change after the one numbered `seen`, and things have settled. */
  async after(seen: number, token: CancellationToken): Promise<void> {
    if (this.#count === seen) {
      await new Promise<void>((resolve) => {
        const cancelled = token.onCancellationRequested(() => wake());
        const wake = () => {
          cancelled.dispose();
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
    if (!token.isCancellationRequested) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}
