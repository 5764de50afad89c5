import { type Confidence, SEVERITIES, type Severity } from '../../rules/core/rule.ts';
import { compareText } from './finding.ts';
import type { Report, ReportFinding, ReportFix, ReportNotAnalysed } from './report.ts';

/* The orders and tables in which a report is read. */

export const CONFIDENCES: readonly Confidence[] = ['high', 'medium', 'low'];

/** The findings of one file. */
export interface FileSection {
  readonly file: string;
  readonly findings: readonly ReportFinding[];
}

/** The findings of one family of rules. */
export interface AreaSection {
  /** What the area is called: "Compose". */
  readonly title: string;
  readonly findings: readonly ReportFinding[];
  readonly files: readonly FileSection[];
}

/** A change that mends one or more findings, with its weight. */
export interface TopFix {
  readonly rule: string;
  readonly title: string;
  /** That of the first finding; those of the others may have other values. */
  readonly fix: ReportFix;
  /** Whether the fixes of all findings have one title. */
  readonly isUniform: boolean;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** All findings that this fix of this rule mends, each in its place. */
  readonly findings: readonly ReportFinding[];
}

/** Findings by area, the area with the worst finding first. */
export function areasOf(report: Report): readonly AreaSection[] {
  const byFamily = groupBy(report.findings, (finding) => finding.rule.slice(0, finding.rule.indexOf('/')));
  return [...byFamily]
    .map(([family, findings]) => ({ title: areaTitle(family), findings, files: filesOf(findings) }))
    .sort((a, b) => weightOf(b.findings) - weightOf(a.findings) || compareText(a.title, b.title));
}

/** Findings by file, in their order. */
export function filesOf(findings: readonly ReportFinding[]): readonly FileSection[] {
  return [...groupBy(findings, (finding) => finding.file)].map(([file, members]) => ({
    file,
    findings: members,
  }));
}

/** How many findings there are of each severity and confidence. */
export function matrixOf(report: Report): (severity: Severity, confidence: Confidence) => number {
  return (severity, confidence) =>
    report.findings.filter((finding) => finding.severity === severity && finding.confidence === confidence)
      .length;
}

/**
 * What to do first: by severity × confidence ÷ effort, where a safe fix is half the effort of one that has to be reviewed; then
 * by how many findings it mends. Only what has a fix that works.
 */
export function topFixes(report: Report, limit: number): readonly TopFix[] {
  const fixable = report.findings.flatMap((finding) => {
    const fix = finding.fixes[0];
    return fix ? [{ finding, fix }] : [];
  });
  return [...groupBy(fixable, ({ finding, fix }) => `${finding.rule} ${fix.safety}`).values()]
    .flatMap((members): TopFix[] => {
      const [first] = members;
      if (!first) return [];
      const { rule, title, severity, confidence } = first.finding;
      const findings = members.map(({ finding }) => finding);
      const isUniform = members.every(({ fix }) => fix.title === first.fix.title);
      return [{ rule, title, fix: first.fix, isUniform, severity, confidence, findings }];
    })
    .sort(
      (a, b) =>
        urgencyOf(b) - urgencyOf(a) ||
        b.findings.length - a.findings.length ||
        compareText(a.rule, b.rule) ||
        compareText(a.fix.title, b.fix.title),
    )
    .slice(0, limit);
}

/** The worst and surest first; otherwise as they stand. */
export function byUrgency(a: ReportFinding, b: ReportFinding): number {
  return weightOfOne(b) - weightOfOne(a);
}

/** The fix that a single click may apply: the first safe one that stays in the finding's own file. */
export function safeFixOf(finding: ReportFinding): ReportFix | undefined {
  return finding.fixes.find((fix) => isSafeHere(fix, finding));
}

/** Files that were not analysed, by reason, the most frequent one first. */
export function notAnalysedByReason(
  report: Report,
): readonly { readonly reason: string; readonly files: readonly string[] }[] {
  return [...groupBy(report.notAnalysed, (entry: ReportNotAnalysed) => entry.reason)]
    .map(([reason, entries]) => ({ reason, files: entries.map((entry) => entry.file) }))
    .sort((a, b) => b.files.length - a.files.length || compareText(a.reason, b.reason));
}

const AREA_TITLES: Readonly<Record<string, string>> = {
  compose: 'Compose',
  dockerfile: 'Dockerfile',
  nginx: 'nginx',
  prometheus: 'Prometheus',
  promql: 'PromQL',
  alert: 'Alerts',
  config: 'Application configuration',
  script: 'Configuration loaders',
  hardlint: 'Files and configuration of hardlint',
};

function areaTitle(family: string): string {
  return AREA_TITLES[family] ?? family.charAt(0).toUpperCase() + family.slice(1);
}

const SEVERITY_WEIGHTS: Readonly<Record<Severity, number>> = {
  critical: 1000,
  high: 200,
  medium: 40,
  low: 8,
  info: 1,
};

const CONFIDENCE_WEIGHTS: Readonly<Record<Confidence, number>> = { high: 1, medium: 0.7, low: 0.4 };

function urgencyOf(top: TopFix): number {
  return weightOfOne(top) * (top.fix.safety === 'safe' ? 1 : 0.5);
}

function weightOfOne({ severity, confidence }: Pick<ReportFinding, 'severity' | 'confidence'>): number {
  return SEVERITY_WEIGHTS[severity] * CONFIDENCE_WEIGHTS[confidence];
}

/** The number of findings of the worst severity decides, then that of the next. */
function weightOf(findings: readonly ReportFinding[]): number {
  return findings.reduce(
    (sum, { severity }) => sum + 1000 ** (SEVERITIES.length - SEVERITIES.indexOf(severity)),
    0,
  );
}

function isSafeHere(fix: ReportFix, finding: ReportFinding): boolean {
  return fix.safety === 'safe' && fix.changes.every((change) => change.file === finding.file);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
