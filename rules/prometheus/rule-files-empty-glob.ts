import type { Document } from '../../syntaxes/document.ts';
import type { RulePattern } from '../../syntaxes/prometheus/tree.ts';
import { dirname, relativePath } from '../../syntaxes/uri.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { dockerfileStagesFacts } from '../facts/dockerfile-stages.ts';
import { prometheusRuleFileFacts } from '../facts/prometheus-rule-file.ts';
import { besideConfig, type Container, containersFor, isComputed, seenIn } from './shared/loading.ts';

const RULES = `groups:
  - name: app
    rules:
      - alert: AppDown
        expr: up{job="app"} == 0
        labels:
          severity: critical
`;

export const rule = defineRule({
  id: 'prometheus/rule-files-empty-glob',
  title: 'Pattern of rule_files matches no file',
  kinds: ['prometheus-config'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Prometheus expands each entry of \`rule_files\` and goes on with what it finds. An entry that finds nothing is no
error and leaves no line in the log, so a renamed folder or a wrong ending silently takes all of its alerts away.`,
    fix: 'Write the path that the rule files have, relative to the configuration, or take the entry out.',
    falsePositives: `Paths that are not below the configuration's folder are judged only where a Compose service shows what
its container sees. Files that are generated at deployment are not known; suppress the finding there.`,
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/configuration/'],
  },
  bad: [
    {
      name: 'braces, which Prometheus does not know, and an application that is built further up',
      files: {
        'monitoring/prometheus.yml': `rule_files:
  - «"rules/{app,host}.yml"»
scrape_configs: []
`,
        'monitoring/rules/app.yml': RULES,
        Dockerfile: 'FROM python:3.12-slim\nCOPY . /app\n',
      },
      fixed: `rule_files:
  - "rules/*.yml"
scrape_configs: []
`,
    },
    {
      name: 'the rules lie in another folder',
      files: {
        'prometheus/prometheus.yml': `global:
  scrape_interval: 15s
rule_files:
  - «"alerts/*.yml"»
scrape_configs: []
`,
        'prometheus/rules/app.yml': RULES,
      },
      fixed: `global:
  scrape_interval: 15s
rule_files:
  - "rules/*.yml"
scrape_configs: []
`,
    },
    {
      name: 'there are no rules at all',
      files: {
        'prometheus.yml': `rule_files:
  - «rules/*.rules»
  - «first.yml»
scrape_configs: []
`,
        'rules/README.md': '',
      },
    },
    {
      name: 'an absolute path that the container of a service does not have',
      files: {
        'prometheus.yml': `rule_files: [«/etc/prometheus/rules/*.yml»]
scrape_configs: []
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml
`,
      },
    },
  ],
  good: [
    {
      name: 'the pattern matches',
      files: {
        'prometheus/prometheus.yml': `rule_files:
  - "./alerts/*.yml"
  - ../shared/*.yml
scrape_configs: []
`,
        'prometheus/alerts/app.yml': RULES,
        'shared/host.yml': RULES,
      },
    },
    {
      name: 'no entries, as in the file that comes with Prometheus',
      files: {
        'prometheus.yml': `rule_files:
  # - "first_rules.yml"
  # - "second_rules.yml"
scrape_configs: []
`,
      },
    },
    {
      name: 'an absolute path on a host that is not known',
      files: {
        'prometheus.yml': `rule_files: ["/var/lib/rules/*.yml", "/etc/prometheus/rules/*.yml"]\nscrape_configs: []\n`,
      },
    },
    {
      name: 'a service mounts the rules from elsewhere',
      files: {
        'config/prometheus.yml': `rule_files: ["rules/*.yml"]
scrape_configs: []
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./config/prometheus.yml:/etc/prometheus/prometheus.yml
      - ./alerting:/etc/prometheus/rules
`,
        'alerting/app.yml': RULES,
      },
    },
    {
      name: 'rules come from a volume',
      files: {
        'prometheus.yml': `rule_files: ["rules/*.yml"]
scrape_configs: []
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml
      - rules:/etc/prometheus/rules
`,
      },
    },
    {
      name: 'an image is built around the configuration',
      files: {
        'prometheus/prometheus.yml': `rule_files: ["rules/*.yml"]
scrape_configs: []
`,
        'prometheus/Dockerfile': `FROM prom/prometheus
COPY prometheus.yml /etc/prometheus/
`,
      },
    },
    {
      name: 'a path that is filled in before Prometheus reads it',
      files: { 'prometheus.yml': `rule_files: ["\${RULES_DIR}/*.yml"]\nscrape_configs: []\n` },
    },
  ],
  check(document, context) {
    const containers = containersFor(context.facts, document.uri);
    if (containers.length === 0 && isDeployedOtherwise(context, document.uri)) return;
    for (const entry of document.tree.rulePatterns) {
      if (!isEmpty(context, document.uri, containers, entry.pattern)) continue;
      context.report({
        span: entry.scalar.span,
        message: 'This pattern matches no file; Prometheus starts without these rules and says nothing.',
        place: `rule_files[${entry.pattern}]`,
        fixes: () => [repointFix(document, context, entry)],
      });
    }
  },
});

