import type { AlertmanagerTree } from './alertmanager/tree.ts';
import type { AppConfigTree } from './appconfig/tree.ts';
import type { ComposeTree } from './compose/tree.ts';
import type { DockerfileTree } from './dockerfile/tree.ts';
import type { DotenvTree } from './dotenv/tree.ts';
import type { GrafanaTree } from './grafana/tree.ts';
import type { IgnoreTree } from './ignore/tree.ts';
import type { NginxTree } from './nginx/tree.ts';
import type { PrometheusConfigTree, PrometheusRulesTree } from './prometheus/tree.ts';
import type { ScriptTree } from './script/tree.ts';
import type { ShellTree } from './shell/tree.ts';

/** The tree of each kind. A new kind adds a line here and one in `registry.ts`. */
export interface Trees {
  readonly compose: ComposeTree;
  readonly dockerfile: DockerfileTree;
  readonly nginx: NginxTree;
  readonly 'prometheus-config': PrometheusConfigTree;
  readonly 'prometheus-rules': PrometheusRulesTree;
  readonly alertmanager: AlertmanagerTree;
  readonly grafana: GrafanaTree;
  readonly appconfig: AppConfigTree;
  readonly script: ScriptTree;
  readonly dotenv: DotenvTree;
  readonly ignore: IgnoreTree;
  readonly shell: ShellTree;
}
