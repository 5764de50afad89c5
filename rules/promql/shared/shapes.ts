import type { PromqlExpr, PromqlMatcher, PromqlSelector } from '../../../syntaxes/promql/tree.ts';

/** The metric's name, also where it is written as a matcher: `{__name__="up"}`. */
export function metricOf({ name, matchers }: PromqlSelector): string | undefined {
  return name ?? matchers.find(({ label, op }) => label === '__name__' && op === '=')?.value;
}

/** The labels of the matchers that one selector has on top of those of another of the same metric; undefined where it lacks one of those. */
export function labelsAskedMore(more: PromqlSelector, fewer: PromqlSelector): readonly string[] | undefined {
  const own = more.matchers.filter(({ label }) => label !== '__name__');
  const texts = own.map(textOfMatcher);
  // `{status=~".+"}` beside `{status="500"}` asks for nothing more.
  const asked = fewer.matchers
    .filter(({ label }) => label !== '__name__')
    .filter((matcher) => !(matchesAll(matcher) && own.some(({ label }) => label === matcher.label)))
    .map(textOfMatcher);
  if (asked.some((matcher) => !texts.includes(matcher))) return undefined;
  return own.filter((matcher) => !asked.includes(textOfMatcher(matcher))).map(({ label }) => label);
}

/** Functions that keep the labels of each series, so that a series and its like still pair up. */
const KEEPS_LABELS =
  /^(?:rate|irate|increase|delta|idelta|deriv|changes|resets|abs|ceil|floor|round|\w+_over_time|histogram_(?:sum|count|avg))$/;

/** What is done to each series of a selector, as a text without the selector itself; undefined for what is more than that. */
export function shapeOf(
  expr: PromqlExpr,
): { readonly shape: string; readonly selector: PromqlSelector } | undefined {
  switch (expr.type) {
    case 'selector':
      return { shape: 'x', selector: expr };
    case 'paren':
      return shapeOf(expr.expr);
    case 'matrix':
      return around(expr.expr, (shape) => `${shape}[${expr.range.seconds ?? expr.range.text}]`);
    case 'modified':
      return around(
        expr.expr,
        (shape) => `${shape} ${expr.modifier} ${expr.duration?.seconds ?? expr.value}`,
      );
    case 'call': {
      const [arg] = expr.args;
      return arg && expr.args.length === 1 && KEEPS_LABELS.test(expr.name)
        ? around(arg, (shape) => `${expr.name}(${shape})`)
        : undefined;
    }
    default:
      return undefined;
  }
}

function around(inner: PromqlExpr, wrap: (shape: string) => string): ReturnType<typeof shapeOf> {
  const found = shapeOf(inner);
  return found && { ...found, shape: wrap(found.shape) };
}

function textOfMatcher({ label, op, value }: PromqlMatcher): string {
  return `${label}${op}${JSON.stringify(value)}`;
}

function matchesAll({ op, value }: PromqlMatcher): boolean {
  return op === '=~' && /^\.[*+]$/.test(value);
}
