import { signatureOf } from './functions.ts';
import type { PromqlAggregation, PromqlBinary, PromqlCall, PromqlExpr } from './tree.ts';

/**
 * Whether a series in the result of an expression may carry a label. False only where that is certain, whatever the series behind
 * it are: aggregated away, not in `on (…)`, or made from a number.
 */
export function mayHaveLabel(expr: PromqlExpr, label: string): boolean {
  switch (expr.type) {
    case 'number':
    case 'string':
      return false;
    case 'selector':
      return !expr.matchers.some(
        (matcher) => matcher.label === label && matcher.op === '=' && !matcher.value,
      );
    case 'call':
      return afterCall(expr, label);
    case 'aggregation':
      return afterAggregation(expr, label);
    case 'binary':
      return afterBinary(expr, label);
    default:
      return mayHaveLabel(expr.expr, label);
  }
}

/** Whether an expression is a plain number to PromQL, without series. */
export function isScalar(expr: PromqlExpr): boolean {
  switch (expr.type) {
    case 'number':
      return true;
    case 'paren':
    case 'unary':
      return isScalar(expr.expr);
    case 'binary':
      return isScalar(expr.left) && isScalar(expr.right);
    case 'call':
      return signatureOf(expr.name)?.returns === 'scalar';
    default:
      return false;
  }
}

/** Aggregations that choose series and leave them as they are. */
const CHOOSES = /^(?:topk|bottomk|limitk|limit_ratio)$/;

function afterAggregation({ op, grouping, args }: PromqlAggregation, label: string): boolean {
  const last = args.at(-1);
  if (!last) return true;
  const [parameter] = args;
  if (op === 'count_values' && (parameter?.type !== 'string' || parameter.value === label)) return true;
  if (CHOOSES.test(op)) return mayHaveLabel(last, label);
  if (!grouping) return false;
  return grouping.labels.includes(label) === (grouping.kind === 'by') && mayHaveLabel(last, label);
}

const SET_OPERATORS = /^(?:and|unless|or)$/;

function afterBinary({ op, left, right, matching }: PromqlBinary, label: string): boolean {
  const has = { left: mayHaveLabel(left, label), right: mayHaveLabel(right, label) };
  if (op === 'or') return has.left || has.right;
  if (SET_OPERATORS.test(op)) return has.left;
  if (isScalar(left)) return has.right;
  if (isScalar(right)) return has.left;
  const isMatched = matching ? matching.labels.includes(label) === (matching.kind === 'on') : true;
  if (!matching?.group) return isMatched && has.left && has.right;
  if (matching.include.includes(label)) return has.left || has.right;
  const many = matching.group === 'left' ? has.left : has.right;
  return isMatched ? has.left && has.right : many;
}

function afterCall(call: PromqlCall, label: string): boolean {
  const { name, args } = call;
  const [first, second] = args;
  const signature = signatureOf(name);
  if (!signature || name === 'info' || name === 'histogram_quantiles') return true;
  if (name === 'absent' || name === 'absent_over_time')
    return first !== undefined && isGivenByAbsent(first, label);
  if (name === 'label_replace' || name === 'label_join') {
    if (second?.type !== 'string' || second.value === label) return true;
    return first === undefined || mayHaveLabel(first, label);
  }
  if (signature.returns === 'scalar' || name === 'vector') return false;
  if (label === 'le' && (name === 'histogram_quantile' || name === 'histogram_fraction')) return false;
  const index = signature.args.findIndex((type) => type === 'vector' || type === 'matrix');
  const series = index < 0 ? undefined : args[index];
  return series !== undefined && mayHaveLabel(series, label);
}

/** `absent` has the labels that its selector asks for with `=`, as they are the only ones that can be known. */
function isGivenByAbsent(expr: PromqlExpr, label: string): boolean {
  if (expr.type === 'paren' || expr.type === 'matrix' || expr.type === 'modified')
    return isGivenByAbsent(expr.expr, label);
  return (
    expr.type === 'selector' &&
    expr.matchers.some((matcher) => matcher.label === label && matcher.op === '=' && matcher.value !== '')
  );
}
