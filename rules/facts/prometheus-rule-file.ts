import type { Document, Span } from '../../syntaxes/document.ts';
import { fieldOf, type RulesForm, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asMap, asScalar } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';
import { isRuleKey } from '../prometheus/shared/rule-keys.ts';

/** What a file with rules holds. */
export interface PrometheusRuleFileFact {
  readonly form: RulesForm;
  readonly alerts: number;
  readonly records: number;
  /** The values of the label `severity`, sorted. */
  readonly severities: readonly string[];
  /** Whether Prometheus would load it, as far as can be seen: no syntax problem, no key that it does not know. */
  readonly loads: boolean;
  /** Where the file can be pointed at: its first key. */
  readonly span: Span;
}

export const prometheusRuleFileFacts: FactKey<PrometheusRuleFileFact> = factKey('prometheus-rule-file');

export const extractor = defineExtractor({
  kind: 'prometheus-rules',
  key: prometheusRuleFileFacts,
  extract(document): readonly PrometheusRuleFileFact[] {
    const rules = rulesOf(document.tree);
    const severities = rules.flatMap((rule) => {
      const value = asScalar(fieldOf(asMap(fieldOf(rule.map, 'labels')?.value), 'severity')?.value)?.value;
      return value === undefined ? [] : [value];
    });
    return [
      {
        form: document.tree.form,
        alerts: rules.filter((rule) => rule.kind === 'alert').length,
        records: rules.filter((rule) => rule.kind === 'record').length,
        severities: [...new Set(severities)].sort(),
        loads: loads(document),
        span: firstKeyOf(document),
      },
    ];
  },
});

function loads({ tree, problems }: Document<'prometheus-rules'>): boolean {
  if (tree.form === 'bare' || problems.length > 0) return false;
  return rulesOf(tree).every(
    (rule) =>
      rule.map.pairs.every((pair) => isRuleKey(pair.key.value)) &&
      (rule.expr?.promql?.problems.length ?? 0) === 0,
  );
}

function firstKeyOf({ tree }: Document<'prometheus-rules'>): Span {
  const root = tree.file.documents.find((document) => document.root)?.root;
  const first = root?.type === 'map' ? root.pairs[0]?.key.span : root?.span;
  return first ?? { start: 0, end: 0 };
}
