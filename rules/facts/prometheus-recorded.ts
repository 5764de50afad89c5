import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { type PromqlExpr, withoutParens } from '../../syntaxes/promql/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A series that the rules of a file record. */
export interface PrometheusRecordedFact {
  readonly name: string;
  /** The name of the counter, as far as names tell, whose plain sum it is: `sum by (job) (requests_total)`. */
  readonly sumOf?: string;
}

export const prometheusRecordedFacts: FactKey<PrometheusRecordedFact> = factKey(
  'prometheus-recorded',
  ({ name }) => [name],
);

export const extractor = defineExtractor({
  kind: 'prometheus-rules',
  key: prometheusRecordedFacts,
  extract: ({ tree }): readonly PrometheusRecordedFact[] =>
    rulesOf(tree).flatMap(({ kind, name, expr }) => {
      if (kind !== 'record' || !name?.value) return [];
      const root = expr?.promql?.problems.length === 0 ? expr.promql.root : undefined;
      const sumOf = root && summedCounter(root);
      return [{ name: name.value, ...(sumOf !== undefined && { sumOf }) }];
    }),
});

function summedCounter(root: PromqlExpr): string | undefined {
  const sum = withoutParens(root);
  if (sum.type !== 'aggregation' || sum.op !== 'sum') return undefined;
  const [arg] = sum.args;
  const selector = arg && withoutParens(arg);
  const name = selector?.type === 'selector' ? selector.name : undefined;
  return name !== undefined && /_total$/.test(name) ? name : undefined;
}
