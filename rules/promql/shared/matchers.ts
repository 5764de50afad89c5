import type { Document } from '../../../syntaxes/document.ts';
import type { PromqlMatcher, PromqlSelector } from '../../../syntaxes/promql/tree.ts';
import type { Edit } from '../../core/rule.ts';
import { findAll, type SoundExpression, writtenExpressions } from './expressions.ts';

/** A matcher with a pattern. */
interface PatternMatcher {
  readonly expression: SoundExpression;
  readonly selector: PromqlSelector;
  readonly matcher: PromqlMatcher;
}

/** The matchers with `=~` and `!~` of a file. */
export function patternMatchers({ tree }: Document<'prometheus-rules'>): readonly PatternMatcher[] {
  return writtenExpressions(tree).flatMap((expression) =>
    findAll(expression.root, 'selector').flatMap(({ node }) =>
      node.matchers
        .filter(({ op }) => op.endsWith('~'))
        .map((matcher) => ({ expression, selector: node, matcher })),
    ),
  );
}

/** Whether a pattern has nothing that means something to a regular expression. */
export function isLiteral(pattern: string): boolean {
  return !/[.*+?()[\]{}|^$\\]/.test(pattern);
}

/** A pattern without the anchors at its ends, which Prometheus sets itself. */
export function withoutAnchors(pattern: string): string {
  const start = pattern.startsWith('^') ? 1 : 0;
  const backslashes = /\\*$/.exec(pattern.slice(start, -1))?.[0].length ?? 0;
  const end = pattern.length > start && pattern.endsWith('$') && backslashes % 2 === 0 ? -1 : undefined;
  return pattern.slice(start, end);
}

/** Whether a pattern matches every text, the empty one with it. */
export function matchesEverything(pattern: string): boolean {
  return /^\(?\.\*\)?$/.test(withoutAnchors(pattern));
}

/** Compares with the text itself: `=` for `=~`, `!=` for `!~`. */
export function literalEdit({ text }: Document, { span, op, valueSpan }: PromqlMatcher): Edit | undefined {
  const at = text.slice(span.start, valueSpan.start).lastIndexOf(op);
  if (at < 0) return undefined;
  const start = span.start + at;
  return { span: { start, end: start + op.length }, text: op === '=~' ? '=' : '!=' };
}
