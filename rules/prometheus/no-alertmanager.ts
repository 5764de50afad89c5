import type { Document, Span } from '../../syntaxes/document.ts';
import { lineEndAt } from '../../syntaxes/lines.ts';
import { dirname, relativePath } from '../../syntaxes/uri.ts';
import { asMap, asSeq, isNull, pairOf, valueAt, type YamlMap } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { addKey, appendItem } from '../core/yaml-edits.ts';
import { composeServicesFacts } from '../facts/compose-services.ts';
import { prometheusRuleFileFacts } from '../facts/prometheus-rule-file.ts';
import { alertsIn, besideConfig, containersFor, isComputed, isSample, seenIn } from './shared/loading.ts';

const RULES = `groups:
  - name: app
    rules:
      - alert: AppDown
        expr: up{job="app"} == 0
        labels:
          severity: critical
`;

export const rule = defineRule({
  id: 'prometheus/no-alertmanager',
  title: 'Alerts are evaluated and sent nowhere',
  kinds: ['prometheus-config'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Prometheus only evaluates alerts. Without \`alerting.alertmanagers\` a firing alert turns a line in its web page red
and reaches nobody.`,
    fix: 'Run an Alertmanager with a receiver that somebody reads, and name it under `alerting`.',
    falsePositives: `Silent where series are sent on (\`remote_write\`), or where the workspace runs another ruler such as
Thanos, Mimir, Cortex or vmalert. A Grafana that watches the series \`ALERTS\` is not seen; suppress the finding there.`,
    references: [
      'https://prometheus.io/docs/alerting/latest/overview/',
      'https://prometheus.io/docs/prometheus/latest/configuration/configuration/#alertmanager_config',
    ],
  },
  bad: [
    {
      name: 'rules and no alerting',
      files: {
        'prometheus/prometheus.yml': `global:
  scrape_interval: 15s

«rule_files»:
  - "alerts/*.yml"

scrape_configs: []
`,
        'prometheus/alerts/app.yml': RULES,
      },
    },
    {
      name: 'an Alertmanager runs and is not told',
      files: {
        'prometheus.yml': `global:
  scrape_interval: 15s
«rule_files»: [alerts.yml]
scrape_configs: []
`,
        'alerts.yml': RULES,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./:/etc/prometheus
  alertmanager:
    image: prom/alertmanager:v0.28.1
`,
      },
      fixed: `global:
  scrape_interval: 15s
rule_files: [alerts.yml]
alerting:
  alertmanagers:
    - static_configs:
        - targets: ["alertmanager:9093"]
scrape_configs: []
`,
    },
    {
      name: 'an alerting block with nothing in it',
      files: {
        'prometheus.yml': `rule_files: [alerts.yml]
«alerting»:
  alertmanagers: []
scrape_configs: []
`,
        'alerts.yml': RULES,
      },
    },
    {
      name: 'the sample configuration, whose target is a comment',
      files: {
        'prometheus.yml': `«alerting»:
  alertmanagers:
    - static_configs:
        - targets:
          # - alertmanager:9093
rule_files: [alerts.yml]
scrape_configs: []
`,
        'alerts.yml': RULES,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus
    volumes:
      - ./:/etc/prometheus
  alertmanager:
    image: prom/alertmanager:v0.28.1
`,
      },
      fixed: `alerting:
  alertmanagers:
    - static_configs:
        - targets: ["alertmanager:9093"]
          # - alertmanager:9093
rule_files: [alerts.yml]
scrape_configs: []
`,
    },
  ],
  good: [
    {
      name: 'an Alertmanager by name',
      files: {
        'prometheus.yml': `rule_files: [alerts.yml]
alerting:
  alertmanagers:
    - static_configs:
        - targets: ["alertmanager:9093"]
scrape_configs: []
`,
        'alerts.yml': RULES,
      },
    },
    {
      name: 'an Alertmanager that is discovered',
      files: {
        'prometheus.yml': `rule_files: [alerts.yml]
alerting:
  alertmanagers:
    - dns_sd_configs:
        - names: [alertmanager.internal]
scrape_configs: []
`,
        'alerts.yml': RULES,
      },
    },
    {
      name: 'recording rules only',
      files: {
        'prometheus.yml': `rule_files: [records.yml]
scrape_configs: []
`,
        'records.yml': `groups:
  - name: app
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
`,
      },
    },
    {
      name: 'no rules',
      files: { 'prometheus.yml': `scrape_configs: []\n` },
    },
    {
      name: 'series go to another system, which may evaluate them',
      files: {
        'prometheus.yml': `rule_files: [alerts.yml]
remote_write:
  - url: https://mimir.example.com/api/v1/push
scrape_configs: []
`,
        'alerts.yml': RULES,
      },
    },
    {
      name: 'another ruler',
      files: {
        'prometheus.yml': `rule_files: [alerts.yml]
scrape_configs: []
`,
        'alerts.yml': RULES,
        'compose.yaml': `services:
  ruler:
    image: quay.io/thanos/thanos:v0.39.2
    command: [rule]
`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    if (tree.alertmanagers.length > 0 || !tree.root) return;
    if (pairOf(tree.root, 'remote_write') || isConfiguredOtherwise(document) || hasOtherRuler(context))
      return;
    const span = spanOf(document);
    const alerts = alertsHere(document, context);
    if (alerts === 0 || !span) return;
    context.report({
      span,
      message: `No Alertmanager is configured, so the ${alerts === 1 ? 'alert' : `${alerts} alerts`} here can reach nobody.`,
      place: 'alerting.alertmanagers',
      fixes: () => [alertingFix(document, context)],
    });
  },
});

/** `alerting` where it stands empty, else the rules that need it. */
function spanOf({ tree }: Document<'prometheus-config'>): Span | undefined {
  const pair =
    pairOf(tree.root, 'alerting') ?? pairOf(tree.root, 'rule_files') ?? pairOf(tree.root, 'scrape_configs');
  return pair?.key.span;
}

/** An `alertmanagers` that is neither a list nor empty cannot be judged. */
function isConfiguredOtherwise({ tree }: Document<'prometheus-config'>): boolean {
  const alertmanagers = pairOf(pairOf(tree.root, 'alerting')?.value, 'alertmanagers')?.value;
  if (alertmanagers === undefined || isNull(alertmanagers)) return false;
  return asSeq(alertmanagers)?.items.some((item) => asMap(item) === undefined) ?? true;
}

const RULERS = /(?:thanos|mimir|cortex|vmalert|victoria-?metrics|promscale|alerta)/i;

function hasOtherRuler(context: Context): boolean {
  return context.facts.all(composeServicesFacts).some(({ fact }) => RULERS.test(fact.image ?? ''));
}

/**
 * How many alerts the files hold that the configuration names, in a container or beside it, and those close below it: that they
 * are not loaded is another smell, and mending it must not bring up this one.
 */
function alertsHere(document: Document<'prometheus-config'>, context: Context): number {
  const containers = containersFor(context.facts, document.uri);
  const files = document.tree.rulePatterns.flatMap(({ pattern }) => {
    if (isComputed(pattern)) return [];
    const seen = containers.flatMap((container) => seenIn(context.facts, container, pattern) ?? []);
    return [
      ...seen,
      ...(besideConfig(context.facts, document.uri, pattern, containers[0]?.configFolder) ?? []),
    ];
  });
  return alertsIn(context.facts, [...new Set([...files, ...filesBelow(document, context)])]);
}

function filesBelow(document: Document<'prometheus-config'>, context: Context): readonly string[] {
  const folder = dirname(document.uri);
  return context.facts.all(prometheusRuleFileFacts).flatMap(({ uri, fact }) => {
    const path = relativePath(folder, uri);
    const isClose = path !== undefined && path.split('/').length <= 2 && !isSample(path);
    return isClose && fact.form === 'file' ? [uri] : [];
  });
}

/** Names the Alertmanager that a Compose service of the workspace runs, where there is one. */
function alertingFix({ text, tree }: Document<'prometheus-config'>, context: Context): Fix | undefined {
  const services = context.facts
    .all(composeServicesFacts)
    .filter(({ fact }) => /(?:^|\/)alertmanager(?:[:@]|$)/.test(fact.image ?? ''));
  const names = new Set(services.map(({ fact }) => fact.name));
  const [name] = names;
  if (names.size !== 1 || name === undefined || !tree.root) return undefined;
  const target = `"${name}:9093"`;
  const block = ['alertmanagers:', '  - static_configs:', `      - targets: [${target}]`];
  const edit =
    fillTargets(text, tree.root, target) ??
    addKey(text, tree.root, { key: 'alerting', block, after: ['global', 'rule_files'] });
  return (
    edit && {
      title: `Send alerts to \`${name}:9093\``,
      safety: 'review',
      edits: [edit],
      risk: 'Alerts begin to reach the receivers of that Alertmanager.',
      verify: 'promtool check config',
    }
  );
}

/** Puts the target where the configuration has a place for it and none in it. */
function fillTargets(text: string, root: YamlMap, target: string): Edit | undefined {
  const [manager] = asSeq(valueAt(root, 'alerting', 'alertmanagers'))?.items ?? [];
  const [entry] = asSeq(valueAt(asMap(manager), 'static_configs'))?.items ?? [];
  const targets = pairOf(entry, 'targets');
  if (!targets) return undefined;
  const seq = asSeq(targets.value);
  if (seq) return seq.flow && seq.items.length === 0 ? appendItem(text, seq, target) : undefined;
  const at = text.indexOf(':', targets.key.span.end) + 1;
  return isNull(targets.value) && at > 0 && text.slice(at, lineEndAt(text, at)).trim() === ''
    ? { span: { start: at, end: at }, text: ` [${target}]` }
    : undefined;
}
