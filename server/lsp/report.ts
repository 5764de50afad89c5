import {
  type CancellationToken,
  LSPErrorCodes,
  ResponseError,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver';
import { buildReport, type FileReport, type Report, reportFile } from '../engine/report.ts';
import { renderHtml } from '../report/html.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { isRecord } from './client-features.ts';
import { type Context, giveWay } from './context.ts';
import { REPORT_REQUEST, type ReportResult } from './protocol.ts';

/** Makes the hardening report of the whole workspace. It fails as a whole, and says so: half a report would look like a good one. */
export function registerReport(context: Context): void {
  context.connection.onRequest(
    REPORT_REQUEST,
    async (params: unknown, token: CancellationToken): Promise<ReportResult> => {
      const progress = context.connection.window.attachWorkDoneProgress(progressToken(params));
      progress.begin('Hardlint: scanning the workspace', 0, undefined, true);
      try {
        const report = await makeReport(context, progress, token);
        return { html: renderHtml(report), markdown: renderMarkdown(report), summary: report.summary };
      } finally {
        progress.done();
      }
    },
  );
}

async function makeReport(
  { session }: Context,
  progress: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<Report> {
  await session.scan({
    onProgress: (done, total) => progress.report((done / total) * 50, `reading, ${done} of ${total} files`),
    isCancelled: () => token.isCancellationRequested,
  });
  stopIfCancelled(token);
  const { workspace, skipped } = session;
  const root = session.roots[0] ?? '';
  const uris = workspace.uris();
  const files: FileReport[] = [];
  for (const [index, uri] of uris.entries()) {
    files.push(reportFile(uri, { workspace, root, fixes: 'verified' }));
    if (index % 10 === 0)
      progress.report(50 + (index / uris.length) * 50, `checking, ${index} of ${uris.length} files`);
    await giveWay();
    stopIfCancelled(token);
  }
  return buildReport(files, {
    root,
    profile: session.settings.profile ?? 'recommended',
    date: session.today,
    notAnalysed: skipped,
  });
}

function stopIfCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested)
    throw new ResponseError(LSPErrorCodes.RequestCancelled, 'The report was cancelled.');
}

function progressToken(params: unknown): string | number | undefined {
  const token = isRecord(params) ? params.workDoneToken : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}
