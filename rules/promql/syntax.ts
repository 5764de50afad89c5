import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { isMetricsQl } from '../../syntaxes/promql/functions.ts';
import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'promql/syntax',
  title: 'Expression is no valid PromQL',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Prometheus refuses a rule file with one expression that it cannot read, and with it the whole configuration: at a
reload it goes on with the old rules, at a start it does not come up. Besides the grammar, the types are checked (a range
vector where an instant vector is needed), the number of arguments, and where \`offset\`, \`@\` and ranges may stand.`,
    fix: 'Write the expression as the message says; `promtool check rules` gives the same verdict.',
    falsePositives: `Expressions with functions that only MetricsQL has are left alone, and so are those with placeholders such
as \`\${WINDOW}\`. Functions behind a feature flag count as known.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/basics/',
      'https://prometheus.io/docs/prometheus/latest/querying/operators/',
      'https://prometheus.io/docs/prometheus/latest/querying/functions/',
    ],
  },
  bad: [
    {
      name: 'a bracket is missing',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: HighErrorRate
        expr: sum(rate(http_requests_total{status=~"5.."}[5m]) > «5»
        labels:
          severity: warning
`,
      },
    },
    {
      name: 'a range vector is needed',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:requests:rate5m
        expr: |
          sum by (job) (
            rate(«http_requests_total»)
          )
`,
      },
    },
    {
      name: 'types, arguments, comparisons and places of modifiers',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: rate(x_total[5m]) «and» 1
      - alert: B
        expr: «histogram_quantile(0.9)» > 1
      - alert: C
        expr: '«sum(x) offset 5m» > 1'
      - alert: D
        expr: "x{path=~\\"«\\\\d»+\\"} > 1"
      - alert: E
        expr: x > 1 «for» 5m
      - alert: F
        expr: «no_such_function»(x) > 1
      - alert: G
        expr: rate(x_total[«5min»]) > 1
`,
      },
    },
    {
      name: 'a rule for the operator',
      files: {
        'rule.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: app
spec:
  groups:
    - name: app
      rules:
        - alert: Down
          expr: up{job="app"} «=~» 0
          labels:
            severity: critical
`,
      },
    },
  ],
  good: [
    {
      name: 'expressions of all shapes',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: ErrorRate
        expr: |
          # share of failed requests
          sum by (job) (rate(http_requests_total{status=~"5..", path!~"/(health|metrics)"}[5m]))
            / ignoring (status) group_left
          sum by (job) (rate(http_requests_total[5m])) > 0.05
      - record: job:latency:p99
        expr: histogram_quantile(0.99, sum by (job, le) (rate(http_request_duration_seconds_bucket[5m] offset 1h)))
      - alert: Disk
        expr: >-
          predict_linear(node_filesystem_avail_bytes{mountpoint="/"}[6h], 24 * 3600) < 0
          and on (instance)
          node_filesystem_readonly == 0
      - alert: Absent
        expr: 'absent(up{job="it''s"}) or absent_over_time(up{job="b"}[10m]) or vector(0) > bool 1'
      - alert: Subquery
        expr: max_over_time(rate(x_total[1m])[30m:1m] @ end()) > 1e3
      - record: x
        expr: 1
      - record: y
        expr: label_replace(x, "dst", "$1", "src", "(.*):\\\\d+") unless on () (hour() < 8)
      - record: z
        expr: x / y offset 1w
`,
      },
    },
    {
      name: 'a string that goes on in the next line of a plain scalar, a comment in a quoted one',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum(rate(ops_total{status=~"unable to
          (create|attach) it"}[5m])) > 0
      - alert: B
        expr: "sum(# all of
          them\\n x) > 0"
`,
      },
    },
    {
      name: 'MetricsQL and placeholders',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_share(0.9, x_bucket)
      - record: b
        expr: rate(x_total[\${WINDOW}])
      - record: c
        expr: rate(x_total) keep_metric_names
`,
      },
    },
    {
      name: 'functions that were renamed',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: holt_winters(x[5m], 0.5, 0.5)
      - record: b
        expr: double_exponential_smoothing(x[5m], 0.5, 0.5)
`,
      },
    },
  ],
  check(document, context) {
    for (const rule of rulesOf(document.tree)) {
      const promql = rule.expr?.promql;
      const [problem] = promql?.problems ?? [];
      // One mistake makes others: only the first is worth reading.
      if (!promql || !problem || isMetricsQl(promql.text)) continue;
      context.report({ span: problem.span, message: `${problem.message}.`, place: `${rule.place}.expr` });
    }
  },
});
