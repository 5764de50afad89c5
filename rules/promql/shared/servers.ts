import type { FactReader } from '../../core/facts.ts';
import { prometheusFlagsFacts } from '../../facts/prometheus-flags.ts';
import { type PrometheusImageFact, prometheusImageFacts } from '../../facts/prometheus-image.ts';
import { containersFor } from '../../prometheus/shared/loading.ts';
import { configsLoading } from '../../prometheus/shared/wiring.ts';

/** A Prometheus of a Compose file that evaluates a rule file. */
export interface Server {
  readonly composeUri: string;
  readonly service: string;
  readonly configUri: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly image: PrometheusImageFact | undefined;
}

/** The servers that evaluate a rule file; undefined where one of them is not known in full. */
export function serversFor(facts: FactReader, ruleFile: string): readonly Server[] | undefined {
  const servers: Server[] = [];
  for (const configUri of configsLoading(facts, ruleFile)) {
    const containers = containersFor(facts, configUri);
    // Somebody runs this configuration, and how is not known.
    if (containers.length === 0) return undefined;
    for (const { service, opaque } of containers) {
      const name = service.fact.name;
      const started = facts.of(prometheusFlagsFacts, service.uri).find((fact) => fact.service === name);
      if (!started?.complete || opaque) return undefined;
      const image = facts.of(prometheusImageFacts, service.uri).find((fact) => fact.service === name);
      servers.push({ composeUri: service.uri, service: name, configUri, flags: started.flags, image });
    }
  }
  return servers.length > 0 ? servers : undefined;
}
