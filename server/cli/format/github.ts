import type { Severity } from '../../../rules/core/rule.ts';
import type { Report, ReportFinding } from '../../engine/report.ts';

/**
 * Workflow commands that GitHub Actions turns into annotations of the changed lines.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function formatGithub(report: Report): string {
  const muted = report.muted.map(
    ({ rule, file }) =>
      `::warning ${property('file', file)}::${data(`The rule ${rule} failed on this file.`)}`,
  );
  const lines = [...report.findings.map(annotation), ...muted, report.verdict];
  return `${lines.join('\n')}\n`;
}

const COMMANDS: Readonly<Record<Severity, 'error' | 'warning' | 'notice'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
};

function annotation({ severity, file, range, rule, message }: ReportFinding): string {
  const { start, end } = range;
  // Columns are understood only within one line.
  const columns =
    start.line === end.line
      ? [property('col', String(start.column)), property('endColumn', String(end.column))]
      : [];
  const properties = [
    property('file', file),
    property('line', String(start.line)),
    property('endLine', String(end.line)),
    ...columns,
    property('title', rule),
  ];
  return `::${COMMANDS[severity]} ${properties.join(',')}::${data(message)}`;
}

/** The escapes that the runner undoes; a message with a line break would end the command otherwise. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(name: string, value: string): string {
  return `${name}=${data(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`;
}
