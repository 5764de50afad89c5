import {
  type Confidence,
  type RuleMeta,
  type Safety,
  SEVERITIES,
  type Severity,
} from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import { Lines } from '../../syntaxes/lines.ts';
import { basename, pathOf, relativePath } from '../../syntaxes/uri.ts';
import { TOOL, type ToolInfo } from './about.ts';
import type { EnabledRule, Profile } from './config.ts';
import { docsUrl } from './docs-url.ts';
import { editsByFile } from './edits.ts';
import { ENGINE_RULES } from './engine-rules.ts';
import { compareText, type Finding, type FindingRef, type VerifiedFix } from './finding.ts';
import { fingerprintOf } from './fingerprint.ts';
import { findingKey, fixesOfFile } from './fixes-of-file.ts';
import type { Workspace } from './workspace.ts';

/** What a scan came to, as plain data. The report page and every output format are made of one such value. */
export interface Report {
  readonly tool: ToolInfo;
  readonly profile: Profile;
  /** What was scanned: the folders' names. */
  readonly name: string;
  /** The folder that all paths are relative to. */
  readonly root: string;
  /** The day of the scan, `2027-01-31`. */
  readonly date: string;
  readonly summary: Summary;
  /** The whole in one sentence. */
  readonly verdict: string;
  /** How many files were analysed. */
  readonly fileCount: number;
  /** By file, then by place in the file. */
  readonly findings: readonly ReportFinding[];
  readonly suppressed: readonly ReportSuppressed[];
  readonly muted: readonly ReportMuted[];
  readonly notAnalysed: readonly ReportNotAnalysed[];
  /** Every rule that was on for at least one file, with the engine's own checks, by id. */
  readonly rules: readonly ReportRule[];
}

export type Summary = Readonly<Record<Severity, number>>;

/** A place as people count it: line and column from 1, columns in UTF-16 code units. */
export interface ReportPosition {
  readonly line: number;
  readonly column: number;
}

export interface ReportRange {
  readonly start: ReportPosition;
  readonly end: ReportPosition;
}

export interface ReportFinding {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly uri: string;
  /** The path below the root, with `/`. */
  readonly file: string;
  readonly range: ReportRange;
  readonly message: string;
  readonly place: string;
  readonly fingerprint: string;
  readonly related: readonly ReportRelated[];
  /** Fixes that were tried and work, the preferred one first; empty where nobody asked for them. */
  readonly fixes: readonly ReportFix[];
  /** The URL of the rule's documentation. */
  readonly docs: string;
}

export interface ReportRelated {
  readonly uri: string;
  readonly file: string;
  readonly range: ReportRange;
  readonly message: string;
}

export interface ReportFix {
  readonly title: string;
  readonly safety: Safety;
  readonly risk?: string;
  readonly verify?: string;
  readonly changes: readonly ReportChange[];
}

/** What a fix replaces in one file. */
export interface ReportChange {
  readonly file: string;
  readonly edits: readonly { readonly range: ReportRange; readonly text: string }[];
}

export interface ReportSuppressed {
  readonly finding: ReportFinding;
  readonly reason: string;
  readonly until?: string;
}

/** A rule that failed on a file and says nothing about it. */
export interface ReportMuted {
  readonly rule: string;
  readonly file: string;
  /** With its stack; for logs, not for reports, since it may name paths of the machine. */
  readonly error: string;
}

export interface ReportNotAnalysed {
  readonly file: string;
  readonly reason: string;
}

export interface ReportRule {
  readonly meta: RuleMeta;
  /** The severity in effect. */
  readonly severity: Severity;
}

/** One file's part of a report. */
export interface FileReport {
  readonly uri: string;
  readonly findings: readonly ReportFinding[];
  readonly suppressed: readonly ReportSuppressed[];
  readonly muted: readonly ReportMuted[];
  readonly notAnalysed?: ReportNotAnalysed;
  /** Whether it is configuration of hardlint, which is checked and not counted as analysed. */
  readonly isConfig: boolean;
  /** The rules that were on. */
  readonly rules: readonly EnabledRule[];
}

