import { type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import type { YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { moveFix } from './shared/move-key.ts';
import { isAnnotationKey } from './shared/rule-keys.ts';

export const rule = defineRule({
  id: 'prometheus/annotation-misplaced',
  title: 'Annotation stands beside `for` instead of under `annotations`',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A rule has no field \`summary\` or \`description\`: they are annotations. Prometheus refuses the whole file for one
unknown field, and with it the whole configuration.`,
    fix: 'Move the key under `annotations`, which is made where it is missing.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule'],
  },
  bad: [
    {
      name: 'summary beside for',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        labels:
          severity: critical
        «summary»: "{{ $labels.job }} is down"
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        labels:
          severity: critical
        annotations:
          summary: "{{ $labels.job }} is down"
`,
    },
    {
      name: 'a text of several lines, and annotations that are there',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
        «description»: |
          It is down.

          Look at the log.
        annotations:
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
        annotations:
          description: |
            It is down.

            Look at the log.
          summary: Down
`,
    },
  ],
  good: [
    {
      name: 'under annotations, and as labels by intent',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
          dashboard: app
        annotations:
          summary: Down
          runbook_url: https://runbooks.example.com/down
`,
      },
    },
    {
      name: 'a word in a block of text',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical}
        annotations:
          description: |
            summary: none
`,
      },
    },
  ],
  check(document, context) {
    for (const rule of rulesOf(document.tree)) {
      for (const pair of misplaced(rule)) {
        const key = pair.key.value;
        context.report({
          span: pair.key.span,
          message: `\`${key}\` belongs under \`annotations\`; as it stands, Prometheus refuses the whole file.`,
          place: `${rule.place}.${key}`,
          fixes: () => [moveFix(document, rule, pair, { from: rule.map, to: 'annotations' })],
        });
      }
    }
  },
});

function misplaced(rule: RuleEntry): readonly YamlPair[] {
  if (!rule.kind) return [];
  return rule.map.pairs.filter(({ key, value }) => isAnnotationKey(key.value) && value?.type === 'scalar');
}
