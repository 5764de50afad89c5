import type { PromqlExpr, PromqlSelector } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { isHistogramPart } from './shared/metrics.ts';

export const rule = defineRule({
  id: 'promql/histogram-no-rate',
  title: 'Quantile of everything since the start',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /histogram_(?:quantile|fraction)/,
  docs: {
    why: `The buckets of a histogram are counters. Without \`rate\` the quantile is that of all requests since the process started: after some
days of good service an hour of slow answers does not move it, and the alert stays silent.`,
    fix: 'Take the rate of the buckets first: `histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))`.',
    falsePositives:
      'Native histograms and recorded buckets are not judged: only names that end in `_bucket`, without a colon.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile'],
  },
  bad: [
    {
      name: 'buckets as they are',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, «request_seconds_bucket{job="app"}») > 2
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, rate(request_seconds_bucket{job="app"}[5m])) > 2
        labels: {severity: warning}
`,
    },
    {
      name: 'summed, with an offset, in a fraction',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: |
          histogram_quantile(
            0.99,
            sum(«request_seconds_bucket») by (le)
          )
      - record: b
        expr: histogram_fraction(0, 0.2, sum by (le) («request_seconds_bucket» offset 1h))
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: |
          histogram_quantile(
            0.99,
            sum(rate(request_seconds_bucket[5m])) by (le)
          )
      - record: b
        expr: histogram_fraction(0, 0.2, sum by (le) (request_seconds_bucket offset 1h))
`,
    },
  ],
  good: [
    {
      name: 'rates, also of a sum in a subquery',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(0.95, sum by (le) (rate(request_seconds_bucket[5m])))
      - record: b
        expr: histogram_quantile(0.95, sum by (le) (increase(request_seconds_bucket[1h] offset 1d)))
      - record: c
        expr: histogram_quantile(0.95, rate(request_seconds_bucket[5m:1m]))
`,
      },
    },
    {
      name: 'a difference, a recorded rate, a native histogram, buckets outside of a quantile',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(0.95, request_seconds_bucket - request_seconds_bucket offset 1h)
      - record: b
        expr: histogram_quantile(0.95, job:request_seconds_bucket:rate5m) + histogram_quantile(0.9, job:request_seconds_bucket)
      - record: c
        expr: histogram_quantile(0.95, request_seconds)
      - record: d
        expr: sum by (le) (request_seconds_bucket)
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { node } of findAll(root, 'call')) {
        const buckets = /^histogram_(?:quantile|fraction)$/.test(node.name) ? node.args.at(-1) : undefined;
        const found = buckets && rawBuckets(buckets);
        if (!found) continue;
        context.report({
          span: found.selector.span,
          message: `Without \`rate\`, \`${node.name}\` is about all that was counted since the start, and what is slow now hardly moves it.`,
          place: `${rule.place}.expr.${node.name}[${found.selector.name ?? ''}]`,
          fixes: () => [rateFix(found)],
        });
      }
    }
  },
});

interface RawBuckets {
  readonly selector: PromqlSelector;
  readonly shifted: boolean;
}

/** Buckets that nothing but sums stand around. */
function rawBuckets(expr: PromqlExpr): RawBuckets | undefined {
  switch (expr.type) {
    case 'selector':
      return isHistogramPart(expr.name) ? { selector: expr, shifted: false } : undefined;
    case 'paren':
      return rawBuckets(expr.expr);
    case 'modified': {
      const inner = rawBuckets(expr.expr);
      return inner && { ...inner, shifted: true };
    }
    case 'aggregation': {
      const [arg] = expr.args;
      return arg && /^(?:sum|avg|max|min)$/.test(expr.op) ? rawBuckets(arg) : undefined;
    }
    default:
      return undefined;
  }
}

function rateFix({ selector: { span }, shifted }: RawBuckets): Fix | undefined {
  // A range stands between a selector and its offset.
  if (shifted) return undefined;
  return {
    title: 'Take the rate of 5 minutes',
    safety: 'review',
    edits: [
      { span: { start: span.start, end: span.start }, text: 'rate(' },
      { span: { start: span.end, end: span.end }, text: '[5m])' },
    ],
    risk: 'The quantile follows the last five minutes, so the alert may fire, and often for the first time.',
    verify: 'promtool check rules',
  };
}
