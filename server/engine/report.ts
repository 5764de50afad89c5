import {
  type Confidence,
  type RuleMeta,
  type Safety,
  SEVERITIES,
  type Severity,
} from '../../rules/core/rule.ts';
import { basename, pathOf, relativePath } from '../../syntaxes/uri.ts';
import { TOOL, type ToolInfo } from './about.ts';
import type { Profile } from './config.ts';
import { ENGINE_RULES } from './engine-rules.ts';
import type { FileReport } from './file-report.ts';
import { compareText } from './finding.ts';

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

/** A path as reports name it: below the root, else whole. */
export function pathBelow(root: string, uri: string): string {
  if (uri === root) return '.';
  return relativePath(root, uri) ?? pathOf(uri);
}