export interface FileReportOptions {
  readonly workspace: Workspace;
  /** The folder that paths are relative to. */
  readonly root: string;
  /** Fixes are tried before they are listed, which takes most of the time: `none` leaves them out. */
  readonly fixes: 'verified' | 'none';
}

/** Checks one file. Callers go through `workspace.uris()` and give way in between, since a large workspace takes seconds. */
export function reportFile(uri: string, options: FileReportOptions): FileReport {
  const { workspace, root } = options;
  const result = workspace.check(uri);
  const files = new FileTexts(workspace, root);
  const fixes =
    options.fixes === 'none' ? undefined : workingFixes(uri, result.findings, { workspace, root });
  const describe = (finding: Finding): ReportFinding => ({
    rule: finding.rule,
    title: metaOf(workspace, finding.rule)?.title ?? finding.rule,
    severity: finding.severity,
    confidence: finding.confidence,
    uri: finding.uri,
    file: files.path(finding.uri),
    range: files.range(finding.uri, finding.span),
    message: finding.message,
    place: finding.place,
    fingerprint: fingerprintOf(finding.rule, files.path(finding.uri), finding.place),
    related: finding.related.map((related) => ({
      uri: related.uri,
      file: files.path(related.uri),
      range: files.range(related.uri, related.span),
      message: related.message,
    })),
    fixes: fixes?.get(findingKey(finding)) ?? [],
    docs: docsUrl(finding.rule),
  });
  return {
    uri,
    findings: result.findings.map(describe),
    suppressed: result.suppressed.map(({ finding, reason, until }) => ({
      finding: describe(finding),
      reason,
      ...(until !== undefined && { until }),
    })),
    muted: result.muted.map(({ rule, error }) => ({ rule, file: files.path(uri), error })),
    ...(result.notAnalysed !== undefined && {
      // A syntax says it as a sentence, a host as a phrase; lists show both alike.
      notAnalysed: { file: files.path(uri), reason: result.notAnalysed.replace(/\.$/, '') },
    }),
    isConfig: result.kind === 'config',
    rules: workspace.settingsFor(uri).rules,
  };
}

/** The fixes that work of some findings of one file, by `findingKey`. */
export function workingFixes(
  uri: string,
  findings: readonly Pick<FindingRef, 'rule' | 'place'>[],
  { workspace, root }: Pick<FileReportOptions, 'workspace' | 'root'>,
): ReadonlyMap<string, readonly ReportFix[]> {
  const files = new FileTexts(workspace, root);
  const fixes = fixesOfFile(workspace, uri, findings);
  return new Map([...fixes].map(([key, list]) => [key, list.map((fix) => describeFix(files, uri, fix))]));
}

export interface ReportOptions {
  /** What was scanned; the root's name where absent. */
  readonly name?: string;
  readonly root: string;
  readonly profile: Profile;
  readonly date: string;
  /** Files that could not be read at all, besides those that rules pass over. */
  readonly notAnalysed?: readonly { readonly uri: string; readonly reason: string }[];
}

/** Puts the parts of all files together. */
export function buildReport(files: readonly FileReport[], options: ReportOptions): Report {
  const sorted = [...files].sort((a, b) => compareText(a.uri, b.uri));
  const findings = sorted.flatMap((file) => file.findings);
  const summary = summaryOf(findings);
  const unread = (options.notAnalysed ?? []).map(({ uri, reason }) => ({
    file: pathBelow(options.root, uri),
    reason,
  }));
  const notAnalysed = [...sorted.flatMap((file) => file.notAnalysed ?? []), ...unread];
  const fileCount = sorted.filter((file) => !file.notAnalysed && !file.isConfig).length;
  return {
    tool: TOOL,
    profile: options.profile,
    name: options.name ?? basename(options.root),
    root: options.root,
    date: options.date,
    summary,
    verdict: verdictOf(summary, findings, fileCount),
    fileCount,
    findings,
    suppressed: sorted.flatMap((file) => file.suppressed),
    muted: sorted.flatMap((file) => file.muted),
    notAnalysed: notAnalysed.sort((a, b) => compareText(a.file, b.file)),
    rules: rulesOf(sorted),
  };
}

