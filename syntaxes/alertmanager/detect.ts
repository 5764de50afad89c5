import { templateReason, topLevelKeys } from '../prometheus/detect.ts';
import { basename } from '../uri.ts';

const NAME = /\.ya?ml(?:\.(?:j2|tmpl|tpl|template|erb))?$/i;

/**
 * Keys of others that have `receivers` or `route` at the top: resources of Kubernetes (AlertmanagerConfig among them), the
 * OpenTelemetry Collector, Compose, the tests of a routing tree.
 */
const FOREIGN_KEYS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'spec',
  'service',
  'services',
  'exporters',
  'processors',
  'pipelines',
  'tests',
  'alertmanager',
  'alertmanager_config',
]);

/** Whether a file configures an Alertmanager: a routing tree and receivers at the top. */
export function isAlertmanagerConfig(uri: string, text: string): boolean {
  if (!NAME.test(basename(uri)) || !text.includes('receivers') || !text.includes('route')) return false;
  const keys = topLevelKeys(text);
  return keys.includes('route') && keys.includes('receivers') && !keys.some((key) => FOREIGN_KEYS.has(key));
}

/** Why a file is a template that something else fills in first; undefined where it is none. */
export function alertmanagerTemplate(uri: string, text: string): string | undefined {
  const reason = templateReason(uri, text);
  if (reason) return reason;
  const hole = HOLE.exec(text);
  return hole ? `The file is a template (\`${hole[0].slice(0, 40)}\`), so it is no YAML yet.` : undefined;
}

/** A name alone in braces, `{{ slack_url }}`, or with a filter: in templates of Go it would begin with a dot or a dollar. */
const HOLE =
  /\{\{-?[ \t]*(?!(?:end|else|break|continue|now)\b)[A-Za-z_][\w.]*(?:\[[^\]\n]{0,40}\])?[ \t]*(?:\|[^}\n]{0,80})?-?\}\}/;
