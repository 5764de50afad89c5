import type { YamlFile } from '../yaml/tree.ts';

export interface ComposeTree {
  readonly file: YamlFile;
}
