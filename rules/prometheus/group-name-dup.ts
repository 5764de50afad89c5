import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'prometheus/group-name-dup',
  title: 'Two groups of one file have the same name',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `The names of groups are unique in a file. Prometheus refuses the file otherwise, and with it the whole
configuration: at a reload it goes on with the old rules, at a start it does not come up.`,
    fix: 'Rename one of them, or put its rules into the other.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group'],
  },
  bad: [
    {
      name: 'a copied group',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning}
  - name: «app»
    rules:
      - alert: B
        expr: up == 1
        labels: {severity: warning}
`,
      },
    },
  ],
  good: [
    {
      name: 'two names',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning}
  - name: app2
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'two resources in one file',
      files: {
        'rules.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: a}
spec:
  groups:
    - name: app
      rules:
        - alert: A
          expr: up == 0
          labels: {severity: warning}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: b}
spec:
  groups:
    - name: app
      rules:
        - alert: A
          expr: up == 0
          labels: {severity: warning}
`,
      },
    },
  ],
  check({ tree }, context) {
    if (tree.file.documents.filter((document) => document.root).length !== 1) return;
    const seen = new Set<string>();
    for (const { name } of tree.groups) {
      if (!name || name.value === '') continue;
      if (seen.has(name.value)) {
        context.report({
          span: name.span,
          message: `Another group of this file is called \`${name.value.slice(0, 60)}\` too, so Prometheus refuses the file.`,
          place: `groups.${name.value}.name`,
        });
      }
      seen.add(name.value);
    }
  },
});
