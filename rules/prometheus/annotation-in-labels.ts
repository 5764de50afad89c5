import { fieldOf, type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asMap, pairOf, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { moveFix } from './shared/move-key.ts';

export const rule = defineRule({
  id: 'prometheus/annotation-in-labels',
  title: 'Text of an alert stands under its labels',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /summary|description|runbook_url/,
  docs: {
    why: `Labels are what makes an alert the same alert, and what routes, groups and silences go by; receivers take their text from the annotations. A
\`summary\` under \`labels\` is in no message, and when somebody corrects a word of it, the alert resolves and fires again as another.`,
    fix: 'Move it under `annotations`.',
    falsePositives: `Judged are \`summary\`, \`description\` and \`runbook_url\` of alerts, where the annotations do not have the same key. A value that changes with each
evaluation is the business of \`alert/value-in-label\`.`,
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'a summary beside the severity',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels:
          severity: critical
          «summary»: "{{ $labels.job }} is down" # text
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
          summary: "{{ $labels.job }} is down"
`,
    },
    {
      name: 'annotations that are there, and flow style',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical, «description»: It is down, «runbook_url»: https://wiki/a}
        annotations:
          summary: Down
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical, runbook_url: https://wiki/a}
        annotations:
          description: It is down
          summary: Down
`,
    },
  ],
  good: [
    {
      name: 'under annotations, also in both places',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical, summary: down}
        annotations: {summary: Down}
`,
      },
    },
    {
      name: 'labels by intent, and a recording',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical, dashboard: app, message: x, runbook: down}
      - record: a
        expr: up
        labels: {description: x}
`,
      },
    },
  ],
  check(document, context) {
    for (const entry of rulesOf(document.tree)) {
      const labels = entry.kind === 'alert' ? pairOf(entry.map, 'labels')?.value : undefined;
      if (labels?.type !== 'map') continue;
      for (const pair of labels.pairs.filter((label) => isText(entry, label))) {
        const key = pair.key.value;
        context.report({
          span: pair.key.span,
          message: `\`${key}\` is a label here, so it is part of the alert's identity and in no message.`,
          place: `${entry.place}.labels.${key}`,
          fixes: () => [
            moveFix(document, entry, pair, {
              from: labels,
              to: 'annotations',
              safety: 'review',
              risk: 'Routes, silences and templates that ask for this label no longer see it.',
            }),
          ],
        });
      }
    }
  },
});

function isText(entry: RuleEntry, { key, value }: YamlPair): boolean {
  if (!/^(?:summary|description|runbook_url)$/.test(key.value) || value?.type !== 'scalar') return false;
  const changes = /\$value|\.Value/.test(value.value);
  return !changes && !fieldOf(asMap(fieldOf(entry.map, 'annotations')?.value), key.value);
}
