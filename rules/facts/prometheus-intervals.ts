import type { PrometheusConfigTree, ScrapeJob } from '../../syntaxes/prometheus/tree.ts';
import { durationSeconds } from '../../syntaxes/promql/durations.ts';
import { asMap, asSeq, booleanOf, pairOf, textAt, valueAt } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** How often a Prometheus configuration collects samples, and how long it keeps them. */
export interface PrometheusIntervalsFact {
  /** For each value of the label `job` that a job is known to give: the seconds between its samples, `null` where not known. */
  readonly jobs: readonly { readonly names: readonly string[]; readonly seconds: number | null }[];
  /** `storage.tsdb.retention.time`; `null` where it is set and cannot be read. */
  readonly retention?: number | null;
  /** Whether older samples may come from elsewhere: `remote_read`, a size in place of a time, parts that are not known. */
  readonly readsMore: boolean;
  /** Whether a job takes the labels of its targets' series before its own, as for a push gateway. */
  readonly honorsLabels: boolean;
}

export const prometheusIntervalsFacts: FactKey<PrometheusIntervalsFact> = factKey('prometheus-intervals');

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file */
const DEFAULT_INTERVAL = '1m';

export const extractor = defineExtractor({
  kind: 'prometheus-config',
  key: prometheusIntervalsFacts,
  extract({ tree, problems, notAnalysed }): readonly PrometheusIntervalsFact[] {
    const { root } = tree;
    if (!root || problems.length > 0 || notAnalysed !== undefined) return [];
    const retention = valueAt(root, 'storage', 'tsdb', 'retention');
    const time = textAt(asMap(retention), 'time');
    return [
      {
        jobs: tree.jobs.map((job) => ({ names: namesOf(job), seconds: secondsOf(job, tree) })),
        ...(time !== undefined && { retention: durationSeconds(time) ?? null }),
        readsMore:
          pairOf(root, 'remote_read') !== undefined ||
          pairOf(root, '<<') !== undefined ||
          (retention !== undefined && time === undefined),
        honorsLabels: tree.jobs.some(({ map }) => booleanOf(valueAt(map, 'honor_labels')) === true),
      },
    ];
  },
});

function namesOf({ map, name }: ScrapeJob): readonly string[] {
  const labels = (asSeq(valueAt(map, 'static_configs'))?.items ?? []).flatMap(
    (entry) => textAt(entry, 'labels', 'job') ?? [],
  );
  return [name?.value ?? '', ...labels].filter((job) => job !== '');
}

function secondsOf({ map }: ScrapeJob, { root }: PrometheusConfigTree): number | null {
  const global = asMap(valueAt(root, 'global'));
  const merges = [map, global].some((node) => node && pairOf(node, '<<'));
  const written = [map, global].find((node) => node && pairOf(node, 'scrape_interval'));
  if (merges && written !== map) return null;
  const text = written ? textAt(written, 'scrape_interval') : DEFAULT_INTERVAL;
  return (text === undefined ? undefined : durationSeconds(text)) ?? null;
}
