import type { YamlFile } from '../yaml/tree.ts';

export interface AppConfigTree {
  readonly file: YamlFile;
}
