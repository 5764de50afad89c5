import { signatureOf } from '../../../syntaxes/promql/functions.ts';
import { isScalar, mayHaveLabel } from '../../../syntaxes/promql/labels.ts';
import type {
  PromqlAggregation,
  PromqlBinary,
  PromqlCall,
  PromqlExpr,
  PromqlSelector,
} from '../../../syntaxes/promql/tree.ts';
import type { FactReader } from '../../core/facts.ts';
import { prometheusIntervalsFacts } from '../../facts/prometheus-intervals.ts';
import { prometheusRecordedFacts } from '../../facts/prometheus-recorded.ts';

/**
 * The labels that all series of a metric have by how they come in; undefined for a metric that a rule records, which has those that its
 * rule leaves.
 */
export type LabelsOfMetric = (name: string) => readonly string[] | undefined;

/** Asks the rules and configurations of the workspace. A name with a colon is one of a recording rule by convention. */
export function labelsOfMetrics(facts: FactReader): LabelsOfMetric {
  // What is pushed to a gateway has no `instance` where its labels are honoured.
  const scraped = facts.all(prometheusIntervalsFacts).some(({ fact }) => fact.honorsLabels)
    ? ['job']
    : ['job', 'instance'];
  return (name) =>
    name.includes(':') || /^ALERTS/.test(name) || facts.about(prometheusRecordedFacts, name).length > 0
      ? undefined
      : scraped;
}

/** Labels with their values, `undefined` for one whose value is not the same for all series or not known. */
type SureLabels = ReadonlyMap<string, string | undefined>;

/**
 * Labels that the series in a result have: what is asked for with `=`, `job` and `instance` of what is scraped, and what an
 * aggregation names, for whoever writes `by (x)` knows his series to have it. The counterpart of `mayHaveLabel`.
 */
export function sureLabels(expr: PromqlExpr, labelsOf: LabelsOfMetric): SureLabels {
  switch (expr.type) {
    case 'number':
    case 'string':
      return NONE;
    case 'selector':
      return ofSelector(expr, labelsOf);
    case 'call':
      return afterCall(expr, labelsOf);
    case 'aggregation':
      return afterAggregation(expr, labelsOf);
    case 'binary':
      return afterBinary(expr, labelsOf);
    default:
      return sureLabels(expr.expr, labelsOf);
  }
}

const NONE: SureLabels = new Map();

function ofSelector({ name, matchers }: PromqlSelector, labelsOf: LabelsOfMetric): SureLabels {
  const own = name === undefined ? undefined : labelsOf(name);
  if (!own) return NONE;
  const labels = new Map<string, string | undefined>(own.map((label) => [label, undefined]));
  for (const { op, label, value } of matchers) {
    if (op === '=' && label !== '__name__') labels.set(label, value);
  }
  return new Map([...labels].filter(([, value]) => value !== ''));
}

function afterCall({ name, args }: PromqlCall, labelsOf: LabelsOfMetric): SureLabels {
  const signature = signatureOf(name);
  if (!signature || signature.returns === 'scalar' || /^(?:vector|absent(?:_over_time)?)$/.test(name))
    return NONE;
  const index = signature.args.findIndex((type) => type === 'vector' || type === 'matrix');
  const series = index < 0 ? undefined : args[index];
  if (!series) return NONE;
  const labels = sureLabels(series, labelsOf);
  const [, target] = args;
  if (name === 'label_replace' || name === 'label_join')
    return target?.type === 'string' ? without(labels, [target.value]) : NONE;
  return name.startsWith('histogram_') ? without(labels, ['le']) : labels;
}

function afterAggregation({ op, grouping, args }: PromqlAggregation, labelsOf: LabelsOfMetric): SureLabels {
  const inner = args.at(-1);
  if (!inner) return NONE;
  if (/^(?:topk|bottomk|limitk|limit_ratio)$/.test(op)) return sureLabels(inner, labelsOf);
  if (!grouping) return NONE;
  const labels = sureLabels(inner, labelsOf);
  if (grouping.kind === 'without') return without(labels, grouping.labels);
  const kept = grouping.labels.filter((label) => mayHaveLabel(inner, label));
  return new Map(kept.map((label) => [label, labels.get(label)]));
}

function afterBinary({ op, left, right, matching }: PromqlBinary, labelsOf: LabelsOfMetric): SureLabels {
  const a = sureLabels(left, labelsOf);
  const b = sureLabels(right, labelsOf);
  if (op === 'or') {
    const common = [...a].filter(([label]) => b.has(label));
    return new Map(common.map(([label, value]) => [label, b.get(label) === value ? value : undefined]));
  }
  if (op === 'and' || op === 'unless') return a;
  if (isScalar(left)) return b;
  if (isScalar(right)) return a;
  // What is copied from the other side takes the place of a label of this one.
  if (matching?.group) return without(matching.group === 'left' ? a : b, matching.include);
  // One to one: labels that are not matched by are not in the result.
  const both = new Map([...b, ...a].map(([label]) => [label, a.get(label) ?? b.get(label)]));
  if (!matching) return both;
  return matching.kind === 'on'
    ? new Map([...both].filter(([label]) => matching.labels.includes(label)))
    : without(both, matching.labels);
}

function without(labels: SureLabels, gone: readonly string[]): SureLabels {
  return new Map([...labels].filter(([label]) => !gone.includes(label)));
}
