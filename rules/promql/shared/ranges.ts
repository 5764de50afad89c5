import { isScalar } from '../../../syntaxes/promql/labels.ts';
import {
  COMPARISONS,
  constantOf,
  type PromqlAggregation,
  type PromqlBinary,
  type PromqlCall,
  type PromqlExpr,
  type PromqlSelector,
  withoutParens,
} from '../../../syntaxes/promql/tree.ts';
import { labelsAskedMore, metricOf, shapeOf } from './shapes.ts';

/** The values that an expression can have at all. An end that is `open` does not belong to them. */
interface ValueRange {
  readonly low: number;
  readonly high: number;
  readonly openLow: boolean;
  readonly openHigh: boolean;
}

const ANY: ValueRange = range(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);

/** Whether no value is left. */
export function isEmptyRange({ low, high, openLow, openHigh }: ValueRange): boolean {
  return low > high || (low === high && (openLow || openHigh));
}

/** The values that both ranges have. */
export function intersection(a: ValueRange, b: ValueRange): ValueRange {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return {
    low,
    high,
    openLow: (a.low === low && a.openLow) || (b.low === low && b.openLow),
    openHigh: (a.high === high && a.openHigh) || (b.high === high && b.openHigh),
  };
}

/** The values that a comparison with a number lets through: `> 5` is all above 5. Everything for `!=`. */
export function passedBy(op: string, limit: number): ValueRange {
  switch (op) {
    case '>':
      return { ...ANY, low: limit, openLow: true };
    case '>=':
      return { ...ANY, low: limit };
    case '<':
      return { ...ANY, high: limit, openHigh: true };
    case '<=':
      return { ...ANY, high: limit };
    case '==':
      return range(limit, limit);
    default:
      return ANY;
  }
}

const MIRRORED: Readonly<Record<string, string>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=' };

/** A comparison with a number, the number on the right; undefined for every other. */
export function comparisonWithNumber({
  op,
  left,
  right,
}: PromqlBinary): { readonly expr: PromqlExpr; readonly op: string; readonly limit: number } | undefined {
  if (!COMPARISONS.has(op)) return undefined;
  const limit = constantOf(right);
  if (limit !== undefined && !Number.isNaN(limit)) return { expr: left, op, limit };
  const first = constantOf(left);
  return first === undefined || Number.isNaN(first)
    ? undefined
    : { expr: right, op: MIRRORED[op] ?? op, limit: first };
}

/** What the values of an expression can be by what the expression is, whatever the series are. `NaN` is left out. */
export function valuesOf(expr: PromqlExpr): ValueRange {
  const constant = constantOf(expr);
  if (constant !== undefined) return Number.isNaN(constant) ? ANY : range(constant, constant);
  switch (expr.type) {
    case 'paren':
    case 'modified':
      return valuesOf(expr.expr);
    case 'matrix':
    case 'subquery':
      return valuesOf(expr.expr);
    case 'selector':
      return isState(expr) ? range(0, 1) : ANY;
    case 'aggregation': {
      const inner = expr.args.at(-1);
      if (expr.op === 'count') return range(1, Number.POSITIVE_INFINITY);
      if (expr.op === 'group') return range(1, 1);
      if (/^std(?:dev|var)$/.test(expr.op)) return range(0, Number.POSITIVE_INFINITY);
      return inner && /^(?:min|max|avg|topk|bottomk|limitk|limit_ratio)$/.test(expr.op)
        ? valuesOf(inner)
        : ANY;
    }
    case 'call':
      return ofCall(expr);
    case 'binary':
      return ofBinary(expr);
    default:
      return ANY;
  }
}

/** Metrics that are 1 or 0 by what they are; `mysql_up` and its like are named by their exporters. */
function isState({ name }: PromqlSelector): boolean {
  return (
    name !== undefined &&
    /^(?:(?:mysql|pg|redis|mongodb|rabbitmq|nginx|memcached|elasticsearch_cluster_health)_)?up$|^probe_success$/.test(
      name,
    )
  );
}

