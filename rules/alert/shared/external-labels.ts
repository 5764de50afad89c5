import type { FactReader } from '../../core/facts.ts';
import { prometheusConfigFacts } from '../../facts/prometheus-config.ts';
import { prometheusLabelsFacts } from '../../facts/prometheus-labels.ts';
import { besideConfig, containersFor, seenIn } from '../../prometheus/shared/loading.ts';

/** The `external_labels` of the Prometheus configurations that load a file. */
export interface ExternalLabels {
  readonly configs: readonly Readonly<Record<string, string>>[];
  /** Whether no configuration may have more than these. */
  readonly complete: boolean;
}

/** Undefined where no configuration of the workspace loads the file. */
export function externalLabels(facts: FactReader, ruleFile: string): ExternalLabels | undefined {
  const configs = facts
    .all(prometheusConfigFacts)
    .filter(({ uri, fact }) => fact.ruleFiles.some(({ pattern }) => loads(facts, uri, { pattern, ruleFile })))
    .flatMap(({ uri }) => facts.of(prometheusLabelsFacts, uri));
  if (configs.length === 0) return undefined;
  return {
    configs: configs.map(({ labels }) => labels),
    complete: configs.every(({ complete }) => complete),
  };
}

function loads(
  facts: FactReader,
  config: string,
  { pattern, ruleFile }: { readonly pattern: string; readonly ruleFile: string },
): boolean {
  if (besideConfig(facts, config, pattern)?.includes(ruleFile)) return true;
  return containersFor(facts, config).some((container) =>
    seenIn(facts, container, pattern)?.includes(ruleFile),
  );
}
