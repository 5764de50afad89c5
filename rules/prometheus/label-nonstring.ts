import { defineRule } from '../core/rule.ts';
import { doubleQuoted } from '../core/yaml-edits.ts';
import { CHECK_RULES } from './shared/move-key.ts';
import { plainValues } from './shared/plain-values.ts';

export const rule = defineRule({
  id: 'prometheus/label-nonstring',
  title: 'Label or annotation is a number or boolean without quotes',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  docs: {
    why: `Labels are strings. Prometheus takes \`priority: 1\` and \`paged: yes\` as they are written, but tools that read the file as YAML first
write \`true\` for \`yes\` and \`8\` for \`010\`, and the Prometheus operator's resource is refused for them.`,
    fix: 'Put the value into quotes.',
    falsePositives:
      'Resources of the Prometheus operator are the business of `prometheus/crd-label-nonstring`.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'a number and a boolean',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels:
          severity: critical
          priority: «1» # first
          paged: «yes»
        annotations: {code: «010»}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels:
          severity: critical
          priority: "1" # first
          paged: yes
        annotations: {code: 010}
`,
    },
  ],
  good: [
    {
      name: 'strings',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical, priority: "1", paged: 'yes', tier: 1a, version: 1.2.3}
        annotations: {summary: 5 are down}
`,
      },
    },
    {
      name: 'a resource, which is worse',
      files: {
        'rules.yml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
spec: {groups: [{name: app, rules: [{alert: A, expr: up == 0, labels: {severity: warning, priority: 1}}]}]}
`,
      },
    },
  ],
  check({ tree }, context) {
    if (tree.form === 'crd') return;
    for (const { key, scalar, type, place } of plainValues(tree)) {
      context.report({
        span: scalar.span,
        message: `\`${key.slice(0, 60)}\` is a ${type} to YAML; in quotes every tool reads it as the text that it is.`,
        place,
        fixes: () => [
          {
            title: 'Put it into quotes',
            safety: 'safe',
            edits: [{ span: scalar.span, text: doubleQuoted(scalar.value) }],
            verify: CHECK_RULES,
          },
        ],
      });
    }
  },
});
