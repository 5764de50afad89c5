import { defineRule } from '../core/rule.ts';
import { doubleQuoted } from '../core/yaml-edits.ts';
import { plainValues } from './shared/plain-values.ts';

export const rule = defineRule({
  id: 'prometheus/crd-label-nonstring',
  title: 'PrometheusRule has a label that is no string, which Kubernetes refuses',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /PrometheusRule/,
  docs: {
    why: `The schema of \`PrometheusRule\` wants strings for labels and annotations. With \`priority: 1\` or \`paged: yes\` the API server refuses the
whole resource, so none of its rules is deployed; where a deployment goes on regardless, the old rules stay in force.`,
    fix: 'Put the value into quotes.',
    falsePositives: 'Plain rule files may have such values: Prometheus reads them as text.',
    references: [
      'https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Rule',
      'https://yaml.org/type/bool.html',
    ],
  },
  bad: [
    {
      name: 'a number and a boolean',
      files: {
        'rules.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: app}
spec:
  groups:
    - name: app
      rules:
        - alert: A
          expr: up == 0
          labels:
            severity: critical
            priority: «1» # first
          annotations:
            paged: «on»
`,
      },
      fixed: `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: app}
spec:
  groups:
    - name: app
      rules:
        - alert: A
          expr: up == 0
          labels:
            severity: critical
            priority: "1" # first
          annotations:
            paged: on
`,
    },
  ],
  good: [
    {
      name: 'strings',
      files: {
        'rules.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: app, labels: {x: y}}
spec:
  groups:
    - name: app
      limit: 5
      rules:
        - alert: A
          expr: "1"
          labels: {severity: critical, priority: "1", paged: 'yes', id: 1a, sha: 12e4f}
`,
      },
    },
    {
      name: 'a plain rule file',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical, priority: 1}
`,
      },
    },
  ],
  check({ tree }, context) {
    if (tree.form !== 'crd') return;
    for (const { key, scalar, type, place } of plainValues(tree)) {
      context.report({
        span: scalar.span,
        message: `\`${key.slice(0, 60)}\` is a ${type} to YAML, and Kubernetes refuses the whole resource for it.`,
        place,
        fixes: () => [
          {
            title: 'Put it into quotes',
            safety: 'safe',
            edits: [{ span: scalar.span, text: doubleQuoted(scalar.value) }],
            verify: 'kubectl apply --dry-run=server -f',
          },
        ],
      });
    }
  },
});
