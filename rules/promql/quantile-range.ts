import { constantOf, type PromqlExpr } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/quantile-range',
  title: 'Quantile is not between 0 and 1',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /quantile/i,
  docs: {
    why: `Quantiles go from 0 to 1. For 95 the result is \`+Inf\`, whatever is measured, so an alert on it fires always; below 0
it is \`-Inf\`, and the alert fires never.`,
    fix: 'Write 0.95 for the 95th percentile.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile'],
  },
  bad: [
    {
      name: 'a percentage',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Slow
        expr: histogram_quantile(«95», sum by (le) (rate(latency_seconds_bucket[5m]))) > 2
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m]))) > 2
        labels: {severity: warning}
`,
    },
    {
      name: 'in an aggregation and over time',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: quantile(«99.9», x)
      - record: b
        expr: quantile_over_time(«-0.5», x[5m])
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: quantile(0.999, x)
      - record: b
        expr: quantile_over_time(-0.5, x[5m])
`,
    },
  ],
  good: [
    {
      name: 'a quantile that is worked out',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(1 - 0.05, sum by (le) (rate(x_bucket[5m])))
      - record: b
        expr: quantile_over_time(0.5, x[5m]) * 95
`,
      },
    },
    {
      name: 'from 0 to 1',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(0.99, x_bucket) + histogram_quantile(95 / 100, x_bucket) + quantile(1, x) + quantile_over_time(0, x[5m])
      - record: b
        expr: topk(95, x) + histogram_quantile(scalar(q), x_bucket)
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      const calls = [
        ...findAll(root, 'call').filter(({ node }) =>
          /^(?:histogram_quantile|quantile_over_time)$/.test(node.name),
        ),
        ...findAll(root, 'aggregation').filter(({ node }) => node.op === 'quantile'),
      ];
      for (const { node } of calls) {
        const [quantile] = node.args;
        const value = quantile && constantOf(quantile);
        if (!quantile || value === undefined || Number.isNaN(value) || (value >= 0 && value <= 1)) continue;
        context.report({
          span: quantile.span,
          message: `A quantile is between 0 and 1; for ${value} the result is ${value > 1 ? '+Inf' : '-Inf'}, whatever is measured.`,
          place: `${rule.place}.expr.quantile`,
          fixes: () => [percentFix(quantile, value)],
        });
      }
    }
  },
});

function percentFix(quantile: PromqlExpr, value: number): Fix | undefined {
  if (quantile.type !== 'number' || value <= 1 || value > 100) return undefined;
  const text = String(Number((value / 100).toPrecision(12)));
  return {
    title: `Set the quantile to ${text}`,
    safety: 'safe',
    edits: [{ span: quantile.span, text }],
    verify: 'promtool check rules',
  };
}
