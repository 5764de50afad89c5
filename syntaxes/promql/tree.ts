import type { Problem, Span } from '../document.ts';

/**
 * A PromQL expression as it stands in a file. All spans are offsets of that file, also where the expression is the text of a
 * YAML scalar; grammar: https://prometheus.io/docs/prometheus/latest/querying/basics/.
 */
export interface Promql {
  /** The expression's text, free of the quotes and escapes of the file around it. */
  readonly text: string;
  /** The whole expression; absent where not even the start of one could be read. */
  readonly root: PromqlExpr | undefined;
  /** What Prometheus would refuse. The tree behind a syntax problem is a guess, so rules look only at trees without one. */
  readonly problems: readonly Problem[];
}

export type PromqlExpr =
  | PromqlNumber
  | PromqlString
  | PromqlSelector
  | PromqlMatrix
  | PromqlSubquery
  | PromqlModified
  | PromqlCall
  | PromqlAggregation
  | PromqlBinary
  | PromqlUnary
  | PromqlParen;

/** `0.5`, `1e9`, `Inf`, `5m` (a duration counts as seconds). */
export interface PromqlNumber {
  readonly type: 'number';
  readonly span: Span;
  readonly value: number;
}

export interface PromqlString {
  readonly type: 'string';
  readonly span: Span;
  readonly value: string;
}

export type MatchOp = '=' | '!=' | '=~' | '!~';

export interface PromqlMatcher {
  readonly span: Span;
  readonly label: string;
  readonly op: MatchOp;
  readonly value: string;
  /** The value with its quotes. */
  readonly valueSpan: Span;
}

/** `up{job="x"}` or `{__name__=~"x.*"}`: an instant vector. */
export interface PromqlSelector {
  readonly type: 'selector';
  readonly span: Span;
  /** The metric's name, where one is written before or as a string in the braces. */
  readonly name: string | undefined;
  readonly nameSpan: Span | undefined;
  readonly matchers: readonly PromqlMatcher[];
}

export interface PromqlDuration {
  readonly span: Span;
  readonly text: string;
  /** Undefined for a computed one (`5m + step()`). */
  readonly seconds: number | undefined;
}

/** `x[5m]`: a range vector. */
export interface PromqlMatrix {
  readonly type: 'matrix';
  readonly span: Span;
  readonly expr: PromqlExpr;
  readonly range: PromqlDuration;
}

/** `x[1h:5m]`: a range vector. */
export interface PromqlSubquery {
  readonly type: 'subquery';
  readonly span: Span;
  readonly expr: PromqlExpr;
  readonly range: PromqlDuration;
  readonly step: PromqlDuration | undefined;
}

/** `x offset 5m`, `x @ end()`, `x smoothed`: of the type of `x`. */
export interface PromqlModified {
  readonly type: 'modified';
  readonly span: Span;
  readonly modifier: 'offset' | 'at' | 'anchored' | 'smoothed';
  readonly expr: PromqlExpr;
  /** What stands behind `offset` or `@`, as written. */
  readonly value: string;
  readonly duration: PromqlDuration | undefined;
}

export interface PromqlCall {
  readonly type: 'call';
  readonly span: Span;
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly PromqlExpr[];
}

export interface PromqlGrouping {
  readonly kind: 'by' | 'without';
  readonly labels: readonly string[];
  /** The list with its parentheses. */
  readonly listSpan: Span;
}

/** `sum by (job) (x)`, `topk(5, x)`. */
export interface PromqlAggregation {
  readonly type: 'aggregation';
  readonly span: Span;
  /** In lower case. */
  readonly op: string;
  readonly opSpan: Span;
  readonly grouping: PromqlGrouping | undefined;
  readonly args: readonly PromqlExpr[];
}

export interface PromqlMatching {
  readonly kind: 'on' | 'ignoring';
  readonly labels: readonly string[];
  readonly group: 'left' | 'right' | undefined;
  readonly include: readonly string[];
}

export interface PromqlBinary {
  readonly type: 'binary';
  readonly span: Span;
  /** In lower case: `+`, `==`, `and`, `atan2`. */
  readonly op: string;
  readonly opSpan: Span;
  readonly bool: boolean;
  readonly matching: PromqlMatching | undefined;
  readonly left: PromqlExpr;
  readonly right: PromqlExpr;
}

export interface PromqlUnary {
  readonly type: 'unary';
  readonly span: Span;
  readonly op: '+' | '-';
  readonly expr: PromqlExpr;
}

export interface PromqlParen {
  readonly type: 'paren';
  readonly span: Span;
  readonly expr: PromqlExpr;
}

/** The expressions directly below one. */
export function childrenOf(expr: PromqlExpr): readonly PromqlExpr[] {
  switch (expr.type) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'call':
    case 'aggregation':
      return expr.args;
    case 'binary':
      return [expr.left, expr.right];
    default:
      return [expr.expr];
  }
}

/** Calls `visit` for an expression and everything below it, outermost first, with the expressions around it, nearest last. */
export function walkPromql(
  expr: PromqlExpr | undefined,
  visit: (expr: PromqlExpr, parents: readonly PromqlExpr[]) => void,
  parents: readonly PromqlExpr[] = [],
): void {
  if (!expr) return;
  visit(expr, parents);
  const inner = [...parents, expr];
  for (const child of childrenOf(expr)) walkPromql(child, visit, inner);
}

/** An expression without the parentheses around it. */
export function withoutParens(expr: PromqlExpr): PromqlExpr {
  return expr.type === 'paren' ? withoutParens(expr.expr) : expr;
}

export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);

/** The value of an expression of numbers alone (`7 * 24 * 3600`), undefined for every other. */
export function constantOf(expr: PromqlExpr): number | undefined {
  if (expr.type === 'number') return expr.value;
  if (expr.type === 'paren') return constantOf(expr.expr);
  if (expr.type === 'unary') {
    const value = constantOf(expr.expr);
    return value === undefined || expr.op === '+' ? value : -value;
  }
  if (expr.type !== 'binary') return undefined;
  const left = constantOf(expr.left);
  const right = constantOf(expr.right);
  if (left === undefined || right === undefined) return undefined;
  switch (expr.op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '^':
      return left ** right;
    default:
      return undefined;
  }
}
