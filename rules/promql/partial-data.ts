import { type PromqlExpr, withoutParens } from '../../syntaxes/promql/tree.ts';
import { defineRule } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { waitFix, waits } from './shared/for-fix.ts';
import { metricOf } from './shared/shapes.ts';

export const rule = defineRule({
  id: 'promql/partial-data',
  title: 'Sums of different metrics are compared at once',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /sum|avg|count|min|max/i,
  docs: {
    why: `After a restart of Prometheus, or when a job comes up, the targets are scraped one after the other. For some seconds one sum has all its
series and the other has half of them, their quotient is wrong, and an alert without \`for\` is sent.`,
    fix: 'Let the alert hold for some evaluations: `for: 2m`.',
    falsePositives:
      'Sums of one metric, and those for each `instance`, come from the same scrapes and are left alone. alert/no-for speaks of alerts without `for` in general.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'errors of requests',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: sum(rate(errors_total[5m])) «/» sum(rate(requests_total[5m])) > 0.05
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.05
        for: 2m
        labels: {severity: warning}
`,
    },
    {
      name: 'compared with each other, subtracted',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: count by (job) (workers) «<» max by (job) (workers_wanted)
        for: 0m
      - alert: B
        expr: 100 * (sum(a) «-» on () (1 + sum(b))) > 5
`,
      },
    },
  ],
  good: [
    {
      name: 'it has to hold',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.05
        for: 1m
      - alert: B
        expr: sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.05
        keep_firing_for: 5m
      - record: a
        expr: sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))
`,
      },
    },
    {
      name: 'sums of one metric, one sum, conditions joined',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum(rate(x_total{code="500"}[5m])) / sum(rate(x_total[5m])) > 0.05
      - alert: B
        expr: sum(a) > 5 and sum(b) > 5 or sum(a) / 60 > 5
      - alert: C
        expr: a / on (job) group_left sum by (job) (b) > 5 or sum by (instance) (a) / sum by (instance) (b) > 5
      - alert: D
        expr: sum by (pod) (rate(evictions_total[5m])) * on (pod) group_left (node) max by (pod, node) (pod_info) > 0
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      if (rule.kind !== 'alert' || waits(rule)) continue;
      const mixed = findAll(root, 'binary').find(
        // A join brings labels, no numbers that have to fit.
        ({ node }) =>
          !/^(?:and|or|unless)$/.test(node.op) && !node.matching?.group && areApart(node.left, node.right),
      );
      if (!mixed) continue;
      context.report({
        span: mixed.node.opSpan,
        message:
          'The sides come from different scrapes, so after a restart one is there in part, and without `for` that is sent.',
        place: `${rule.place}.expr[${mixed.node.op}]`,
        fixes: () => [waitFix(document, rule)],
      });
    }
  },
});

/** Whether both sides are aggregations and of different metrics. */
function areApart(left: PromqlExpr, right: PromqlExpr): boolean {
  const [a, b] = [aggregated(left), aggregated(right)];
  return a !== undefined && b !== undefined && a !== b;
}

/** The metrics in an aggregation, with numbers added or multiplied. */
function aggregated(expr: PromqlExpr): string | undefined {
  const node = withoutParens(expr);
  if (node.type === 'binary') {
    const sides = [aggregated(node.left), aggregated(node.right)].filter((side) => side !== undefined);
    return sides.length === 1 ? sides[0] : undefined;
  }
  if (node.type !== 'aggregation' || !/^(?:sum|avg|count|min|max)$/.test(node.op)) return undefined;
  // What one instance says comes with one scrape.
  if (node.grouping && node.grouping.labels.includes('instance') === (node.grouping.kind === 'by'))
    return undefined;
  const names = findAll(node, 'selector').map(({ node: selector }) => metricOf(selector) ?? '');
  return names.length > 0 ? [...new Set(names)].sort().join(' ') : undefined;
}
