import { constantOf, type PromqlExpr, withoutParens } from '../../../syntaxes/promql/tree.ts';

/** Whether 1 or 100 is the whole; undefined for what is no part of a whole, or not known to be one. */
export type Scale = 'percent' | 'share' | undefined;

/** The scale of an expression's values, by names and by what it does. A quotient of two things counts as a share. */
export function scaleOf(expr: PromqlExpr): Scale {
  const node = withoutParens(expr);
  switch (node.type) {
    case 'selector':
      if (/(?:^|[_:])(?:percent|percentage|pct)(?:[_:]|$)/.test(node.name ?? '')) return 'percent';
      return /[_:]ratio(?![a-z])/.test(node.name ?? '') ? 'share' : undefined;
    case 'matrix':
    case 'subquery':
    case 'modified':
      return scaleOf(node.expr);
    case 'aggregation': {
      const inner = node.args.at(-1);
      return inner && /^(?:avg|min|max|topk|bottomk)$/.test(node.op) ? scaleOf(inner) : undefined;
    }
    case 'call': {
      const [inner] = node.args;
      return inner &&
        /^(?:(?:avg|min|max|last)_over_time|round|ceil|floor|clamp_\w+|label_\w+)$/.test(node.name)
        ? scaleOf(inner)
        : undefined;
    }
    case 'binary':
      return scaleOfBinary(node.op, node.left, node.right);
    default:
      return undefined;
  }
}

function scaleOfBinary(op: string, left: PromqlExpr, right: PromqlExpr): Scale {
  const [a, b] = [constantOf(left), constantOf(right)];
  if (op === '*') {
    const [factor, inner] = a === undefined ? [b, left] : [a, right];
    return factor === 100 && constantOf(inner) === undefined && scaleOf(inner) !== 'percent'
      ? 'percent'
      : undefined;
  }
  if (op === '/') {
    if (a !== undefined || b !== undefined) return undefined;
    return scaleOf(left) === 'percent' ? 'percent' : 'share';
  }
  if (op === '-' && a === 1) return scaleOf(right) === 'share' ? 'share' : undefined;
  return op === '-' && a === 100 && scaleOf(right) === 'percent' ? 'percent' : undefined;
}
