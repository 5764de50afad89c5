import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { defineRule } from '../core/rule.ts';
import { addAnnotation, hasAnnotation, wordsOfName } from './shared/annotations.ts';

export const rule = defineRule({
  id: 'alert/no-summary',
  title: 'Alert has no summary',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /alert/,
  docs: {
    why: 'The summary is the line that a pager, a chat and the list in Alertmanager show. Without it there is a name and a row of labels.',
    fix: 'Say in one line what has happened, with the label that says where.',
    falsePositives: '`message`, `title` and `subject` count as a summary.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'no annotations, and others',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: «HighHTTPErrorRate»
        expr: up == 0
        for: 2m
        labels: {severity: critical}
      - alert: «disk_full»
        expr: disk_free == 0
        for: 2m
        labels: {severity: critical}
        annotations:
          runbook_url: docs/a.md
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: HighHTTPErrorRate
        expr: up == 0
        for: 2m
        labels: {severity: critical}
        annotations:
          summary: "High HTTP error rate"
      - alert: disk_full
        expr: disk_free == 0
        for: 2m
        labels: {severity: critical}
        annotations:
          runbook_url: docs/a.md
`,
    },
  ],
  good: [
    {
      name: 'a summary, the older name for it, and one from an anchor',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: &a {summary: Down}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
        annotations:
          message: Down
      - alert: C
        expr: up == 0
        labels: {severity: critical}
        annotations:
          <<: *a
`,
      },
    },
    {
      name: 'a recording rule',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: up
`,
      },
    },
  ],
  check({ tree, text }, context) {
    for (const entry of rulesOf(tree)) {
      const { name, kind } = entry;
      if (
        kind !== 'alert' ||
        !name?.value ||
        hasAnnotation(entry, ['summary', 'message', 'title', 'subject'])
      )
        continue;
      context.report({
        span: name.span,
        message: `\`${name.value.slice(0, 70)}\` has no \`summary\`, the line that a pager shows.`,
        place: `${entry.place}.annotations.summary`,
        fixes: () => {
          const edit = addAnnotation(text, entry, 'summary', wordsOfName(name.value));
          return [edit && { title: 'Add its name as a summary', safety: 'safe', edits: [edit] }];
        },
      });
    }
  },
});
