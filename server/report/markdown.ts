import { SEVERITIES } from '../../rules/core/rule.ts';
import { counted, type Report, type ReportFinding } from '../engine/report.ts';
import { areasOf, CONFIDENCES, matrixOf, notAnalysedByReason, topFixes } from '../engine/report-views.ts';

/** How many fixes are named as the first to make. */
const TOP_FIXES = 10;

/** How many files are listed for one reason; a folder of binaries would fill the page. */
const LISTED_FILES = 20;

/** The report as a Markdown document: for a pull request, a ticket or the clipboard. */
export function renderMarkdown(report: Report): string {
  return `${[
    `# Hardening report: ${escapeMarkdown(report.name)}`,
    escapeMarkdown(report.verdict),
    ...(report.findings.length > 0 ? matrix(report) : []),
    ...fixes(report),
    ...areas(report),
    ...suppressed(report),
    ...muted(report),
    ...notAnalysed(report),
    `*hardlint ${report.tool.version}, profile ${report.profile}, ${report.date}, ${counted(report.fileCount, 'file')} analysed.*`,
  ].join('\n\n')}\n`;
}

function matrix(report: Report): string[] {
  const count = matrixOf(report);
  const rows = SEVERITIES.filter((severity) => report.summary[severity] > 0).map((severity) => [
    severity,
    String(report.summary[severity]),
    ...CONFIDENCES.map((confidence) => String(count(severity, confidence) || '')),
  ]);
  return [table(['Severity', 'Findings', ...CONFIDENCES.map((c) => `${c} confidence`)], rows)];
}

function fixes(report: Report): string[] {
  const top = topFixes(report, TOP_FIXES);
  if (top.length === 0) return [];
  const rows = top.map(({ fix, isUniform, rule, severity, findings }) => [
    severity,
    `${text(fix.title)}${isUniform ? '' : ' and the like'}${fix.safety === 'safe' ? '' : ` (review: ${text(fix.risk ?? 'it may change how the system works')})`}`,
    code(rule),
    findings.length > 1 ? `${at(findings[0])} and ${findings.length - 1} more` : at(findings[0]),
  ]);
  return ['## Fix first', table(['Severity', 'Fix', 'Rule', 'Where'], rows)];
}

function areas(report: Report): string[] {
  return areasOf(report).flatMap((area) => [
    `## ${area.title} (${area.findings.length})`,
    table(
      ['Severity', 'Where', 'Finding', 'Rule'],
      area.findings.map((finding) => [
        finding.severity,
        at(finding),
        text(finding.message),
        `[${finding.rule}](${finding.docs})`,
      ]),
    ),
  ]);
}

function suppressed(report: Report): string[] {
  if (report.suppressed.length === 0) return [];
  const rows = report.suppressed.map(({ finding, reason, until }) => [
    at(finding),
    code(finding.rule),
    text(reason),
    text(until ?? ''),
  ]);
  return [`## Suppressed (${rows.length})`, table(['Where', 'Rule', 'Reason', 'Until'], rows)];
}

function muted(report: Report): string[] {
  if (report.muted.length === 0) return [];
  return [
    '## Rules that failed',
    'These rules stopped with an error of their own; what they would have found is not in this report.',
    report.muted.map(({ rule, file }) => `- ${code(rule)} on ${code(file)}`).join('\n'),
  ];
}

function notAnalysed(report: Report): string[] {
  if (report.notAnalysed.length === 0) return [];
  const lines = notAnalysedByReason(report).map(({ reason, files }) => {
    const shown = files.slice(0, LISTED_FILES).map(code).join(', ');
    const rest = files.length > LISTED_FILES ? ` and ${files.length - LISTED_FILES} more` : '';
    return `- ${text(reason)}: ${shown}${rest}`;
  });
  return [`## Not analysed (${report.notAnalysed.length})`, lines.join('\n')];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function at(finding: ReportFinding | undefined): string {
  return finding ? code(`${finding.file}:${finding.range.start.line}`) : '';
}

/** Text of a table's cell; code in backticks stays code. */
function text(raw: string): string {
  return raw
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : escapeMarkdown(part)))
    .join('');
}

function code(raw: string): string {
  const plain = raw.replace(/\s+/g, ' ').replace(/\|/g, '\\|');
  // A backtick inside wants a longer fence: CommonMark 6.1.
  return plain.includes('`') ? `\`\` ${plain} \`\`` : `\`${plain}\``;
}

function escapeMarkdown(raw: string): string {
  return raw.replace(/\s+/g, ' ').replace(/[\\*_{}[\]<>#|~]/g, '\\$&');
}
