import { isScalar } from '../../../syntaxes/promql/labels.ts';
import { COMPARISONS, type PromqlBinary, type PromqlExpr } from '../../../syntaxes/promql/tree.ts';
import { isEventCounter, isGaugeName } from './metrics.ts';

/** When an expression gives something: always, under a condition, or perhaps only when something is wrong. */
type Presence = 'always' | 'condition' | 'perhaps';

/** When an expression gives something, as far as that can be told without the series. */
export function presenceOf(expr: PromqlExpr): Presence {
  switch (expr.type) {
    case 'number':
    case 'string':
      return 'always';
    case 'selector':
      return isAlwaysThere(expr.name) ? 'always' : 'perhaps';
    case 'call': {
      if (/^absent/.test(expr.name)) return 'condition';
      const inner = expr.args.map(presenceOf);
      if (inner.includes('condition')) return 'condition';
      return MEASURES.test(expr.name) || inner.every((presence) => presence === 'always')
        ? 'always'
        : 'perhaps';
    }
    case 'aggregation': {
      const inner = expr.args.at(-1);
      return inner ? presenceOf(inner) : 'perhaps';
    }
    case 'binary':
      return ofBinary(expr);
    default:
      return presenceOf(expr.expr);
  }
}

/** Functions whose number says nothing by being there. */
const MEASURES =
  /^(?:rate|irate|increase|delta|idelta|deriv|predict_linear|changes|resets|histogram_quantile|hour|minute|day_of_\w+|month|time)$/;

function ofBinary({ op, left, right, bool }: PromqlBinary): Presence {
  const a = presenceOf(left);
  const b = presenceOf(right);
  if (op === 'unless') return 'condition';
  if (op === 'or') return a === 'always' || b === 'always' ? 'always' : a === b ? a : 'perhaps';
  if (a === 'condition' || b === 'condition') return 'condition';
  if (op === 'and') return a === 'always' && b === 'always' ? 'always' : 'perhaps';
  if (COMPARISONS.has(op)) return bool ? 'always' : 'condition';
  // A quotient or a difference is a measure; a product joins labels to something that may be there only in trouble.
  const isMeasure = /^[/%-]$/.test(op) && !isScalar(right);
  return isMeasure || (a === 'always' && b === 'always') ? 'always' : 'perhaps';
}

function isAlwaysThere(name: string | undefined): boolean {
  return name === 'up' || name === 'probe_success' || isEventCounter(name) || isGaugeName(name);
}
