import { basename } from '../uri.ts';

/** The keys that Prometheus knows at the top of its configuration. */
const CONFIG_KEYS: ReadonlySet<string> = new Set([
  'global',
  'runtime',
  'alerting',
  'rule_files',
  'scrape_config_files',
  'scrape_configs',
  'storage',
  'tracing',
  'remote_write',
  'remote_read',
  'otlp',
]);

/** Keys of other programs whose configuration has `scrape_configs` too: Promtail, the Grafana Agent, the OpenTelemetry Collector. */
const FOREIGN_KEYS: ReadonlySet<string> = new Set([
  'clients',
  'client',
  'positions',
  'server',
  'integrations',
  'metrics',
  'logs',
  'traces',
  'loki',
  'receivers',
  'exporters',
  'processors',
  'service',
  'services',
  'tests',
  'groups',
  'apiVersion',
  'kind',
  'distributor',
  'ingester',
  'schema_config',
  'remoteWrite',
]);

const CONFIG_NAME = /\.ya?ml(?:\.(?:j2|tmpl|tpl|template|erb))?$/i;
const RULES_NAME = /\.(?:ya?ml|rules?|alerts?)(?:\.(?:j2|tmpl|tpl|template|erb))?$/i;
const TEMPLATE_NAME = /\.(?:j2|tmpl|tpl|template|erb)$/i;

/** At the start of a line, behind a dash, or in a map in flow style. */
const RULE_KEY = /(?:^[ \t]*(?:-[ \t]+)?|[{,][ \t]*)["']?(?:alert|record)["']?[ \t]*:/m;
const EXPR_KEY = /(?:^[ \t]*(?:-[ \t]+)?|[{,][ \t]*)["']?expr["']?[ \t]*:/m;
const BARE_LIST = /^-[ \t]+["']?(?:alert|record|expr)["']?[ \t]*:/m;
const OPERATOR_API = /^apiVersion:[ \t]*["']?monitoring\.coreos\.com\//m;
const OPERATOR_KIND = /^kind:[ \t]*["']?PrometheusRule\b/m;

/** Whether a file configures a Prometheus server. */
export function isPrometheusConfig(uri: string, text: string): boolean {
  if (!CONFIG_NAME.test(basename(uri))) return false;
  if (!text.includes('scrape_config') && !text.includes('rule_files') && !text.includes('alertmanagers'))
    return false;
  const keys = topLevelKeys(text);
  if (keys.some((key) => FOREIGN_KEYS.has(key))) return false;
  if (keys.includes('scrape_configs') || keys.includes('scrape_config_files')) return true;
  const known = keys.filter((key) => CONFIG_KEYS.has(key)).length;
  return (
    known === keys.length &&
    (keys.includes('rule_files') || (keys.includes('alerting') && keys.includes('global')))
  );
}

/** Whether a file holds alerting or recording rules: with `groups`, as a PrometheusRule, or as a bare list. */
export function isPrometheusRules(uri: string, text: string): boolean {
  if (!RULES_NAME.test(basename(uri))) return false;
  if (!RULE_KEY.test(text) || !EXPR_KEY.test(text)) return false;
  const keys = topLevelKeys(text);
  if (keys.includes('tests')) return false;
  if (keys.includes('apiVersion')) return OPERATOR_API.test(text) && OPERATOR_KIND.test(text);
  return keys.includes('groups') || (keys.length === 0 && BARE_LIST.test(text));
}

/** Why a file is a template, which something else turns into YAML first; undefined where it is none. */
export function templateReason(uri: string, text: string): string | undefined {
  if (TEMPLATE_NAME.test(basename(uri))) return 'The file is a template by its name, so it is no YAML yet.';
  const mark = HELM.exec(text) ?? JINJA.exec(text);
  return mark ? `The file is a template (\`${mark[0].trim()}\`), so it is no YAML yet.` : undefined;
}

/**
 * What a rule's own templates (`{{ $labels.job }}`, `{{ if gt $value 1.0 }}`) do not have and those of Helm do: its objects and
 * functions, an escaped `{{`, and an action at the start of a line, where no annotation can stand.
 */
const HELM =
  /\{\{-?[ \t]*(?:\.(?:Values|Release|Chart|Files|Capabilities|Template)\b|(?:include|define|tpl|required|toYaml|block)\b|[`"']\{\{)|^\{\{[^\n]{0,20}/m;

const JINJA = /\{%-?[ \t]*\w+/;

/** The keys at the top of all documents of a YAML stream, without parsing it. */
export function topLevelKeys(text: string): readonly string[] {
  return [...text.matchAll(/^\uFEFF?(?:([A-Za-z_][\w.-]*)|"([^"\n]*)"|'([^'\n]*)')[ \t]*:(?=\s|$)/gm)].map(
    ([, plain, double, single]) => plain ?? double ?? single ?? '',
  );
}
