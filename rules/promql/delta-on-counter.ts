import { type PromqlCall, withoutParens } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { isEventCounter, isHistogramPart } from './shared/metrics.ts';

export const rule = defineRule({
  id: 'promql/delta-on-counter',
  title: 'Difference of a counter is taken as if it could not restart',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /delta|deriv/,
  docs: {
    why: `A counter starts at zero again with its process. \`delta\`, \`idelta\` and \`deriv\` do not know that: a restart, which is when errors come,
gives them a large negative number, and what happened before and after it is lost.`,
    fix: 'Take `increase` in place of `delta`, `rate` in place of `deriv`.',
    falsePositives: `Of names ending in \`_total\` only those count that name an event (\`requests\`, \`errors\` …); others are gauges too often.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#delta',
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#increase',
    ],
  },
  bad: [
    {
      name: 'errors of ten minutes',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: «delta(app_errors_total{job="app"}[10m])» > 5
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: increase(app_errors_total{job="app"}[10m]) > 5
        labels: {severity: warning}
`,
    },
    {
      name: 'a slope, buckets, the last two samples',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum(«deriv((http_requests_total[5m] offset 1d))»)
      - record: b
        expr: sum by (le) («delta(latency_seconds_bucket[5m])») + «idelta(app_restarts_total[5m])»
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: sum(rate((http_requests_total[5m] offset 1d)))
      - record: b
        expr: sum by (le) (delta(latency_seconds_bucket[5m])) + idelta(app_restarts_total[5m])
`,
    },
  ],
  good: [
    {
      name: 'functions for counters',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: increase(app_errors_total[10m]) + rate(app_errors_total[10m]) + changes(app_restarts_total[1h])
`,
      },
    },
    {
      name: 'gauges, whatever they are called',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: delta(process_resident_memory_bytes[1h]) + deriv(queue_length[1h]) + delta(users_total[1d]) + delta(pods_total[1h])
      - record: b
        expr: deriv(rate(app_errors_total[5m])[1h:5m]) + delta(job:app_errors_total[1h])
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      const seen = new Set<string>();
      for (const { node } of findAll(root, 'call')) {
        const name = node.name in COUNTERPARTS ? metricOf(node) : undefined;
        if (name === undefined || seen.has(`${node.name} ${name}`)) continue;
        seen.add(`${node.name} ${name}`);
        context.report({
          span: node.span,
          message: `\`${name.slice(0, 60)}\` is a counter, and \`${node.name}\` takes its restart for a large fall.`,
          place: `${rule.place}.expr.${node.name}[${name}]`,
          fixes: () => [counterFix(node)],
        });
      }
    }
  },
});

/** What does for counters what a function does for gauges; none gives the plain difference of two samples. */
const COUNTERPARTS: Readonly<Record<string, string | undefined>> = {
  delta: 'increase',
  deriv: 'rate',
  idelta: undefined,
};

function metricOf({ args: [arg] }: PromqlCall): string | undefined {
  let ranged = arg && withoutParens(arg);
  while (ranged?.type === 'modified') ranged = withoutParens(ranged.expr);
  const selector = ranged?.type === 'matrix' ? ranged.expr : undefined;
  const name = selector?.type === 'selector' ? selector.name : undefined;
  return isEventCounter(name) || isHistogramPart(name) ? name : undefined;
}

function counterFix({ name, nameSpan }: PromqlCall): Fix | undefined {
  const text = COUNTERPARTS[name];
  if (text === undefined) return undefined;
  return {
    title: `Take \`${text}\` instead`,
    safety: 'review',
    edits: [{ span: nameSpan, text }],
    risk: 'Across a restart the result is what was counted, no longer a fall below zero.',
    verify: 'promtool check rules',
  };
}
