import type { PrometheusConfigTree, ScrapeJob } from '../../syntaxes/prometheus/tree.ts';
import { asMap, asSeq, booleanOf, pairOf, textAt, valueAt, type YamlMap } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The values of the label `job` on the series that a Prometheus configuration collects. */
export interface PrometheusJobsFact {
  readonly names: readonly string[];
  /** Whether these are all: nothing relabels, discovers or receives others. */
  readonly complete: boolean;
}

export const prometheusJobsFacts: FactKey<PrometheusJobsFact> = factKey('prometheus-jobs');

export const extractor = defineExtractor({
  kind: 'prometheus-config',
  key: prometheusJobsFacts,
  extract({ tree, problems, notAnalysed }): readonly PrometheusJobsFact[] {
    if (!tree.root) return [];
    const names = tree.jobs.flatMap((job) => [job.name?.value ?? '', ...labelsOf(job)]);
    return [
      {
        names: [...new Set(names)].filter((name) => name !== '').sort(),
        complete:
          problems.length === 0 && notAnalysed === undefined && isClosed(tree) && tree.jobs.every(isPlain),
      },
    ];
  },
});

/** `labels: { job: x }` beside static targets takes the place of the job's name. */
function labelsOf({ map }: ScrapeJob): readonly string[] {
  return (asSeq(valueAt(map, 'static_configs'))?.items ?? []).flatMap(
    (entry) => textAt(entry, 'labels', 'job') ?? [],
  );
}

/** Keys of a configuration by which series come in that no job scrapes. */
const OTHER_SOURCES = ['scrape_config_files', 'remote_read', 'otlp', '<<'];

function isClosed({ root, jobs }: PrometheusConfigTree): boolean {
  const list = asSeq(valueAt(root, 'scrape_configs'));
  return (
    list !== undefined &&
    list.items.length === jobs.length &&
    jobs.length > 0 &&
    !OTHER_SOURCES.some((key) => pairOf(root, key))
  );
}

/** What such discovery finds may bring a label `job` along, and so may a target whose labels are honoured. */
const BRINGS_LABELS = /^(?:file|http)_sd_configs$|^<<$/;

function isPlain({ map, name }: ScrapeJob): boolean {
  return (
    name !== undefined &&
    !/[${}<>%]/.test(name.value) &&
    booleanOf(valueAt(map, 'honor_labels')) !== true &&
    !map.pairs.some(({ key }) => BRINGS_LABELS.test(key.value)) &&
    ['relabel_configs', 'metric_relabel_configs'].every((key) => keepsJob(map, key))
  );
}

function keepsJob(job: YamlMap, key: string): boolean {
  const pair = pairOf(job, key);
  const items = asSeq(pair?.value)?.items ?? [];
  return items.every((item) => {
    const map = asMap(item);
    const action = textAt(map, 'action')?.toLowerCase() ?? 'replace';
    const target = textAt(map, 'target_label') ?? '';
    const isKnown = map !== undefined && !pairOf(map, '<<');
    return isKnown && !/^label(?:map|drop|keep)$/.test(action) && target !== 'job' && !target.includes('$');
  });
}
