import {
  type CancellationToken,
  LSPErrorCodes,
  ResponseError,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver';
import { type FileReport, reportFile, workingFixes } from '../engine/file-report.ts';
import { findingKey } from '../engine/fixes-of-file.ts';
import { buildReport, type Report, type ReportFinding } from '../engine/report.ts';
import { byUrgency, filesOf } from '../engine/report-views.ts';
import type { Workspace } from '../engine/workspace.ts';
import { renderHtml } from '../report/html.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { isRecord } from './client-features.ts';
import { type Context, Pace } from './context.ts';
import { REPORT_REQUEST, type ReportResult } from './protocol.ts';

/**
 * Of how many findings fixes are tried. Each takes as long as checking its file again, and nobody clicks through more in one report.
 */
const MAX_FIXED = 2_000;

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
    onProgress: (done, total) => progress.report((done / total) * 40, `reading, ${done} of ${total} files`),
    isCancelled: () => token.isCancellationRequested,
  });
  stopIfCancelled(token);
  const { workspace, skipped } = session;
  const root = session.roots[0] ?? '';
  const uris = workspace.uris();
  const files: FileReport[] = [];
  const pace = new Pace();
  for (const [index, uri] of uris.entries()) {
    files.push(reportFile(uri, { workspace, root, fixes: 'none' }));
    if (index % 10 === 0)
      progress.report(40 + (index / uris.length) * 20, `checking, ${index} of ${uris.length} files`);
    await pace.step();
    stopIfCancelled(token);
  }
  const report = buildReport(files, {
    root,
    profile: session.settings.profile ?? 'recommended',
    date: session.today,
    notAnalysed: skipped,
  });
  return withFixes(report, workspace, progress, token);
}

/** Adds the fixes of the findings that matter most. */
async function withFixes(
  report: Report,
  workspace: Workspace,
  progress: WorkDoneProgressReporter,
  token: CancellationToken,
): Promise<Report> {
  const chosen = new Set([...report.findings].sort(byUrgency).slice(0, MAX_FIXED));
  const sections = filesOf(report.findings);
  const findings: ReportFinding[] = [];
  const pace = new Pace();
  for (const [index, section] of sections.entries()) {
    const tried = section.findings.filter((finding) => chosen.has(finding));
    const [first] = tried;
    const fixes = first && workingFixes(first.uri, tried, { workspace, root: report.root });
    findings.push(
      ...section.findings.map((finding) => ({ ...finding, fixes: fixes?.get(findingKey(finding)) ?? [] })),
    );
    progress.report(
      60 + (index / sections.length) * 40,
      `trying fixes, ${index} of ${sections.length} files`,
    );
    await pace.step();
    stopIfCancelled(token);
  }
  return { ...report, findings };
}

function stopIfCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested)
    throw new ResponseError(LSPErrorCodes.RequestCancelled, 'The report was cancelled.');
}

function progressToken(params: unknown): string | number | undefined {
  const token = isRecord(params) ? params.workDoneToken : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}
