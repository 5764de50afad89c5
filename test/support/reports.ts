import { reportFile } from '../../server/engine/file-report.ts';
import { buildReport, type Report } from '../../server/engine/report.ts';
import type { WorkspaceOptions } from '../../server/engine/workspace.ts';
import { toyWorkspace } from './toy.ts';
import { ROOT } from './workspace.ts';

/** The report on some toy files, with their fixes. */
export function toyReport(
  files: Readonly<Record<string, string>>,
  options: Partial<WorkspaceOptions> & {
    readonly notAnalysed?: readonly { readonly uri: string; readonly reason: string }[];
  } = {},
): Report {
  const { notAnalysed, ...workspaceOptions } = options;
  const workspace = toyWorkspace(files, workspaceOptions);
  const parts = workspace.uris().map((uri) => reportFile(uri, { workspace, root: ROOT, fixes: 'verified' }));
  return buildReport(parts, {
    root: ROOT,
    profile: 'recommended',
    date: '2026-11-24',
    ...(notAnalysed && { notAnalysed }),
  });
}
