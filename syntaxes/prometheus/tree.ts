import type { YamlFile } from '../yaml/tree.ts';

export interface PrometheusConfigTree {
  readonly file: YamlFile;
}

export interface PrometheusRulesTree {
  readonly file: YamlFile;
}
