import { defineRule } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';
import { shortWindows, windowFix } from './shared/windows.ts';

export const rule = defineRule({
  id: 'promql/rate-window-short',
  title: 'Range is too short for two samples',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /rate|increase|delta|deriv/,
  docs: {
    why: `\`rate\` and its like work out a slope, for which they need two samples. A range shorter than twice the scrape interval has only
one most of the time, and then the result is nothing at all: the alert is not even pending while the thing it watches burns.`,
    fix: 'Take a range of at least four scrape intervals, so that a scrape or two may fail.',
    falsePositives: `The interval is that of the job which the selector asks for; without one, the shortest of all jobs. Silent where no
configuration of the workspace loads the file, where series may come from elsewhere, and for recorded series.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#rate',
      'https://prometheus.io/docs/prometheus/latest/configuration/configuration/',
    ],
  },
  bad: [
    {
      name: 'as long as the interval',
      files: {
        'rules/app.yml': `groups:
  - name: app
    rules:
      - alert: Failures
        expr: sum(rate(app_failures_total{job="app"}[«30s»])) > 1
        labels: {severity: warning}
`,
        'prometheus.yml': `global:
  scrape_interval: 30s
rule_files: ["rules/*.yml"]
scrape_configs:
  - job_name: app
    static_configs: [{targets: ["app:8000"]}]
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Failures
        expr: sum(rate(app_failures_total{job="app"}[2m])) > 1
        labels: {severity: warning}
`,
    },
    {
      name: 'the job has an interval of its own, all jobs are slow',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: 'rate(backup_bytes_total{job=~"backup|backup-old"}[«5m»])'
      - record: b
        expr: "irate(x_total[«1m» ] offset 1h) + delta(queue_length[«40s»])"
`,
        'prometheus.yml': `rule_files:
  - rules.yml
scrape_configs:
  - job_name: backup
    scrape_interval: 5m
    static_configs:
      - targets: [backup:9000]
  - job_name: app
    static_configs:
      - targets: [app:8000]
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: 'rate(backup_bytes_total{job=~"backup|backup-old"}[20m])'
      - record: b
        expr: "irate(x_total[1m ] offset 1h) + delta(queue_length[40s])"
`,
    },
    {
      name: 'the threshold of an increase belongs to its range',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Crashes
        expr: |
          increase(
            worker_crashes_total{job='worker'}[«90s»]
          ) > 3
        labels: {severity: warning}
`,
        'prometheus.yml': `global: { scrape_interval: 1m }
rule_files: [rules.yml]
scrape_configs: [{ job_name: worker, static_configs: [{ targets: ["worker:80"] }] }]
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Crashes
        expr: |
          increase(
            worker_crashes_total{job='worker'}[4m]
          ) > 3
        labels: {severity: warning}
`,
    },
  ],
  good: [
    {
      name: 'two samples, a faster job, a range that is worked out',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: rate(x_total{job="slow"}[2m]) > 1
      - alert: B
        expr: rate(x_total{job="fast"}[30s]) > 1
      - alert: C
        expr: rate(x_total[30s]) > 1
      - alert: D
        expr: max_over_time(x{job="slow"}[30s]) > 1 or changes(x{job="slow"}[30s]) > 0
`,
        'prometheus.yml': `global: { scrape_interval: 1m }
rule_files: [rules.yml]
scrape_configs:
  - job_name: slow
    static_configs: [{ targets: [a:80] }]
  - job_name: fast
    scrape_interval: 15s
    static_configs: [{ targets: [b:80] }]
`,
      },
    },
    {
      name: 'nothing loads the file, the interval is filled in, the job is not known',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: rate(x_total{job="filled"}[1s]) > 1 or rate(x_total{job="other"}[1s]) > 1
`,
        'prometheus.yml': `global: { scrape_interval: "\${INTERVAL}" }
rule_files: [rules.yml]
scrape_configs:
  - job_name: filled
    static_configs: [{ targets: [a:80] }]
`,
        'other/prometheus.yml': `global: { scrape_interval: 1m }
scrape_configs: [{ job_name: filled, static_configs: [{ targets: ["a:80"] }] }]
`,
      },
    },
    {
      name: 'series are recorded, or come from elsewhere',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: 5s
    rules:
      - record: app_open
        expr: sum(app_connections)
      - alert: A
        expr: delta(app_open[15s]) > 1 or deriv(job:x:sum[15s]) > 1 or rate(pushed_total[15s]) > 1
`,
        'prometheus.yml': `global: { scrape_interval: 1m }
rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["a:80"] }] }]
remote_read: [{ url: "http://other:9090/api/v1/read" }]
`,
      },
    },
  ],
  check(document, context) {
    for (const expression of writtenExpressions(document.tree)) {
      for (const window of shortWindows(expression, context.facts, document.uri)) {
        const { range, seconds, interval, call } = window;
        if (seconds >= 2 * interval) continue;
        context.report({
          span: range.span,
          message: `Samples come every ${interval} s, so \`${call}\` of \`[${range.text.slice(0, 20)}]\` has one of them at most times, and gives nothing.`,
          place: window.place,
          fixes: () => [windowFix(window, 'safe')],
        });
      }
    }
  },
});
