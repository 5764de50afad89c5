import type { Derivation, FactReader } from '../../core/facts.ts';
import { prometheusConfigFacts } from '../../facts/prometheus-config.ts';
import { prometheusFlagsFacts } from '../../facts/prometheus-flags.ts';
import { prometheusJobsFacts } from '../../facts/prometheus-jobs.ts';
import { besideConfig, containersFor, seenIn } from './loading.ts';

/*
 * How the parts of a system hang together: the service that runs Prometheus, the configuration that its container sees, the rule
 * files that this one loads, and the jobs whose series these rules are about.
 */

/** The jobs whose series the rules of a file can see. */
export interface Jobs {
  readonly names: readonly string[];
  /** Whether there are no others. */
  readonly complete: boolean;
}

/** The jobs of all configurations that load a rule file; undefined where none of the workspace does. */
export function jobsFor(facts: FactReader, ruleFile: string): Jobs | undefined {
  return facts.derived(JOBS, ruleFile);
}

const JOBS: Derivation<Jobs | undefined> = {
  id: 'prometheus-jobs-for-rules',
  derive(facts, ruleFile) {
    const configs = configsLoading(facts, ruleFile);
    if (configs.length === 0) return undefined;
    const jobs = configs.map((uri) => facts.of(prometheusJobsFacts, uri)[0]);
    return {
      names: [...new Set(jobs.flatMap((job) => job?.names ?? []))],
      complete:
        jobs.every((job) => job?.complete === true) && configs.every((uri) => onlyScrapes(facts, uri)),
    };
  },
};

/** The configurations that load a rule file, in a container or beside it on disk. */
export function configsLoading(facts: FactReader, ruleFile: string): readonly string[] {
  return facts.all(prometheusConfigFacts).flatMap(({ uri, fact }) => {
    const loads = fact.ruleFiles.some(
      ({ pattern }) =>
        besideConfig(facts, uri, pattern)?.includes(ruleFile) ||
        containersFor(facts, uri).some((container) => seenIn(facts, container, pattern)?.includes(ruleFile)),
    );
    return loads ? [uri] : [];
  });
}

const RECEIVES = /^web\.enable-(?:remote-write|otlp)-receiver$/;

/** Whether nothing can send series to the services that read a configuration. */
function onlyScrapes(facts: FactReader, configUri: string): boolean {
  return containersFor(facts, configUri).every(({ service, opaque }) => {
    const started = facts
      .of(prometheusFlagsFacts, service.uri)
      .find((fact) => fact.service === service.fact.name);
    if (!started?.complete || opaque) return false;
    return !Object.entries(started.flags).some(
      ([name, value]) =>
        RECEIVES.test(name) || (name === 'enable-feature' && /remote-write-receiver|otlp/.test(value)),
    );
  });
}
