import type { Document } from '../../syntaxes/document.ts';
import { fieldOf, type RuleEntry, rulesOf, spanOfRule } from '../../syntaxes/prometheus/tree.ts';
import { asMap, pairOf, type YamlMap } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { addKey } from '../core/yaml-edits.ts';
import { prometheusConfigFacts } from '../facts/prometheus-config.ts';

export const rule = defineRule({
  id: 'alert/no-severity',
  title: 'Alert has no severity',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Alertmanager routes by labels, and \`severity\` is the one that nearly every routing tree asks for. An alert without it
falls to the default receiver: what should wake somebody up lands in a channel, or the other way round.`,
    fix: 'Give the alert the label `severity` with a value that the routes know; `critical` for what has to wake somebody.',
    falsePositives: `A label whose name ends in \`severity\`, and \`priority\`, \`level\` or \`urgency\`, count as one. Silent where
\`alert_relabel_configs\` of a configuration in the workspace may add it.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/',
      'https://prometheus.io/docs/alerting/latest/configuration/#route',
    ],
  },
  bad: [
    {
      name: 'no labels',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: «HighLatency»
        expr: histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m]))) > 2
        for: 5m
        annotations:
          summary: Slow
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: HighLatency
        expr: histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m]))) > 2
        for: 5m
        labels:
          severity: warning
        annotations:
          summary: Slow
`,
      offers: ['Add `severity: warning`', 'Add `severity: critical`'],
    },
    {
      name: 'other labels, and a name that says how bad it is',
      files: {
        'rules.yml': `groups:
- name: app
  rules:
  - alert: «ServiceDown»
    expr: up == 0
    labels:
      team: web
`,
      },
      fixed: `groups:
- name: app
  rules:
  - alert: ServiceDown
    expr: up == 0
    labels:
      team: web
      severity: critical
`,
      offers: ['Add `severity: critical`', 'Add `severity: warning`'],
    },
    {
      name: 'labels in flow style',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - {alert: «A», expr: x > 1, labels: {team: web}}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - {alert: A, expr: x > 1, labels: {team: web, severity: warning}}
`,
    },
  ],
  good: [
    {
      name: 'a recording rule',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels:
          team: web
`,
      },
    },
    {
      name: 'severity by label, by template, by merge key, by the group',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: x > 1
        labels: &page
          severity: page
      - alert: B
        expr: x > 2
        labels: *page
      - alert: C
        expr: x > 3
        labels:
          <<: *page
          team: web
      - alert: D
        expr: x > 4
        labels:
          severity: '{{ if gt $value 10.0 }}critical{{ else }}warning{{ end }}'
  - name: of-the-group
    labels:
      severity: info
    rules:
      - alert: E
        expr: x > 5
`,
      },
    },
    {
      name: 'a label that stands for it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: x > 1
        labels:
          sloth_severity: page
      - alert: B
        expr: x > 1
        labels:
          priority: P1
`,
      },
    },
    {
      name: 'written in the wrong place, which is another smell',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: x > 1
        severity: critical
      - alert: B
        expr: x > 1
        annotations:
          severity: critical
`,
      },
    },
    {
      name: 'the configuration adds labels to alerts',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: x > 1
`,
        'prometheus.yml': `rule_files: [rules.yml]
alerting:
  alert_relabel_configs:
    - target_label: severity
      replacement: warning
  alertmanagers:
    - static_configs:
        - targets: [alertmanager:9093]
scrape_configs: []
`,
      },
    },
  ],
  check(document, context) {
    if (mayBeRelabelled(context)) return;
    for (const rule of rulesOf(document.tree)) {
      if (rule.kind !== 'alert' || !rule.expr || hasSeverity(rule)) continue;
      context.report({
        span: spanOfRule(rule),
        message: `\`${shortName(rule)}\` has no \`severity\`, so it goes to the default receiver, however bad it is.`,
        place: `${rule.place}.labels.severity`,
        fixes: () => preferred(rule).map((severity) => severityFix(document, rule, severity)),
      });
    }
  },
});

function mayBeRelabelled(context: Context): boolean {
  return context.facts.all(prometheusConfigFacts).some(({ fact }) => fact.relabelsAlerts);
}

const STANDS_FOR_SEVERITY = /severity$|^(?:priority|level|urgency|alert_level|alertlevel|sev|page)$/i;

function hasSeverity(rule: RuleEntry): boolean {
  const maps = [
    rule.map,
    asMap(fieldOf(rule.map, 'labels')?.value),
    asMap(fieldOf(rule.map, 'annotations')?.value),
    asMap(fieldOf(rule.group.map, 'labels')?.value),
  ];
  return maps.some((map) => hasKey(map, 0)) || isUnknown(fieldOf(rule.map, 'labels')?.value);
}

function hasKey(map: YamlMap | undefined, depth: number): boolean {
  if (!map || depth > 20) return false;
  return map.pairs.some((pair) => {
    if (pair.key.value !== '<<') return STANDS_FOR_SEVERITY.test(pair.key.value);
    const sources = pair.value?.type === 'seq' ? pair.value.items : [pair.value];
    return sources.some((source) => (asMap(source) ? hasKey(asMap(source), depth + 1) : true));
  });
}

/** An alias without an anchor, or something that is no map. */
function isUnknown(labels: RuleEntry['map']['pairs'][number]['value']): boolean {
  return (
    labels !== undefined && asMap(labels) === undefined && !(labels.type === 'scalar' && labels.value === '')
  );
}

function shortName(rule: RuleEntry): string {
  const name = rule.name?.value || 'This alert';
  return name.length > 70 ? `${name.slice(0, 69)}…` : name;
}

function preferred(rule: RuleEntry): readonly string[] {
  const isCritical = /critical|down|unavailable|dead|fatal|emergency|page(?:r|$)/i.test(
    rule.name?.value ?? '',
  );
  return isCritical ? ['critical', 'warning'] : ['warning', 'critical'];
}

function severityFix({ text }: Document, rule: RuleEntry, severity: string): Fix | undefined {
  const edit = severityEdit(text, rule, severity);
  return (
    edit && {
      title: `Add \`severity: ${severity}\``,
      safety: 'review',
      edits: [edit],
      risk: 'Alertmanager may send the alert to another receiver than before.',
      verify: 'promtool check rules',
    }
  );
}

function severityEdit(text: string, rule: RuleEntry, severity: string): Edit | undefined {
  const labels = pairOf(rule.map, 'labels');
  const added = `severity: ${severity}`;
  if (!labels) {
    const after = ['alert', 'expr', 'for', 'keep_firing_for'];
    return addKey(text, rule.map, { key: 'labels', block: [added], flow: `{${added}}`, after });
  }
  return labels.value?.type === 'map'
    ? addKey(text, labels.value, { key: 'severity', value: severity })
    : undefined;
}
