import { defineRule } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';
import { shortWindows, windowFix } from './shared/windows.ts';

export const rule = defineRule({
  id: 'promql/rate-window-tight',
  title: 'Range has no room for a failed scrape',
  kinds: ['prometheus-rules'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /rate|increase/,
  docs: {
    why: `A rate needs two samples in its range. A range of two or three scrape intervals has just enough of them: when a scrape or two fail,
and they do when a system is in trouble, the result is a gap, and \`for\` begins anew.`,
    fix: 'Take a range of at least four scrape intervals.',
    falsePositives: `Only \`rate\` and \`increase\` are judged: \`irate\` looks at the last two samples anyway. What is said of intervals by
promql/rate-window-short, which speaks of still shorter ranges, holds here too.`,
    references: ['https://prometheus.io/docs/prometheus/latest/querying/functions/#rate'],
  },
  bad: [
    {
      name: 'two intervals',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Failures
        expr: sum by (path) (rate(app_failures_total{job="app"}[«2m»])) > 1
        for: 5m
        labels: {severity: warning}
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs:
  - job_name: app
    static_configs: [{targets: ["app:8000"]}]
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Failures
        expr: sum by (path) (rate(app_failures_total{job="app"}[4m])) > 1
        for: 5m
        labels: {severity: warning}
`,
    },
    {
      name: 'a little less than four',
      files: {
        'rules.yml': `groups: [{ name: app, rules: [{ record: a, expr: "increase(x_total[«59s»]) + rate(y_total[«0m30s»])" }] }]
`,
        'prometheus.yml': `global: { scrape_interval: 15s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:8000"] }] }]
`,
      },
      fixed: `groups: [{ name: app, rules: [{ record: a, expr: "increase(x_total[1m]) + rate(y_total[0m30s])" }] }]
`,
    },
  ],
  good: [
    {
      name: 'four intervals, the last two samples, a gauge',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: rate(x_total[1m]) + irate(x_total[30s]) + delta(queue_length[45s])
`,
        'prometheus.yml': `global: { scrape_interval: 15s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:8000"] }] }]
`,
      },
    },
    {
      name: 'less than two: another rule speaks of it',
      files: {
        'rules.yml': `groups: [{ name: app, rules: [{ record: a, expr: "rate(x_total[20s])" }] }]
`,
        'prometheus.yml': `global: { scrape_interval: 15s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:8000"] }] }]
`,
      },
    },
    {
      name: 'series are discovered with labels of their own',
      files: {
        'rules.yml': `groups: [{ name: app, rules: [{ record: a, expr: "rate(x_total[1m])" }] }]
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, file_sd_configs: [{ files: ["targets/*.json"] }] }]
`,
      },
    },
  ],
  check(document, context) {
    for (const expression of writtenExpressions(document.tree)) {
      for (const window of shortWindows(expression, context.facts, document.uri)) {
        const { range, seconds, interval, call } = window;
        if (seconds < 2 * interval || !/^(?:rate|increase)$/.test(call)) continue;
        context.report({
          span: range.span,
          message: `Samples come every ${interval} s, so a failed scrape or two leave \`${call}\` of \`[${range.text.slice(0, 20)}]\` without a result.`,
          place: window.place,
          fixes: () => [windowFix(window, 'review')],
        });
      }
    }
  },
});