/** Whether nothing that can be seen matches, and everything that matters can be seen. */
function isEmpty(
  context: Context,
  configUri: string,
  containers: readonly Container[],
  pattern: string,
): boolean {
  if (isComputed(pattern)) return false;
  const views = containers.map((container) => seenIn(context.facts, container, pattern));
  if (views.some((seen) => seen === undefined || seen.length > 0)) return false;
  const folders =
    containers.length === 0 ? [undefined] : containers.map((container) => container.configFolder);
  if (containers.length === 0 && pattern.startsWith('/')) return false;
  return folders.every(
    (folder) => (besideConfig(context.facts, configUri, pattern, folder) ?? []).length === 0,
  );
}

/** An image, a chart or a kustomization may bring the rules to the configuration. */
function isDeployedOtherwise(context: Context, configUri: string): boolean {
  const folder = dirname(configUri);
  const has = (place: string, patterns: readonly string[]) =>
    patterns.flatMap((pattern) => context.facts.glob(place, pattern));
  const builders = has(dirname(folder), ['*Dockerfile*', '*Containerfile*']);
  return (
    has(folder, ['*Dockerfile*', '*Containerfile*', 'Makefile', '*.jsonnet']).length > 0 ||
    [folder, dirname(folder)].some((place) => has(place, ['Chart.yaml', 'kustomization.y*ml']).length > 0) ||
    // A Dockerfile further up most often builds the application that is watched.
    builders.some((uri) => !buildsSomethingElse(context, uri))
  );
}

function buildsSomethingElse(context: Context, dockerfile: string): boolean {
  const [image] = context.facts.of(dockerfileStagesFacts, dockerfile);
  const base = image?.final.base;
  return base !== null && base !== undefined && !/prom|alpine|busybox|scratch|distroless/i.test(base);
}

/** Where all rule files below the configuration lie in one folder, that is what the pattern meant. */
function repointFix(
  document: Document<'prometheus-config'>,
  context: Context,
  entry: RulePattern,
): Fix | undefined {
  if (entry.pattern.startsWith('/')) return undefined;
  const folder = dirname(document.uri);
  const taken = new Set(
    document.tree.rulePatterns.flatMap(
      ({ pattern }) => besideConfig(context.facts, document.uri, pattern) ?? [],
    ),
  );
  const loose = context.facts
    .all(prometheusRuleFileFacts)
    .filter(
      ({ uri, fact }) => fact.form === 'file' && !taken.has(uri) && relativePath(folder, uri) !== undefined,
    );
  const patterns = new Set(
    loose.map(({ uri }) =>
      `${relativePath(folder, dirname(uri)) ?? ''}/*${/\.[^./]+$/.exec(uri)?.[0] ?? ''}`.replace(/^\//, ''),
    ),
  );
  const [pattern] = patterns;
  if (patterns.size !== 1 || pattern === undefined || pattern.startsWith('*')) return undefined;
  const edit = setScalar(entry.scalar, pattern);
  return (
    edit && {
      title: `Set the pattern to \`${pattern}\``,
      safety: 'review',
      edits: [edit],
      risk: 'Alerts that were never evaluated begin to fire.',
      verify: 'promtool check config',
    }
  );
}
