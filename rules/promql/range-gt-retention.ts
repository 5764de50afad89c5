import { durationText } from '../../syntaxes/promql/durations.ts';
import { defineRule } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';
import { beyond, retentionFor } from './shared/retention.ts';

export const rule = defineRule({
  id: 'promql/range-gt-retention',
  title: 'Range reaches beyond what is kept',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\[/,
  docs: {
    why: `Prometheus keeps samples for 15 days unless told otherwise. A range of 30 days then is one of 15: an error budget of a month forgets half of it, a
mean is one of other days than its name says, and nobody is told.`,
    fix: 'Keep samples for longer (`--storage.tsdb.retention.time=40d`), or take a range that is kept.',
    falsePositives: `The time is that of \`--storage.tsdb.retention.time\` of the Compose service that loads the file, of the configuration, or 15 days. Silent where one of
the servers is not known in full, where only a size limits the storage, and with \`remote_read\`.`,
    references: ['https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects'],
  },
  bad: [
    {
      name: 'a month by default',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum_over_time(errors[«30d»])
      - record: b
        expr: avg_over_time(rate(x_total[5m])[«4w»:1h])
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml"]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'too far back together',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: 'increase(x_total[«2d»] offset 2d) + increase(x_total[2d])'
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", --storage.tsdb.retention.time, 3d]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
  ],
  good: [
    {
      name: 'what is kept',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum_over_time(errors[15d])
      - record: b
        expr: increase(x_total[1w] offset 8d)
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml"]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'kept for longer',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum_over_time(errors[30d])
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=40d"]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'the offset alone is too long: another rule speaks of it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: rate(x_total[5m] offset 30d)
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml"]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'the flags come from somewhere else',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum_over_time(errors[30d])
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", "\${MORE_FLAGS}"]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'kept elsewhere, another file for another server',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum_over_time(errors[30d])
`,
        'other/prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
      },
    },
  ],
  check(document, context) {
    const expressions = writtenExpressions(document.tree);
    const retention = expressions.length > 0 ? retentionFor(context.facts, document.uri) : undefined;
    if (retention === undefined) return;
    for (const { rule, root } of expressions) {
      for (const { duration, seconds, total } of beyond(root, 'range', retention)) {
        context.report({
          span: duration.span,
          message: `Samples of ${durationText(Math.max(seconds, total))} are asked for and kept for ${durationText(retention)}, so the result is one of less time.`,
          place: `${rule.place}.expr.range[${duration.text}]`,
        });
      }
    }
  },
});
