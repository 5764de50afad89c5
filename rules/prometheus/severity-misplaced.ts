import type { Document } from '../../syntaxes/document.ts';
import { type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asMap, asScalar, pairOf, textAt, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { CHECK_RULES, moveFix } from './shared/move-key.ts';
import { isLabelKey, isRuleKey } from './shared/rule-keys.ts';

export const rule = defineRule({
  id: 'prometheus/severity-misplaced',
  title: 'Label stands beside `for` instead of under `labels`',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A rule has no field \`severity\`: it is a label. Prometheus refuses the whole file for one unknown field, and with it the
whole configuration: at a reload it keeps running with the old rules, at a start it does not come up. A ruler that is
lenient drops the key, and the alert is routed as if it had no severity.`,
    fix: 'Move the key under `labels`, which is made where it is missing.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule'],
  },
  bad: [
    {
      name: 'severity beside for',
      files: {
        'prometheus/alerts/app.yml': `groups:
  - name: database
    rules:
      - alert: DatabasePoolExhausted
        expr: db_pool_checked_out / db_pool_size > 0.9
        for: 1m
        «severity»: critical
        annotations:
          summary: The pool is exhausted
`,
      },
      fixed: `groups:
  - name: database
    rules:
      - alert: DatabasePoolExhausted
        expr: db_pool_checked_out / db_pool_size > 0.9
        for: 1m
        labels:
          severity: critical
        annotations:
          summary: The pool is exhausted
`,
    },
    {
      name: 'labels are there already',
      files: {
        'rules.yml': `groups:
- name: tls
  rules:
  - alert: CertificateExpiresSoon
    «severity»: "warning" # see the runbook
    expr: cert_expiry_timestamp_seconds - time() < 30 * 24 * 3600
    labels:
      team: platform
`,
      },
      fixed: `groups:
- name: tls
  rules:
  - alert: CertificateExpiresSoon
    expr: cert_expiry_timestamp_seconds - time() < 30 * 24 * 3600
    labels:
      severity: "warning" # see the runbook
      team: platform
`,
    },
    {
      name: 'a list of rules without groups',
      files: {
        'alerts.yml': `- alert: DatabasePoolLeaking
  expr: db_pool_checked_out > db_pool_size * 0.7
  for: 5m
  «severity»: warning
  «team»: data
`,
      },
      fixed: `- alert: DatabasePoolLeaking
  expr: db_pool_checked_out > db_pool_size * 0.7
  for: 5m
  labels:
    severity: warning
  team: data
`,
    },
    {
      name: 'the same label twice',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        «severity»: critical
        labels:
          severity: critical
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
`,
    },
    {
      name: 'labels in flow style',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {team: web}
        «severity»: critical
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical, team: web}
`,
    },
    {
      name: 'two severities that differ',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        «severity»: critical
        labels:
          severity: page
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: page
`,
    },
    {
      name: 'a rule on one line, without labels',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - {alert: Down, expr: up == 0, «severity»: "critical", «team»: web}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - {alert: Down, expr: up == 0, labels: {severity: "critical"}, team: web}
`,
    },
    {
      name: 'the first key of the rule',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - «severity»: critical # page
        alert: Down
        expr: up == 0
`,
      },
    },
    {
      name: 'the first key of the rule, without a comment',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - «severity»: critical
        alert: Down
        expr: up == 0
        for: 5m
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 5m
        labels:
          severity: critical
`,
    },
  ],
  good: [
    {
      name: 'under labels',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        labels:
          severity: critical
`,
      },
    },
    {
      name: 'an operator resource with labels of its own',
      files: {
        'rule.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: app
  labels:
    severity: none
spec:
  groups:
    - name: app
      rules:
        - alert: Down
          expr: up == 0
          labels:
            severity: critical
`,
      },
    },
    {
      name: 'labels of a group',
      files: {
        'rules.yml': `groups:
  - name: app
    labels:
      team: web
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
`,
      },
    },
    {
      name: 'a word in a description',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical}
        annotations:
          description: |
            severity: critical
`,
      },
    },
  ],
  check(document, context) {
    for (const rule of rulesOf(document.tree)) {
      for (const pair of misplacedLabels(rule)) {
        const key = pair.key.value;
        context.report({
          span: pair.key.span,
          message: `\`${key}\` belongs under \`labels\`; as it stands, Prometheus refuses the whole file.`,
          place: `${rule.place}.${key}`,
          fixes: () => [
            moveFix(document, rule, pair, { from: rule.map, to: 'labels' }) ??
              keepLabel(document, rule, pair),
          ],
        });
      }
    }
  },
});

function misplacedLabels(rule: RuleEntry): readonly YamlPair[] {
  if (!rule.kind) return [];
  return rule.map.pairs.filter(
    ({ key, value }) => isLabelKey(key.value) && !isRuleKey(key.value) && value?.type === 'scalar',
  );
}

/** Where `labels` has the key with another value, that one stays. */
function keepLabel({ text }: Document, rule: RuleEntry, pair: YamlPair): Fix | undefined {
  const kept = textAt(asMap(pairOf(rule.map, 'labels')?.value), pair.key.value);
  const removed = removePair(text, rule.map, pair);
  if (kept === undefined || !removed || asScalar(pair.value)?.value === kept) return undefined;
  return {
    title: `Remove it and keep \`${kept.slice(0, 40)}\` under \`labels\``,
    safety: 'review',
    edits: [removed],
    risk: 'The two values differ; the one beside `for` may be the one that was meant.',
    verify: CHECK_RULES,
  };
}
