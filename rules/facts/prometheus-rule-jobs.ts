import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asMap, textAt, valueAt } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A value that the rules of a file give the label `job`: what they record has it, whoever is scraped. */
export interface PrometheusRuleJobFact {
  readonly job: string;
}

export const prometheusRuleJobFacts: FactKey<PrometheusRuleJobFact> = factKey('prometheus-rule-jobs');

export const extractor = defineExtractor({
  kind: 'prometheus-rules',
  key: prometheusRuleJobFacts,
  extract({ tree }): readonly PrometheusRuleJobFact[] {
    const maps = [...tree.groups.map(({ map }) => map), ...rulesOf(tree).map(({ map }) => map)];
    const jobs = maps.flatMap((map) => textAt(asMap(valueAt(map, 'labels')), 'job') ?? []);
    return [...new Set(jobs)].map((job) => ({ job }));
  },
});
