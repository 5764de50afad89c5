import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { defineRule } from '../core/rule.ts';
import { addAnnotation, hasAnnotation } from './shared/annotations.ts';

export const rule = defineRule({
  id: 'alert/no-description',
  title: 'Alert has no description',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /alert/,
  docs: {
    why: 'The description tells whoever gets the alert what was measured and how far it is off. Without it the first step is to look up the rule.',
    fix: 'Say what is wrong, with `{{ $value }}` and the labels, and what it means.',
    falsePositives: '`message` and `details` count as a description.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'a summary alone',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: «Down»
        expr: up == 0
        for: 2m
        labels: {severity: critical}
        annotations:
          summary: Down # short
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: critical}
        annotations:
          summary: Down # short
          description: "The value is {{ $value }}, of {{ $labels }}."
`,
    },
  ],
  good: [
    {
      name: 'a description, and the older name for it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: Down, description: "{{ $labels.instance }}"}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
        annotations:
          message: Down
`,
      },
    },
    {
      name: 'a recording rule, and one beside `for`, which is another smell',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: up
      - alert: B
        expr: up == 0
        description: Down
        annotations: {summary: Down}
`,
      },
    },
  ],
  check({ tree, text }, context) {
    for (const entry of rulesOf(tree)) {
      const { name, kind } = entry;
      if (kind !== 'alert' || !name?.value || hasAnnotation(entry, ['description', 'message', 'details']))
        continue;
      context.report({
        span: name.span,
        message: `\`${name.value.slice(0, 70)}\` has no \`description\`, so nobody learns what was measured.`,
        place: `${entry.place}.annotations.description`,
        fixes: () => {
          const edit = addAnnotation(
            text,
            entry,
            'description',
            'The value is {{ $value }}, of {{ $labels }}.',
          );
          return [edit && { title: 'Add the value and the labels', safety: 'safe', edits: [edit] }];
        },
      });
    }
  },
});