/** How many findings there are of each severity. */
export function summaryOf(findings: readonly { readonly severity: Severity }[]): Summary {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    critical: count('critical'),
    high: count('high'),
    medium: count('medium'),
    low: count('low'),
    info: count('info'),
  };
}

/** Whether `severity` is as bad as `threshold` or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(threshold);
}

/** "1 file", "2 files". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "3 critical, 2 high", without the severities that do not occur. */
export function summaryText(summary: Summary): string {
  return SEVERITIES.filter((severity) => summary[severity] > 0)
    .map((severity) => `${summary[severity]} ${severity}`)
    .join(', ');
}

function verdictOf(summary: Summary, findings: readonly ReportFinding[], fileCount: number): string {
  const files = counted(fileCount, 'file');
  if (fileCount === 0 && findings.length === 0)
    return 'Nothing to judge: no file of a kind that hardlint reads was found.';
  if (findings.length === 0) return `Clean: nothing was found in ${files}.`;
  const affected = new Set(findings.map((finding) => finding.uri)).size;
  const where = affected === fileCount ? `in ${files}` : `in ${affected} of ${files}`;
  const what = `${summaryText(summary)} ${where}`;
  if (summary.critical > 0) return `Not ready for production: ${what}.`;
  if (summary.high > 0) return `Not hardened yet: ${what}.`;
  if (summary.medium > 0) return `Nearly hardened: ${what}, none of them high or critical.`;
  return `Hardened: only ${what}.`;
}

function rulesOf(files: readonly FileReport[]): readonly ReportRule[] {
  const rules = new Map<string, ReportRule>();
  for (const meta of ENGINE_RULES) rules.set(meta.id, { meta, severity: meta.severity });
  for (const list of new Set(files.map((file) => file.rules))) {
    for (const { rule, severity } of list)
      if (!rules.has(rule.id)) rules.set(rule.id, { meta: rule, severity });
  }
  return [...rules.values()].sort((a, b) => compareText(a.meta.id, b.meta.id));
}

function describeFix(files: FileTexts, uri: string, fix: VerifiedFix): ReportFix {
  return {
    title: fix.title,
    safety: fix.safety,
    ...(fix.risk !== undefined && { risk: fix.risk }),
    ...(fix.verify !== undefined && { verify: fix.verify }),
    changes: [...editsByFile(uri, fix.edits)].map(([file, edits]) => ({
      file: files.path(file),
      edits: edits.map((edit) => ({ range: files.range(file, edit.span), text: edit.text })),
    })),
  };
}

function metaOf(workspace: Workspace, id: string): RuleMeta | undefined {
  return ENGINE_RULES.find((rule) => rule.id === id) ?? workspace.rules.find((rule) => rule.id === id);
}

/** Paths and line numbers of the files that a report names; each text's lines are counted once. */
class FileTexts {
  readonly #workspace: Workspace;
  readonly #root: string;
  readonly #lines = new Map<string, Lines>();

  constructor(workspace: Workspace, root: string) {
    this.#workspace = workspace;
    this.#root = root;
  }

  path(uri: string): string {
    return pathBelow(this.#root, uri);
  }

  range(uri: string, span: Span): ReportRange {
    const lines = this.#lines.get(uri) ?? new Lines(this.#workspace.textOf(uri) ?? '');
    this.#lines.set(uri, lines);
    const { start, end } = lines.range(span);
    return { start: fromOne(start), end: fromOne(end) };
  }
}

function fromOne({ line, column }: ReportPosition): ReportPosition {
  return { line: line + 1, column: column + 1 };
}

function pathBelow(root: string, uri: string): string {
  if (uri === root) return '.';
  return relativePath(root, uri) ?? pathOf(uri);
}
