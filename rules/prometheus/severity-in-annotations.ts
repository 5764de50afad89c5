import { fieldOf, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asMap } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { moveFix } from './shared/move-key.ts';

export const rule = defineRule({
  id: 'prometheus/severity-in-annotations',
  title: 'Severity is an annotation, which routing does not see',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Alertmanager routes, groups and inhibits by labels. An annotation is text for humans, so a \`severity\` there decides
nothing: the alert goes to the default receiver.`,
    fix: 'Move it under `labels`.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'labels without it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          team: web
        annotations:
          «severity»: critical
          summary: Down
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
          team: web
        annotations:
          summary: Down
`,
    },
    {
      name: 'no labels',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        annotations:
          summary: Down
          «severity»: critical
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
        annotations:
          summary: Down
`,
    },
  ],
  good: [
    {
      name: 'in both places',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
        annotations:
          severity: critical
`,
      },
    },
    {
      name: 'from the group',
      files: {
        'rules.yml': `groups:
  - name: app
    labels:
      severity: info
    rules:
      - alert: Down
        expr: up == 0
        annotations:
          severity: info
`,
      },
    },
  ],
  check(document, context) {
    for (const rule of rulesOf(document.tree)) {
      if (rule.kind !== 'alert') continue;
      const annotations = asMap(fieldOf(rule.map, 'annotations')?.value);
      const pair = annotations?.pairs.find(({ key }) => key.value === 'severity');
      const labels = [rule.map, rule.group.map].map((map) => asMap(fieldOf(map, 'labels')?.value));
      if (!annotations || !pair || labels.some((map) => fieldOf(map, 'severity'))) continue;
      context.report({
        span: pair.key.span,
        message: 'Routing looks at labels, not at annotations, so this `severity` decides nothing.',
        place: `${rule.place}.annotations.severity`,
        fixes: () => [
          moveFix(document, rule, pair, {
            from: annotations,
            to: 'labels',
            safety: 'review',
            risk: 'Alertmanager may send the alert to another receiver than before.',
          }),
        ],
      });
    }
  },
});
