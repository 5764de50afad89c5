import type { PromqlAggregation, PromqlExpr } from '../../syntaxes/promql/tree.ts';
import { defineRule } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { waitFix, waits } from './shared/for-fix.ts';

export const rule = defineRule({
  id: 'promql/topk-in-alert',
  title: 'Alert on a ranking that changes with every evaluation',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /topk|bottomk|limitk|limit_ratio/i,
  docs: {
    why: `\`topk(5, x)\` gives other series whenever two change places, and each series is an alert of its own: alerts are sent, resolved and sent
again though nothing has changed for the system as a whole.`,
    fix: 'Alert on each series above the threshold, on one number (`max(topk(…))`), or let the alert hold for a while (`for`, `keep_firing_for`).',
    falsePositives:
      'Silent where an aggregation without the ranking’s labels stands around it, and where the alert has `for` or `keep_firing_for`.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators'],
  },
  bad: [
    {
      name: 'the five largest',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: BigQueues
        expr: «topk»(5, queue_length) > 100
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: BigQueues
        expr: topk(5, queue_length) > 100
        for: 2m
        labels: {severity: warning}
`,
    },
    {
      name: 'zero is no time; around and below other things',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: «BOTTOMK» by (job) (1, sum by (job, pod) (free)) * 100 < 5
        for: 0s
      - alert: B
        expr: round(«limitk»(3, x)) > 5 or label_replace(«topk»(1, y), "a", "b", "", "") > 1
`,
      },
    },
  ],
  good: [
    {
      name: 'one number of the ranking',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: min(topk(5, queue_length)) > 100 or sum by (job) (topk by (job) (3, x)) > 10
      - alert: B
        expr: x > scalar(topk(1, y))
      - alert: C
        expr: x > on (job) group_left topk(1, y) or x and topk(3, x)
`,
      },
    },
    {
      name: 'it has to hold, or is recorded',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: topk(5, queue_length) > 100
        for: 10m
      - alert: B
        expr: topk(5, queue_length) > 100
        keep_firing_for: 15m
      - record: a
        expr: topk(5, queue_length)
      - alert: D
        expr: topk_misses > 1
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      if (rule.kind !== 'alert' || waits(rule)) continue;
      for (const { node, parents } of findAll(root, 'aggregation')) {
        if (!RANKS.test(node.op) || isCollapsed(node, parents)) continue;
        context.report({
          span: node.opSpan,
          message: `\`${node.op}\` gives other series whenever two change places, and each is an alert that comes and goes.`,
          place: `${rule.place}.expr.${node.op}`,
          fixes: () => [waitFix(document, rule)],
        });
      }
    }
  },
});

const RANKS = /^(?:topk|bottomk|limitk|limit_ratio)$/;

/** Whether the labels of a ranking are not those of the alert. */
function isCollapsed(node: PromqlAggregation, parents: readonly PromqlExpr[]): boolean {
  return [...parents].reverse().some((parent, index) => {
    const below = parents[parents.length - index] ?? node;
    if (parent.type === 'aggregation') return !RANKS.test(parent.op);
    if (parent.type === 'call') return /^(?:scalar|absent)$/.test(parent.name);
    if (parent.type !== 'binary') return false;
    // One side of these only chooses among the series of the other, or is joined to them.
    if (parent.matching?.group) return below === parent[parent.matching.group === 'left' ? 'right' : 'left'];
    return /^(?:and|unless)$/.test(parent.op) && below === parent.right;
  });
}
