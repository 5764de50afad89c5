import type { Document, Span } from '../../syntaxes/document.ts';
import {
  type PromqlAggregation,
  type PromqlCall,
  type PromqlSubquery,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import type { FactReader } from '../core/facts.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { prometheusRecordedFacts } from '../facts/prometheus-recorded.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { isEventCounter } from './shared/metrics.ts';

export const rule = defineRule({
  id: 'promql/sum-then-rate',
  title: 'Rate of a sum of counters',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /rate|increase/,
  docs: {
    why: `\`rate\` tells a counter's restart by its fall to 0. In a sum of counters the fall of one is a dip of the total, which
\`rate\` takes for a restart of everything: each restart of one instance makes a spike as high as all counts so far.`,
    fix: 'Take the rate first, then the sum: `sum(rate(x[5m]))`.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/functions/#rate'],
  },
  bad: [
    {
      name: 'a sum in a subquery',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:requests:rate5m
        expr: «rate(sum by (job) (http_requests_total{code="500"})[5m:])»
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total{code="500"}[5m]))
`,
    },
    {
      name: 'the sum is recorded, here and in another file',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:requests:sum
        expr: sum by (job) (http_requests_total)
      - record: job:requests:rate5m
        expr: «rate(job:requests:sum[5m])»
      - alert: Errors
        expr: «increase(job:errors:sum{job="a"}[1h] offset 1d)» > 5
        for: 5m
`,
        'errors.yml': `groups:
  - name: errors
    rules:
      - record: job:errors:sum
        expr: (sum(app_errors_total) by (job))
`,
      },
    },
    {
      name: 'with a step and an offset it is left to a human',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: «increase((sum(a_total + b_total))[1h:1m] offset 1h)» > 5
        labels: {severity: warning}
`,
      },
    },
  ],
  good: [
    {
      name: 'a gauge, and the sum of increases',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum(increase(x_total[1h]))
      - record: b
        expr: avg_over_time(sum(queue_length)[10m:1m])
`,
      },
    },
    {
      name: 'recorded rates and gauges, a name that two files record',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
      - record: job:users:sum
        expr: sum by (job) (active_users_total)
      - record: job:errors:sum
        expr: sum by (job) (app_errors_total)
      - record: a
        expr: deriv(job:requests:rate5m[1h]) + rate(job:users:sum[5m]) + rate(job:errors:sum[5m]) + delta(job:errors:sum[1h])
`,
        'other.yml': `groups: [{ name: other, rules: [{ record: "job:errors:sum", expr: "sum by (job) (app_errors)" }] }]
`,
      },
    },
    {
      name: 'the rate first',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum by (job) (rate(http_requests_total[5m])) + rate(x_total[5m:1m])
      - record: b
        expr: max_over_time(sum(rate(x_total[5m]))[1h:5m]) + deriv(sum(queue_length)[1h:5m])
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { node } of findAll(root, 'call')) {
        if (!/^(?:rate|irate|increase)$/.test(node.name)) continue;
        const recorded = recordedSum(node, context.facts);
        if (recorded !== undefined) {
          context.report({
            span: node.span,
            message: `This series is recorded as a sum, and \`${node.name}\` takes the restart of one instance for a restart of all; record the rate.`,
            place: `${rule.place}.expr.${node.name}[${recorded}]`,
          });
        }
        const found = summedIn(node);
        if (!found) continue;
        context.report({
          span: node.span,
          message: `\`${node.name}\` of a \`${found.aggregation.op}\` takes the restart of one instance for a restart of all; swap the two.`,
          place: `${rule.place}.expr.${node.name}`,
          fixes: () => [swapFix(document, node, found)],
        });
      }
    }
  },
});

/** The name of a recorded series in a range that is nothing but the sum of a counter, wherever it is recorded. */
function recordedSum({ args: [arg] }: PromqlCall, facts: FactReader): string | undefined {
  let ranged = arg && withoutParens(arg);
  while (ranged?.type === 'modified') ranged = withoutParens(ranged.expr);
  const name = ranged?.type === 'matrix' && ranged.expr.type === 'selector' ? ranged.expr.name : undefined;
  const recordings = name === undefined ? [] : facts.about(prometheusRecordedFacts, name);
  return recordings.length > 0 && recordings.every(({ fact }) => isEventCounter(fact.sumOf))
    ? name
    : undefined;
}

interface Summed {
  readonly aggregation: PromqlAggregation;
  readonly subquery: PromqlSubquery;
}

function summedIn({ args: [arg] }: PromqlCall): Summed | undefined {
  let ranged = arg && withoutParens(arg);
  while (ranged?.type === 'modified') ranged = withoutParens(ranged.expr);
  if (ranged?.type !== 'subquery') return undefined;
  const inner = withoutParens(ranged.expr);
  const isSum = inner.type === 'aggregation' && /^(?:sum|avg)$/.test(inner.op);
  return isSum && findAll(inner, 'call').length === 0 ? { aggregation: inner, subquery: ranged } : undefined;
}

function swapFix({ text }: Document, call: PromqlCall, { aggregation, subquery }: Summed): Fix | undefined {
  const [selector] = aggregation.args;
  if (selector?.type !== 'selector' || call.args[0] !== subquery) return undefined;
  const written = (span: Span) => text.slice(span.start, span.end);
  const { grouping } = aggregation;
  const by = grouping ? ` ${grouping.kind} ${written(grouping.listSpan)} ` : '';
  return {
    title: `Sum the ${call.name === 'increase' ? 'increases' : 'rates'} instead`,
    safety: 'review',
    edits: [
      {
        span: call.span,
        text: `${aggregation.op}${by}(${call.name}(${written(selector.span)}[${subquery.range.text}]))`,
      },
    ],
    risk: 'Values drop to what they are, so thresholds that were set by looking at them may not be reached.',
    verify: 'promtool check rules',
  };
}
