import {
  asMap,
  asScalar,
  asSeq,
  isNull,
  textAt,
  valueAt,
  type YamlFile,
  type YamlMap,
  type YamlNode,
} from '../yaml/tree.ts';
import type { PrometheusConfigTree, ScrapeJob, ScrapeTarget } from './tree.ts';

/** The parts of a configuration that rules ask for. */
export function configTree(file: YamlFile): PrometheusConfigTree {
  const root = asMap(file.documents.find((document) => document.root)?.root);
  return {
    file,
    root,
    rulePatterns: itemsOf(valueAt(root, 'rule_files')).flatMap((item) => {
      const scalar = asScalar(item);
      return scalar && scalar.value !== '' ? [{ pattern: scalar.value, scalar }] : [];
    }),
    alertmanagers: mapsOf(valueAt(root, 'alerting', 'alertmanagers')).filter(mayFindOne),
    jobs: mapsOf(valueAt(root, 'scrape_configs')).map(jobOf),
  };
}

/** Static entries without a single target find nobody; the sample configuration has one, with its target in a comment. */
function mayFindOne(manager: YamlMap): boolean {
  const discovers = manager.pairs.some(({ key }) => key.value === '<<' || /_sd_configs$/.test(key.value));
  const entries = valueAt(manager, 'static_configs');
  if (discovers || (entries && !asSeq(entries))) return true;
  return mapsOf(entries).some((entry) => {
    const targets = valueAt(entry, 'targets');
    return targets !== undefined && !isNull(targets) && (asSeq(targets)?.items.length ?? 1) > 0;
  });
}

function jobOf(map: YamlMap): ScrapeJob {
  return {
    map,
    name: asScalar(valueAt(map, 'job_name')),
    targets: mapsOf(valueAt(map, 'static_configs')).flatMap((entry) => targetsOf(valueAt(entry, 'targets'))),
    relabelsAddress: mapsOf(valueAt(map, 'relabel_configs')).some(touchesAddress),
  };
}

function touchesAddress(relabel: YamlMap): boolean {
  const action = textAt(relabel, 'action')?.toLowerCase() ?? 'replace';
  return textAt(relabel, 'target_label') === '__address__' || action === 'labelmap';
}

function targetsOf(targets: YamlNode | undefined): ScrapeTarget[] {
  return itemsOf(targets).flatMap((item) => {
    const scalar = asScalar(item);
    if (!scalar || scalar.value === '') return [];
    const match = /^(?:https?:\/\/)?(\[[^\]]*\]|[^:/]+)(?::(\d+))?/.exec(scalar.value);
    return match ? [{ scalar, host: match[1] ?? '', port: match[2] }] : [];
  });
}

function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return asSeq(node)?.items ?? [];
}

function mapsOf(node: YamlNode | undefined): readonly YamlMap[] {
  return itemsOf(node).flatMap((item) => asMap(item) ?? []);
}
