import { asMap, asScalar, pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The `external_labels` of a Prometheus configuration. */
export interface PrometheusLabelsFact {
  readonly labels: Readonly<Record<string, string>>;
  /** Whether all of them are known: none comes from an anchor that is not there. */
  readonly complete: boolean;
}

export const prometheusLabelsFacts: FactKey<PrometheusLabelsFact> = factKey('prometheus-labels');

export const extractor = defineExtractor({
  kind: 'prometheus-config',
  key: prometheusLabelsFacts,
  extract({ tree, notAnalysed }): readonly PrometheusLabelsFact[] {
    if (!tree.root) return [];
    const global = pairOf(tree.root, 'global')?.value;
    const external = pairOf(asMap(global), 'external_labels')?.value;
    const pairs = asMap(external)?.pairs ?? [];
    const labels = pairs.flatMap(({ key, value }) => {
      const scalar = asScalar(value);
      return scalar ? [[key.value, scalar.value] as const] : [];
    });
    const hasMerge = [asMap(global), asMap(external)].some((map) =>
      map?.pairs.some(({ key }) => key.value === '<<'),
    );
    return [{ labels: Object.fromEntries(labels), complete: !hasMerge && notAnalysed === undefined }];
  },
});
