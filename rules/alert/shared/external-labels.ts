import type { FactReader } from '../../core/facts.ts';
import { prometheusLabelsFacts } from '../../facts/prometheus-labels.ts';
import { configsLoading } from '../../prometheus/shared/wiring.ts';

/** The `external_labels` of the Prometheus configurations that load a file. */
export interface ExternalLabels {
  readonly configs: readonly Readonly<Record<string, string>>[];
  /** Whether no configuration may have more than these. */
  readonly complete: boolean;
}

/** Undefined where no configuration of the workspace loads the file. */
export function externalLabels(facts: FactReader, ruleFile: string): ExternalLabels | undefined {
  const configs = configsLoading(facts, ruleFile).flatMap((uri) => facts.of(prometheusLabelsFacts, uri));
  if (configs.length === 0) return undefined;
  return {
    configs: configs.map(({ labels }) => labels),
    complete: configs.every(({ complete }) => complete),
  };
}
