import type { RuleMeta } from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import { Lines } from '../../syntaxes/lines.ts';
import {
  suppressionExpired,
  suppressionUnknownRule,
  suppressionUnused,
  suppressionWithoutReason,
} from './engine-rules.ts';
import type { Finding, SuppressedFinding } from './finding.ts';

/** A comment `hardlint-ignore compose/privileged until 2027-01-31: it runs the builds`. */
interface Suppression {
  /** The word and the ids, for a diagnostic. */
  readonly span: Span;
  readonly wholeFile: boolean;
  readonly rules: readonly { readonly id: string; readonly span: Span }[];
  readonly until?: string;
  readonly reason: string;
  /** 0-based lines whose findings it keeps quiet. */
  readonly lines: readonly number[];
}

export interface SuppressionResult {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

export interface SuppressionOptions {
  readonly uri: string;
  readonly text: string;
  /** `2027-01-31`. */
  readonly today: string;
  /** All ids that exist, the engine's own with them. */
  readonly knownRules: ReadonlySet<string>;
  /** Ids that ran on this file: only of these is it known that there is nothing to suppress. */
  readonly ranRules: ReadonlySet<string>;
}

/** Stands where the reason belongs until someone writes one; left as it is, it is none. */
export const REASON_PLACEHOLDER = 'say why';

const COMMENT = /(?:#|\/\/|;)[ \t]*hardlint-(ignore-file|ignore)\b[ \t]*([^\n\r]*)/g;
const BODY =
  /^([\w/-]+(?:[ \t]*,?[ \t]*(?!until\b)[\w-]+\/[\w-]+)*)?(?:[ \t]*until[ \t]+([^\s:]+))?[ \t]*(?::[ \t]*(.*?))?[ \t]*$/;

/** Takes away the findings that comments keep quiet, and adds what is wrong with those comments. */
export function suppress(findings: readonly Finding[], options: SuppressionOptions): SuppressionResult {
  const suppressions = readSuppressions(options.text);
  if (suppressions.length === 0) return { findings, suppressed: [] };
  const lines = new Lines(options.text);
  const used = new Set<string>();
  const kept: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const by = suppressions.find((comment) => quiets(comment, finding, lines, options.today));
    if (!by) kept.push(finding);
    else suppressed.push({ finding, reason: by.reason, ...(by.until && { until: by.until }) });
    for (const comment of suppressions)
      if (concerns(comment, finding, lines)) used.add(`${comment.span.start} ${finding.rule}`);
  }
  return {
    findings: [...kept, ...suppressions.flatMap((comment) => complaints(comment, used, options))],
    suppressed,
  };
}

export interface SuppressionComment {
  readonly rules: readonly string[];
  readonly reason: string;
  readonly scope: 'line' | 'file';
  /** What starts a comment in the file. */
  readonly marker: '#' | '//';
}

/** The comment that keeps rules quiet, in the words that `suppress` reads. */
export function suppressionComment({ rules, reason, scope, marker }: SuppressionComment): string {
  return `${marker} hardlint-ignore${scope === 'file' ? '-file' : ''} ${rules.join(', ')}: ${reason}`;
}

function quiets(comment: Suppression, finding: Finding, lines: Lines, today: string): boolean {
  return comment.reason !== '' && !isExpired(comment, today) && concerns(comment, finding, lines);
}

function concerns(comment: Suppression, finding: Finding, lines: Lines): boolean {
  if (!comment.rules.some((rule) => rule.id === finding.rule)) return false;
  return comment.wholeFile || comment.lines.includes(lines.position(finding.span.start).line);
}

function isExpired(comment: Suppression, today: string): boolean {
  return comment.until !== undefined && (!/^\d{4}-\d{2}-\d{2}$/.test(comment.until) || comment.until < today);
}

function complaints(comment: Suppression, used: ReadonlySet<string>, options: SuppressionOptions): Finding[] {
  const make = (rule: RuleMeta, span: Span, message: string): Finding => ({
    rule: rule.id,
    uri: options.uri,
    span,
    message,
    place: `${rule.id}@${comment.rules.map((named) => named.id).join(',')}#${comment.wholeFile ? 'file' : (comment.lines[0] ?? 0)}:${span.start - comment.span.start}`,
    severity: rule.severity,
    confidence: rule.confidence,
    related: [],
  });
  if (comment.rules.length === 0) {
    return [
      make(suppressionUnknownRule, comment.span, 'This suppression names no rule, so it has no effect.'),
    ];
  }
  if (comment.reason === '') {
    return [
      make(
        suppressionWithoutReason,
        comment.span,
        'A suppression needs a reason behind a colon; without one it has no effect.',
      ),
    ];
  }
  if (isExpired(comment, options.today)) {
    const promise = comment.reason === '' ? '' : `: "${comment.reason}"`;
    const text = /^\d{4}-\d{2}-\d{2}$/.test(comment.until ?? '')
      ? `This suppression ended on ${comment.until}${promise}`
      : `\`until\` wants a date such as 2027-01-31, not \`${comment.until}\`; the suppression has no effect.`;
    return [make(suppressionExpired, comment.span, text)];
  }
  return comment.rules.flatMap((named) => {
    if (!options.knownRules.has(named.id))
      return [make(suppressionUnknownRule, named.span, `There is no rule \`${named.id}\`.`)];
    if (used.has(`${comment.span.start} ${named.id}`) || !options.ranRules.has(named.id)) return [];
    return [
      make(
        suppressionUnused,
        named.span,
        `\`${named.id}\` finds nothing here any more: remove it from the suppression.`,
      ),
    ];
  });
}

function readSuppressions(text: string): Suppression[] {
  if (!text.includes('hardlint-ignore')) return [];
  const lines = new Lines(text);
  return [...text.matchAll(COMMENT)].flatMap((match) => {
    const [whole, word = '', rest = ''] = match;
    const body = BODY.exec(rest);
    const ids = body?.[1] ?? '';
    const start = match.index;
    const restStart = start + whole.length - rest.length;
    return [
      {
        span: { start, end: restStart + ids.length },
        wholeFile: word === 'ignore-file',
        rules: [...ids.matchAll(/[\w-]+\/[\w-]+/g)].map((id) => ({
          id: id[0],
          span: { start: restStart + id.index, end: restStart + id.index + id[0].length },
        })),
        ...(body?.[2] && { until: body[2] }),
        reason: body?.[3] === REASON_PLACEHOLDER ? '' : (body?.[3] ?? ''),
        lines: coveredLines(text, lines, start),
      },
    ];
  });
}

/** The comment's own line, or where nothing else stands on it, the next line that is not a comment. */
function coveredLines(text: string, lines: Lines, start: number): number[] {
  const own = lines.position(start).line;
  if (text.slice(lines.start(own), start).trim() !== '') return [own];
  let next = own + 1;
  while (
    next < lines.count &&
    /^[ \t]*(?:#|\/\/|;|\r?\n?$)/.test(text.slice(lines.start(next), lines.start(next + 1)))
  )
    next++;
  return [own, next];
}
