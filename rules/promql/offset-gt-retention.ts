import { durationText } from '../../syntaxes/promql/durations.ts';
import { defineRule } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';
import { beyond, retentionFor } from './shared/retention.ts';

export const rule = defineRule({
  id: 'promql/offset-gt-retention',
  title: 'Offset reaches beyond what is kept',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /offset/i,
  docs: {
    why: `Prometheus keeps samples for 15 days unless told otherwise. An offset beyond that finds nothing, so the whole comparison gives nothing: the alert that
compares with last month never fires.`,
    fix: 'Keep samples for longer (`--storage.tsdb.retention.time=40d`), or compare with a time that is kept.',
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
        expr: rate(x_total[1h]) / rate(x_total[1h] offset «30d») > 2
      - record: b
        expr: x offset «16d» + x offset 15d
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
      name: 'a short time is set',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: "max_over_time(x[1h:5m] offset «1w») > 1"
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=3d"]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
  ],
  good: [
    {
      name: 'as long as it is kept, into the future, at a time of its own',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x offset 15d
      - record: b
        expr: x offset -30d
      - record: c
        expr: x @ 0 offset 30d
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
      name: 'kept for longer, by flag or in the configuration',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x offset 30d
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", --storage.tsdb.retention.time=1y]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'in the configuration',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x offset 30d
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
storage: { tsdb: { retention: { time: 90d } } }
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
      name: 'a size alone, and another storage',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x offset 30d
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: ["--config.file=/etc/prometheus/prometheus.yml", --storage.tsdb.retention.size=50GB]
    volumes: [".:/etc/prometheus"]
`,
      },
    },
    {
      name: 'remote_read',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x offset 30d
`,
        'prometheus.yml': `rule_files: [rules.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:80"] }] }]
remote_read: [{ url: "http://long:9090/read" }]
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
      name: 'nobody knows how it is run',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: x offset 30d
`,
        'prometheus.yml': `rule_files: [rules.yml]
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
      for (const { duration } of beyond(root, 'offset', retention)) {
        context.report({
          span: duration.span,
          message: `\`offset ${duration.text.slice(0, 20)}\` asks for samples that are gone: they are kept for ${durationText(retention)}.`,
          place: `${rule.place}.expr.offset[${duration.text}]`,
        });
      }
    }
  },
});