const FIXED: Readonly<Record<string, ValueRange>> = {
  absent: range(1, 1),
  absent_over_time: range(1, 1),
  present_over_time: range(1, 1),
  count_over_time: range(1, Number.POSITIVE_INFINITY),
  changes: range(0, Number.POSITIVE_INFINITY),
  resets: range(0, Number.POSITIVE_INFINITY),
  rate: range(0, Number.POSITIVE_INFINITY),
  irate: range(0, Number.POSITIVE_INFINITY),
  increase: range(0, Number.POSITIVE_INFINITY),
  abs: range(0, Number.POSITIVE_INFINITY),
  hour: range(0, 23),
  minute: range(0, 59),
  day_of_week: range(0, 6),
  day_of_month: range(1, 31),
  day_of_year: range(1, 366),
  days_in_month: range(28, 31),
  month: range(1, 12),
  histogram_fraction: range(0, 1),
};

function ofCall({ name, args }: PromqlCall): ValueRange {
  const fixed = FIXED[name];
  if (fixed) return fixed;
  const [first] = args;
  const keeps = /^(?:(?:min|max|avg|last|first)_over_time|label_replace|label_join|sort|sort_desc|scalar)$/;
  if (keeps.test(name) && first) return name === 'scalar' ? ANY : valuesOf(first);
  return ANY;
}

function ofBinary({ op, left, right, bool }: PromqlBinary): ValueRange {
  if (COMPARISONS.has(op)) {
    if (bool) return range(0, 1);
    const limit = constantOf(right);
    return limit === undefined || isScalar(left)
      ? valuesOf(left)
      : intersection(valuesOf(left), passedBy(op, limit));
  }
  if (op === 'and' || op === 'unless') return valuesOf(left);
  if (op === '/' && isShare(left, right)) return range(0, 1);
  const factor = constantOf(right);
  // Only what is certain to be exact is worked out: a share times 100.
  if (op === '*' && factor !== undefined && factor > 0 && Number.isInteger(factor)) {
    const { low, high, openLow, openHigh } = valuesOf(left);
    return { low: low * factor, high: high * factor, openLow, openHigh };
  }
  return ANY;
}

/**
 * Whether one side is a part of the other by what they are: counts or rates of one metric, of which the left asks for more. Its value
 * is 0 to 1 then, or nothing.
 */
export function isShare(left: PromqlExpr, right: PromqlExpr): boolean {
  const a = withoutParens(left);
  const b = withoutParens(right);
  if (a.type !== 'aggregation' || b.type !== 'aggregation' || a.op !== b.op) return false;
  const labels = ({ grouping }: PromqlAggregation) =>
    grouping ? `${grouping.kind} ${[...grouping.labels].sort().join()}` : '';
  const [inner, whole] = [a.args[0], b.args[0]];
  if (!inner || !whole || a.args.length !== 1 || labels(a) !== labels(b)) return false;
  const part = shapeOf(a.op === 'count' ? withoutCondition(inner) : inner);
  const all = shapeOf(whole);
  if (!part || !all || part.shape !== all.shape) return false;
  const grows = a.op === 'count' || (a.op === 'sum' && /^(?:rate|irate|increase)\(/.test(part.shape));
  const metric = metricOf(part.selector);
  return (
    grows &&
    metric !== undefined &&
    metric === metricOf(all.selector) &&
    labelsAskedMore(part.selector, all.selector) !== undefined
  );
}

/** `x` of `x > 5`. */
function withoutCondition(expr: PromqlExpr): PromqlExpr {
  const inner = withoutParens(expr);
  const isCondition = inner.type === 'binary' && COMPARISONS.has(inner.op) && !inner.bool;
  return isCondition && constantOf(inner.right) !== undefined ? withoutCondition(inner.left) : inner;
}

function range(low: number, high: number): ValueRange {
  return { low, high, openLow: false, openHigh: false };
}
