import type { Document } from '../../syntaxes/document.ts';
import { basename, dirname, relativePath } from '../../syntaxes/uri.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import type { Derivation, FactReader, LocatedFact } from '../core/facts.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { composeServicesFacts } from '../facts/compose-services.ts';
import { ENTRY, type PrometheusConfigFact, prometheusConfigFacts } from '../facts/prometheus-config.ts';
import {
  besideConfig,
  containersFor,
  containersOf,
  isComputed,
  isSample,
  pathBeside,
  seenIn,
} from './shared/loading.ts';

const RULES = `«groups»:
  - name: app
    rules:
      - alert: AppDown
        expr: up{job="app"} == 0
        labels:
          severity: critical
`;
const QUIET = RULES.replace('«', '').replace('»', '');

export const rule = defineRule({
  id: 'prometheus/rule-file-orphan',
  title: 'Rule file is loaded by no Prometheus configuration',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `The workspace has a Prometheus configuration, and none of its \`rule_files\` entries matches this file. Its rules are
never evaluated, however right they are; \`promtool check rules\` says success all the same.`,
    fix: `List the file, or its folder with a wildcard, under \`rule_files\`, and mount it into the container where Prometheus
runs in one.`,
    falsePositives: `Silent for operator resources, below folders named for examples, tests or templates, beside Helm charts,
kustomizations and Ansible roles, for files that a Compose service mounts for another program, and where an entry of
\`rule_files\` cannot be told.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#configuring-rules',
    ],
  },
  bad: [
    {
      name: 'not in the list',
      files: {
        'prometheus/rules/app.yml': RULES,
        'prometheus/prometheus.yml': `rule_files:
  - "rules/host.yml"
scrape_configs: []
`,
        'prometheus/rules/host.yml': QUIET,
      },
      fixed: {
        'prometheus/prometheus.yml': `rule_files:
  - "rules/host.yml"
  - "rules/app.yml"
scrape_configs: []
`,
      },
    },
    {
      name: 'the list is in comments',
      files: {
        'monitoring/alerts.yml': RULES,
        'monitoring/prometheus.yml': `rule_files:
  # - alerts.yml
scrape_configs: []
`,
      },
      fixed: {
        'monitoring/prometheus.yml': `rule_files:
  - alerts.yml
  # - alerts.yml
scrape_configs: []
`,
      },
    },
    {
      name: 'no list, and the rules lie in a folder beside that of the configuration',
      files: {
        'stack/monitoring/rules/p1.yml': RULES,
        'stack/observability/prometheus_config.yml': `global:
  scrape_interval: 15s
scrape_configs: []
`,
      },
    },
    {
      name: 'mounted, and still not in the list',
      files: {
        'prometheus/rules/app.yml': RULES,
        'prometheus/prometheus.yml': `rule_files: ['alerts/*.yml']
scrape_configs: []
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./prometheus:/etc/prometheus
`,
      },
      fixed: {
        'prometheus/prometheus.yml': `rule_files: ['alerts/*.yml', 'rules/app.yml']
scrape_configs: []
`,
      },
    },
  ],
  good: [
    {
      name: 'matched on disk',
      files: {
        'prometheus/rules/app.yml': QUIET,
        'prometheus/prometheus.yml': `rule_files: ["rules/*.yml"]\nscrape_configs: []\n`,
      },
    },
    {
      name: 'matched in a container only',
      files: {
        'alerting/app.yml': QUIET,
        'config/prometheus.yml': `rule_files: ["/etc/prometheus/rules/*.yml"]\nscrape_configs: []\n`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./config/prometheus.yml:/etc/prometheus/prometheus.yml
      - ./alerting:/etc/prometheus/rules
`,
      },
    },
    {
      name: 'no Prometheus configuration in the workspace',
      files: { 'alerts/app.yml': QUIET },
    },
    {
      name: 'a configuration far away belongs to something else',
      files: {
        'services/a/alerts/app.yml': QUIET,
        'infra/local/monitoring/prometheus.yml': `scrape_configs: []\n`,
      },
    },
    {
      name: 'an entry that cannot be told',
      files: {
        'prometheus/rules/app.yml': QUIET,
        'prometheus/prometheus.yml': `rule_files: ["/var/rules/*.yml"]\nscrape_configs: []\n`,
      },
    },
    {
      name: 'an example',
      files: {
        'examples/rules/app.yml': QUIET,
        'examples/prometheus.yml': `scrape_configs: []\n`,
      },
    },
    {
      name: 'a chart',
      files: {
        'chart/rules/app.yml': QUIET,
        'chart/Chart.yaml': `name: x\n`,
        'prometheus.yml': `scrape_configs: []\n`,
      },
    },
    {
      name: 'an operator resource',
      files: {
        'prometheus/rule.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: app}
spec:
  groups:
    - name: app
      rules:
        - alert: Down
          expr: up == 0
          labels: {severity: critical}
`,
        'prometheus/prometheus.yml': `scrape_configs: []\n`,
      },
    },
    {
      name: 'mounted for another ruler',
      files: {
        'monitoring/rules/app.yml': QUIET,
        'monitoring/prometheus.yml': `scrape_configs: []\n`,
        'compose.yaml': `services:
  thanos-rule:
    image: quay.io/thanos/thanos
    volumes:
      - ./monitoring/rules:/etc/thanos/rules
`,
      },
    },
  ],
  check(document, context) {
    if (document.tree.form !== 'file' || isSample(context.path)) return;
    const configs = configsNear(document, context);
    const [config] = configs;
    if (!config || isPackaged(context, document.uri) || isMountedElsewhere(context, document.uri)) return;
    const loaded = context.facts.derived(LOADED);
    if (loaded.anything || loaded.files.has(document.uri)) return;
    const groups = pairOf(document.tree.file.documents.find((part) => part.root)?.root, 'groups');
    if (!groups) return;
    context.report({
      span: groups.key.span,
      message: `No \`rule_files\` entry of \`${nameOf(config.uri, document, context)}\` matches this file, so its rules never run.`,
      place: 'groups',
      related: config.fact.ruleFiles
        .slice(0, 3)
        .map(({ span }) => ({ uri: config.uri, span, message: 'Loads other files' })),
      fixes: () => (configs.length === 1 ? [appendFix(document.uri, config)] : []),
    });
  },
});

