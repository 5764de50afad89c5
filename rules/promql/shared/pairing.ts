import { signatureOf } from '../../../syntaxes/promql/functions.ts';
import { isScalar } from '../../../syntaxes/promql/labels.ts';
import {
  COMPARISONS,
  type PromqlBinary,
  type PromqlExpr,
  withoutParens,
} from '../../../syntaxes/promql/tree.ts';
import type { Edit } from '../../core/rule.ts';
import { type LabelsOfMetric, sureLabels } from './sure-labels.ts';

/** Which labels an operation is to pair by, as an edit of its operator and in words. */
interface Pairing {
  readonly title: string;
  readonly edit: Edit;
}

/** Lets labels of which the sides ask for different values not count. */
export function ignoringLabels(
  { opSpan, bool }: PromqlBinary,
  labels: readonly string[],
): Pairing | undefined {
  const list = labels.join(', ');
  const span = { start: opSpan.end, end: opSpan.end };
  return bool
    ? undefined
    : { title: `Pair without \`${list}\``, edit: { span, text: ` ignoring (${list})` } };
}

/** Lets the labels of the side that has fewer count, where the other is sure to have all of them. */
export function onLabels(node: PromqlBinary, labelsOf: LabelsOfMetric): Pairing | undefined {
  const { op, opSpan, bool, left, right } = node;
  const a = exactLabels(left);
  const b = exactLabels(right);
  const few = b?.every((label) => sureLabels(left, labelsOf).has(label))
    ? { labels: b, many: 'left' }
    : a?.every((label) => sureLabels(right, labelsOf).has(label))
      ? { labels: a, many: 'right' }
      : undefined;
  if (!few || bool) return undefined;
  const isSet = !COMPARISONS.has(op) && /^[a-z]/.test(op) && op !== 'atan2';
  const list = few.labels.join(', ');
  return {
    title: list === '' ? 'Pair all with the one' : `Pair by \`${list}\``,
    edit: {
      span: { start: opSpan.end, end: opSpan.end },
      text: ` on (${list})${isSet ? '' : ` group_${few.many}`}`,
    },
  };
}

/** All labels of the series in a result, where they can be told. */
function exactLabels(expr: PromqlExpr): readonly string[] | undefined {
  const node = withoutParens(expr);
  switch (node.type) {
    case 'aggregation': {
      if (!/^(?:sum|avg|min|max|count|group|stddev|stdvar|quantile)$/.test(node.op)) return undefined;
      if (!node.grouping) return [];
      return node.grouping.kind === 'by' ? node.grouping.labels : undefined;
    }
    case 'binary':
      if (isScalar(node.right)) return exactLabels(node.left);
      return isScalar(node.left) ? exactLabels(node.right) : undefined;
    case 'call':
      return node.name === 'vector' ||
        (node.args.length === 0 && signatureOf(node.name)?.returns === 'vector')
        ? []
        : undefined;
    default:
      return undefined;
  }
}
