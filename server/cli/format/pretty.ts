import type { Severity } from '../../../rules/core/rule.ts';
import { counted, type Report, type ReportFinding } from '../../engine/report.ts';
import { filesOf, notAnalysedByReason, safeFixOf } from '../../engine/report-views.ts';

export interface PrettyOptions {
  readonly color: boolean;
  /** Width of the terminal; absent where there is none. */
  readonly columns?: number;
  /** Findings only. */
  readonly quiet: boolean;
  /** Of how many findings the fixes were tried. */
  readonly tried: number;
}

/** For people at a terminal: a line for each finding, in a group for each file, and what it comes to at the end. */
export function formatPretty(report: Report, options: PrettyOptions): string {
  const paint = options.color ? paintAnsi : paintNothing;
  const groups = filesOf(report.findings).map(({ findings }) => group(findings, paint, options.columns));
  const blocks = options.quiet ? groups : [...groups, closing(report, paint, options.tried)];
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`;
}

type Style = 'bold' | 'dim' | Severity;
type Paint = (style: Style, text: string) => string;

const ANSI: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  critical: '1;35',
  high: '31',
  medium: '33',
  low: '36',
  info: '2',
};

const paintAnsi: Paint = (style, text) => `\x1b[${ANSI[style]}m${text}\x1b[0m`;
const paintNothing: Paint = (_, text) => text;

const SEVERITY_WIDTH = 'critical'.length;

/** Narrower than this, a message is left to the terminal to break. */
const MIN_MESSAGE_WIDTH = 40;

function group(findings: readonly ReportFinding[], paint: Paint, columns: number | undefined): string {
  const places = findings.map(
    ({ file, range }) => `${printable(file)}:${range.start.line}:${range.start.column}`,
  );
  const width = Math.max(...places.map((place) => place.length));
  const indent = width + 2 + SEVERITY_WIDTH + 2;
  const messageWidth = columns === undefined ? 0 : columns - indent;
  return findings
    .map((finding, i) => {
      const head = `${(places[i] ?? '').padEnd(width)}  ${paint(finding.severity, finding.severity.padEnd(SEVERITY_WIDTH))}  `;
      const words = [
        ...printable(finding.message)
          .split(' ')
          .map((word) => ({ word, style: undefined })),
        { word: finding.rule, style: 'dim' as const },
      ];
      return head + wrapped(words, messageWidth, indent, paint);
    })
    .join('\n');
}

function wrapped(
  words: readonly { readonly word: string; readonly style: Style | undefined }[],
  width: number,
  indent: number,
  paint: Paint,
): string {
  let out = '';
  let column = 0;
  for (const { word, style } of words) {
    const space = style === undefined ? ' ' : '  ';
    const breaks = width >= MIN_MESSAGE_WIDTH && column > 0 && column + space.length + word.length > width;
    const gap = column === 0 ? '' : breaks ? `\n${' '.repeat(indent)}` : space;
    column = breaks ? word.length : column + gap.length + word.length;
    out += gap + (style === undefined ? word : paint(style, word));
  }
  return out;
}

function closing(report: Report, paint: Paint, triedCount: number): string {
  const fixable = report.findings.filter((finding) => safeFixOf(finding)).length;
  const isLowerBound = report.findings.length > triedCount;
  const lines = [
    paint('bold', report.verdict),
    ...(fixable > 0
      ? [`${isLowerBound ? 'At least ' : ''}${counted(fixable, 'finding')} can be mended with --fix.`]
      : []),
    ...(report.suppressed.length > 0
      ? [paint('dim', `${counted(report.suppressed.length, 'finding')} suppressed by comments.`)]
      : []),
    ...notAnalysedByReason(report).map(({ reason, files }) =>
      paint('dim', `Not analysed: ${fileList(files)} (${printable(reason)})`),
    ),
    ...report.muted.map(({ rule, file }) =>
      paint('medium', `The rule ${rule} failed on ${printable(file)}; all others went on.`),
    ),
  ];
  return lines.join('\n');
}

const LISTED_FILES = 5;

function fileList(files: readonly string[]): string {
  const shown = files.slice(0, LISTED_FILES).map(printable).join(', ');
  return files.length > LISTED_FILES ? `${shown} and ${files.length - LISTED_FILES} more` : shown;
}

/** A file's name or a message could hold escape sequences that drive the terminal. */
function printable(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, '\ufffd');
}
