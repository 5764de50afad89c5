import { defineRule } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/irate-in-alert',
  title: 'Alert looks at the last two samples only',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /irate/,
  docs: {
    why: `\`irate\` is the slope between the last two samples, whatever its range is. One calm sample ends a condition that has held for minutes, so
\`for\` begins anew and the alert comes late or not at all; one spike starts it.`,
    fix: 'Take `rate`, which is the mean over the whole range.',
    falsePositives: 'Recording rules are left alone: for a graph `irate` may be what is wanted.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/functions/#irate'],
  },
  bad: [
    {
      name: 'processor time',
      files: {
        'rules.yml': `groups:
  - name: host
    rules:
      - alert: CpuHigh
        expr: 100 - avg by (instance) («irate»(node_cpu_seconds_total{mode="idle"}[5m])) * 100 > 90
        for: 10m
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: host
    rules:
      - alert: CpuHigh
        expr: 100 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100 > 90
        for: 10m
        labels: {severity: warning}
`,
    },
    {
      name: 'twice, in a quoted text',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: "sum(«irate»(errors_total[1m])) / sum( «irate» (requests_total[1m])) > 0.1"
        for: 5m
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: "sum(rate(errors_total[1m])) / sum( irate (requests_total[1m])) > 0.1"
        for: 5m
`,
    },
  ],
  good: [
    {
      name: 'rates, and a name that looks like it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: rate(errors_total[5m]) > 1 or pirate_attacks > 5 or rate(irate_customers_total[5m]) > 1
`,
      },
    },
    {
      name: 'recorded for a graph',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: instance:cpu:irate
        expr: irate(node_cpu_seconds_total[5m])
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      if (rule.kind !== 'alert') continue;
      for (const { node } of findAll(root, 'call')) {
        if (node.name !== 'irate') continue;
        context.report({
          span: node.nameSpan,
          message:
            '`irate` follows the last two samples, so one calm sample ends the condition and `for` begins anew.',
          place: `${rule.place}.expr.irate`,
          fixes: () => [
            {
              title: 'Take `rate`',
              safety: 'review',
              edits: [{ span: node.nameSpan, text: 'rate' }],
              risk: 'The mean over the range is lower than a short spike, so the threshold may have to be another one.',
              verify: 'promtool check rules',
            },
          ],
        });
      }
    }
  },
});
