import { pathOf } from '../uri.ts';

/** Names that applications give to the file with their settings, with a profile or a purpose behind. */
const CONFIG_NAME =
  /^(?:config|settings|application|app|appconfig|app[-_.](?:config|settings)|conf|configuration|default|production|prod|staging|development|dev|local|bootstrap)(?:[-_.][\w-]+)*\.ya?ml$|[-_.](?:config|settings|configuration|conf)\.ya?ml$/i;

/** Folders in which each YAML file is taken for settings; only the two next to the file are looked at. */
const CONFIG_FOLDER = /^(?:config|configs|conf|settings|\.config)$/i;

/** Files of tools, whose settings no production system reads. */
const TOOL_NAME =
  /^(?:\.|_config\.|values[-_.]|chart\.|mkdocs|docker-compose|compose|.*compose.*\.ya?ml$|openapi|swagger|dependabot|codecov|renovate|pubspec|package|pnpm|lerna|kustomization|skaffold|appveyor|azure-pipelines|bitbucket-pipelines|cloudbuild|buildspec|detekt|crowdin|netlify|serverless|sonar|checkstyle|golangci|goreleaser|rubocop|i18n|locales?|messages|translations?|schema|playbook|inventory|routes|routing|services|security-checker|.*[-_.](?:schema|rules|alerts?|dashboards?)\.ya?ml$)/i;

/** Folders of CI systems, deployment tools, translations and dependencies. */
const OTHER_FOLDER =
  /\/(?:\.github|\.gitlab|\.circleci|\.azure-pipelines|\.prow|\.tekton|\.vscode|\.idea|node_modules|vendor|locales?|i18n|lang|languages|translations?|roles|playbooks|group_vars|host_vars|charts?|helm|crds?|k8s|kubernetes|kustomize|manifests|workflows|issue_template|dashboards|rubocop|detekt|checkstyle)\//i;

/** Whether a file can hold an application's settings, judged by its path. */
export function isConfigPath(uri: string): boolean {
  if (!/\.ya?ml$/i.test(uri)) return false;
  const path = pathOf(uri);
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  // Folders far above may be the user's own (`~/.config/…`, `~/k8s/…`), so only the next ones count.
  const near = `/${segments.slice(-4, -1).join('/')}/`;
  if (TOOL_NAME.test(name) || OTHER_FOLDER.test(near)) return false;
  return CONFIG_NAME.test(name) || segments.slice(-3, -1).some((folder) => CONFIG_FOLDER.test(folder));
}

/** The keys in the first column; none for a file whose root is a list or a scalar. */
export function topLevelKeys(text: string): ReadonlySet<string> {
  const keys = new Set<string>();
  if (
    /^-[ \t]/m.test(text) &&
    !/^[\w"'][^\n]{0,200}:[ \t]*(?:[&!]\S+[ \t]*)?(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*-[ \t]/m.test(
      text,
    )
  )
    return keys;
  for (const match of text.matchAll(/^\uFEFF?(["']?)([A-Za-z_$][\w$./-]{0,200})\1[ \t]*:(?=[ \t\r\n]|$)/gm))
    keys.add(match[2] ?? '');
  return keys;
}

/** Kinds of YAML that are no application's settings, by the keys at their root; the first that has all of its keys. */
const OTHER_KINDS: readonly (readonly [kind: string, ...keys: readonly (string | readonly string[])[]])[] = [
  ['a Kubernetes object', 'apiVersion', 'kind'],
  ['a Helm chart', 'apiVersion', 'name', 'version'],
  [
    'Grafana provisioning',
    'apiVersion',
    ['datasources', 'providers', 'contactPoints', 'policies', 'groups', 'apps', 'templates'],
  ],
  ['an OpenAPI description', ['openapi', 'swagger', 'asyncapi', 'arazzo']],
  [
    'a Prometheus configuration',
    ['scrape_configs', 'rule_files', 'scrape_config_files', 'remote_write', 'evaluation_interval'],
  ],
  ['a Prometheus configuration', 'global', ['otlp', 'alerting', 'remote_read', 'storage']],
  ['Prometheus rules', 'groups'],
  ['an Alertmanager configuration', 'route', 'receivers'],
  [
    'an OpenTelemetry Collector configuration',
    ['receivers', 'exporters', 'processors'],
    ['exporters', 'service', 'extensions'],
  ],
  ['a Loki configuration', ['schema_config', 'limits_config', 'ingester', 'storage_config', 'compactor']],
  ['a Promtail configuration', 'clients', ['positions', 'scrape_configs']],
  ['a Blackbox exporter configuration', 'modules'],
  ['a GitHub workflow', 'jobs', ['on', 'name', 'permissions', 'env']],
  ['a GitHub issue form', ['blank_issues_enabled', 'contact_links']],
  ['a CircleCI configuration', 'version', ['jobs', 'workflows', 'orbs']],
  ['a GitLab pipeline', 'stages', ['before_script', 'variables', 'image', 'default', 'include']],
  ['a GitHub action', 'runs', ['name', 'description', 'inputs']],
  ['a Dependabot configuration', 'version', 'updates'],
  ['a mkdocs site', 'site_name', ['nav', 'theme', 'plugins', 'markdown_extensions', 'docs_dir']],
  ['a Jekyll or Hugo site', ['baseurl', 'baseURL', 'permalink']],
  ['a CloudFormation template', ['AWSTemplateFormatVersion', 'Resources']],
  ['a Serverless service', 'service', 'provider', 'functions'],
  [
    'a Kustomization',
    ['resources', 'bases'],
    ['patches', 'patchesStrategicMerge', 'commonLabels', 'namespace', 'namePrefix'],
  ],
  ['an Envoy configuration', ['static_resources', 'dynamic_resources']],
  ['an ESPHome device', 'esphome'],
  ['an Ansible playbook', 'hosts', ['tasks', 'roles']],
  ['a JSON schema', '$schema', ['properties', 'definitions', '$defs']],
  ['a Conda environment', 'dependencies', 'channels'],
  ['a dbt project', 'config-version'],
];

/** What else a file is, by its content; undefined for settings. */
export function otherKindOf(keys: ReadonlySet<string>, text: string): string | undefined {
  const has = (wanted: string | readonly string[]) =>
    typeof wanted === 'string' ? keys.has(wanted) : wanted.some((key) => keys.has(key));
  const found = OTHER_KINDS.find(([, ...wanted]) => wanted.every(has));
  if (found) return found[0];
  const isCompose = keys.has('services') && /^[ \t]{2,8}(?:image|build|container_name):/m.test(text);
  return isCompose ? 'a Compose file' : undefined;
}
