import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';
import type { Syntax } from '../../syntaxes/document.ts';
import { basename } from '../../syntaxes/uri.ts';
import { configSchema } from '../engine/config-schema.ts';
import { configInvalid, ENGINE_RULES } from '../engine/engine-rules.ts';
import { type FileReport, reportFile, workingFixes } from '../engine/file-report.ts';
import { findingKey } from '../engine/fixes-of-file.ts';
import { buildReport, type Report } from '../engine/report.ts';
import { byUrgency, filesOf } from '../engine/report-views.ts';
import { Workspace } from '../engine/workspace.ts';
import type { Host, NotAnalysed } from '../host/host.ts';
import { loadWorkspace } from '../host/load.ts';
import type { ScanArgs } from './args.ts';
import type { FormatName } from './format/names.ts';
import { resolveTargets, type Targets, uriOfPath } from './targets.ts';
import { UsageError } from './usage-error.ts';

/** What hardlint knows: its rules and the languages that they read. */
export interface Catalogue {
  readonly rules: readonly Rule[];
  readonly extractors: readonly Extractor[];
  readonly syntaxes: readonly Syntax[];
}

export interface ScanOptions {
  readonly args: ScanArgs;
  readonly cwd: string;
  readonly host: Host;
  readonly catalogue: Catalogue;
  /** Today as `2027-01-31`. */
  readonly today: string;
  readonly onProgress: (done: number, total: number) => void;
}

/** A workspace that has been read. */
export interface LoadedScan {
  readonly workspace: Workspace;
  readonly targets: Targets;
  readonly notAnalysed: readonly NotAnalysed[];
}

/** Reads everything that the paths name. */
export async function loadScan(options: ScanOptions): Promise<LoadedScan> {
  const { args, cwd, host, catalogue } = options;
  const targets = await resolveTargets(host, cwd, args.paths);
  const explicit = args.config === undefined ? undefined : uriOfPath(cwd, args.config);
  const workspace = new Workspace({
    ...catalogue,
    schema: () => configSchema(catalogue.rules),
    roots: targets.roots,
    profile: args.profile,
    today: () => options.today,
    ...(explicit !== undefined && { explicit }),
    ...(args.rules && { only: args.rules.filter((id) => !ENGINE_RULES.some((rule) => rule.id === id)) }),
  });
  const { notAnalysed } = await loadWorkspace({
    host: {
      list: (root) => host.list(root),
      read: (uri) => host.read(uri),
      ...(args.fileModes && host.mode && { mode: host.mode }),
    },
    workspace,
    extra: [...targets.configsAbove, ...targets.files],
    onProgress: options.onProgress,
  });
  if (explicit !== undefined && workspace.textOf(explicit) === undefined) {
    const reason = notAnalysed.find(({ uri }) => uri === explicit)?.reason ?? 'does not exist';
    throw new UsageError(`The configuration file \`${args.config}\` cannot be used: ${reason}.`);
  }
  const unknown = targets.files
    .filter((uri) => workspace.textOf(uri) !== undefined && !workspace.isAnalysed(uri))
    .map((uri) => ({ uri, reason: 'not a kind of file that hardlint reads' }));
  return {
    workspace,
    targets,
    notAnalysed: [...notAnalysed.filter(({ uri }) => isWanted(workspace, targets, uri)), ...unknown],
  };
}

/** The files that were asked for, and the configuration, whose mistakes concern all of them. */
export function wantedFiles({ workspace, targets }: LoadedScan): readonly string[] {
  return workspace.uris().filter((uri) => isWanted(workspace, targets, uri));
}

export interface ScanResult {
  readonly report: Report;
  /** Whether a configuration file says something that hardlint does not know. */
  readonly configIsWrong: boolean;
}

/** Checks everything that was asked for. */
export function checkScan(scan: LoadedScan, { args, today }: ScanOptions): ScanResult {
  const { workspace, targets } = scan;
  const root = targets.base;
  const limit = fixLimit(args.format);
  const fixes = limit === Number.POSITIVE_INFINITY ? 'verified' : 'none';
  const files = wantedFiles(scan).map((uri) => reportFile(uri, { workspace, root, fixes }));
  const configIsWrong = files.some((file) =>
    file.findings.some((finding) => finding.rule === configInvalid.id),
  );
  const shown = args.rules ? files.map((file) => only(file, args.rules ?? [])) : files;
  const report = buildReport(shown, {
    name: targets.roots.map(basename).join(', '),
    root,
    profile: args.profile,
    date: today,
    notAnalysed: scan.notAnalysed,
  });
  return { report: fixes === 'none' ? withSomeFixes(report, workspace, limit) : report, configIsWrong };
}

/** Of how many findings fixes are tried: of all where a format lists them, else of those that matter most. */
export function fixLimit(format: FormatName): number {
  return LIMITS[format] ?? Number.POSITIVE_INFINITY;
}

/**
 * Trying a fix takes as long as checking its file again, so a scan of thousands of files would spend most of its time on fixes
 * that the format only counts, names a few of or does not show at all.
 */
const LIMITS: Partial<Readonly<Record<FormatName, number>>> = { pretty: 200, markdown: 60, github: 0 };

/** Adds the fixes of the findings that matter most. */
function withSomeFixes(report: Report, workspace: Workspace, limit: number): Report {
  const chosen = new Set([...report.findings].sort(byUrgency).slice(0, limit));
  const findings = filesOf(report.findings).flatMap(({ findings: inFile }) => {
    const tried = inFile.filter((finding) => chosen.has(finding));
    const [first] = tried;
    if (!first) return inFile;
    const fixes = workingFixes(first.uri, tried, { workspace, root: report.root });
    return inFile.map((finding) => ({ ...finding, fixes: fixes.get(findingKey(finding)) ?? [] }));
  });
  return { ...report, findings };
}

function only(file: FileReport, rules: readonly string[]): FileReport {
  return {
    ...file,
    findings: file.findings.filter((finding) => rules.includes(finding.rule)),
    suppressed: file.suppressed.filter(({ finding }) => rules.includes(finding.rule)),
  };
}

function isWanted(workspace: Workspace, targets: Targets, uri: string): boolean {
  return targets.includes(uri) || workspace.isConfig(uri);
}