/** Configurations in a folder that the file lies below, or in one beside it; the nearest first. */
function configsNear(document: Document, context: Context): readonly LocatedFact<PrometheusConfigFact>[] {
  const byFolder = context.facts.derived(CONFIGS_BY_FOLDER);
  return foldersAbove(document.uri)
    .flatMap((folder) => byFolder.get(folder) ?? [])
    .filter(({ uri }) => !isSample(pathBeside(document, context.path, uri) ?? ''))
    .sort((a, b) => compare(a.uri, b.uri))
    .sort((a, b) => b.uri.split('/').length - a.uri.split('/').length);
}

/** All configurations by the folder above their own. */
const CONFIGS_BY_FOLDER: Derivation<ReadonlyMap<string, readonly LocatedFact<PrometheusConfigFact>[]>> = {
  id: 'prometheus-configs-by-folder',
  derive(facts) {
    const byFolder = new Map<string, LocatedFact<PrometheusConfigFact>[]>();
    for (const config of facts.all(prometheusConfigFacts)) {
      const folder = dirname(dirname(config.uri));
      byFolder.set(folder, [...(byFolder.get(folder) ?? []), config]);
    }
    return byFolder;
  },
};

/** All folders that a file lies below, the nearest first. */
function foldersAbove(uri: string): readonly string[] {
  const folders = [dirname(uri)];
  for (let folder = dirname(dirname(uri)); folder !== folders.at(-1); folder = dirname(folder))
    folders.push(folder);
  return folders;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a chart, a kustomization or an image takes the file along. An image further up builds something else. */
function isPackaged(context: Context, uri: string): boolean {
  let folder = dirname(uri);
  for (let depth = 0; depth < 6; depth++) {
    const names = ['Chart.yaml', 'kustomization.yaml', 'kustomization.yml', 'jsonnetfile.json'];
    if (depth < 2) names.push('Dockerfile');
    if (names.some((name) => context.facts.exists(`${folder}/${name}`))) return true;
    folder = dirname(folder);
  }
  return false;
}

/** Whether a service that is no Prometheus gets the file. */
function isMountedElsewhere({ facts }: Context, uri: string): boolean {
  const { all, forRules } = facts.derived(OTHER_MOUNTS);
  // A mount of the whole project brings the file along by chance.
  return all.has(uri) || foldersAbove(uri).some((folder) => forRules.has(folder));
}

/** What services that are no Prometheus have mounted: everything, and what goes to a folder for rules. */
const OTHER_MOUNTS: Derivation<{
  readonly all: ReadonlySet<string>;
  readonly forRules: ReadonlySet<string>;
}> = {
  id: 'prometheus-other-mounts',
  derive(facts) {
    const prometheus = new Set(
      containersOf(facts).map(({ service }) => `${service.uri} ${service.fact.name}`),
    );
    const mounts = facts
      .all(composeServicesFacts)
      .filter(({ uri, fact }) => !prometheus.has(`${uri} ${fact.name}`))
      .flatMap(({ fact }) => fact.mounts);
    return {
      all: new Set(mounts.map(({ sourceUri }) => sourceUri)),
      forRules: new Set(
        mounts
          .filter(({ target }) => /rules?|alerts?|prometheus|loki|mimir|thanos/i.test(target ?? 'rules'))
          .map(({ sourceUri }) => sourceUri.replace(/(?<=[^/])\/$/, '')),
      ),
    };
  },
};

interface Loaded {
  /** Whether there is an entry of which nobody can tell what it loads. */
  readonly anything: boolean;
  readonly files: ReadonlySet<string>;
}

/** The rule files that all configurations of the workspace load. */
const LOADED: Derivation<Loaded> = {
  id: 'prometheus-loaded-rule-files',
  derive(facts) {
    const parts = facts
      .all(prometheusConfigFacts)
      .flatMap(({ uri, fact }) => fact.ruleFiles.map(({ pattern }) => loadedBy(facts, uri, pattern)));
    return {
      anything: parts.some((part) => part.anything),
      files: new Set(parts.flatMap((part) => [...part.files])),
    };
  },
};

/** The files that an entry of a configuration loads, seen from its containers and from its folder. */
function loadedBy(facts: FactReader, configUri: string, pattern: string): Loaded {
  if (isComputed(pattern)) return { anything: true, files: new Set() };
  const containers = containersFor(facts, configUri);
  const seen = containers.map((container) => seenIn(facts, container, pattern));
  const folders =
    containers.length === 0 ? [undefined] : containers.map((container) => container.configFolder);
  const beside = folders.map((folder) => besideConfig(facts, configUri, pattern, folder));
  return {
    // Neither a container nor the folder tells where the pattern leads.
    anything: seen.includes(undefined) || (containers.length === 0 && beside.includes(undefined)),
    files: new Set([...seen, ...beside].flatMap((files) => files ?? [])),
  };
}

function nameOf(uri: string, document: Document, context: Context): string {
  const path = pathBeside(document, context.path, uri) ?? basename(uri);
  return path.length > 60 ? basename(uri).slice(0, 60) : path;
}

function appendFix(uri: string, config: LocatedFact<PrometheusConfigFact>): Fix | undefined {
  const path = relativePath(dirname(config.uri), uri);
  const { append } = config.fact;
  if (path === undefined || !append || !/^[\w./-]+$/.test(path)) return undefined;
  return {
    title: `Add \`${path}\` to \`rule_files\``,
    safety: 'review',
    edits: [{ uri: config.uri, span: append.span, text: append.text.replace(ENTRY, path) }],
    risk: 'Alerts that were never evaluated begin to fire.',
    verify: 'promtool check config',
  };
}
