import {
  COMPARISONS,
  constantOf,
  type PromqlCall,
  type PromqlExpr,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/rate-on-timestamp',
  title: 'Rate of a point in time',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /rate|increase/,
  docs: {
    why: `A metric such as \`process_start_time_seconds\` is a point in time, not a counter. Its increase after a restart is the
number of seconds between the starts, so a threshold of "more than 3 restarts" is met by one.`,
    fix: 'Count the changes: `changes(process_start_time_seconds[1h]) > 3`.',
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#changes',
      'https://prometheus.io/docs/practices/naming/',
    ],
  },
  bad: [
    {
      name: 'restarts',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: RestartsOften
        expr: «increase(process_start_time_seconds{job="api"}[1h])» > 3
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: RestartsOften
        expr: changes(process_start_time_seconds{job="api"}[1h]) > 3
        labels: {severity: warning}
`,
    },
    {
      name: 'not compared: what was meant is not known',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum by (job) («rate(backup_last_success_timestamp_seconds[1h])»)
`,
      },
    },
  ],
  good: [
    {
      name: 'changes, and ages',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: changes(process_start_time_seconds[1h]) > 3
        labels: {severity: warning}
      - alert: B
        expr: time() - process_start_time_seconds < 300
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'counters and histograms',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: rate(process_cpu_seconds_total[5m]) + rate(lag_timestamp_seconds_sum[5m]) + rate(http_start_time_seconds_bucket[5m])
      - record: b
        expr: delta(clock_timestamp_seconds[5m])
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { node, parents } of findAll(root, 'call')) {
        const metric = /^(?:rate|irate|increase)$/.test(node.name) ? timestampIn(node.args[0]) : undefined;
        if (metric === undefined) continue;
        context.report({
          span: node.span,
          message: `\`${shorten(metric)}\` is a point in time and no counter, so its ${node.name === 'increase' ? 'increase' : 'rate'} counts seconds.`,
          place: `${rule.place}.expr.${metric}`,
          fixes: () => [changesFix(node, parents)],
        });
      }
    }
  },
});

const TIMESTAMP =
  /_(?:start_time_seconds|timestamp_seconds|start_timestamp|last_success_timestamp|last_run_timestamp)$/;

function timestampIn(arg: PromqlExpr | undefined): string | undefined {
  const matrix = arg && withoutParens(arg);
  const selector = matrix?.type === 'matrix' ? matrix.expr : undefined;
  const name = selector?.type === 'selector' ? selector.name : undefined;
  return name !== undefined && TIMESTAMP.test(name) ? name : undefined;
}

/** Only a comparison with a small number asks for how often; it is the same question for `changes`. */
function changesFix(call: PromqlCall, parents: readonly PromqlExpr[]): Fix | undefined {
  const comparison = parents.findLast((parent) => parent.type !== 'paren');
  if (
    comparison?.type !== 'binary' ||
    !COMPARISONS.has(comparison.op) ||
    withoutParens(comparison.left) !== call
  )
    return undefined;
  const threshold = constantOf(comparison.right);
  if (threshold === undefined || threshold > 100 || (call.name !== 'increase' && threshold !== 0))
    return undefined;
  return {
    title: 'Count the changes instead',
    safety: 'review',
    edits: [{ span: call.nameSpan, text: 'changes' }],
    risk: 'The alert fires for the number of restarts in the threshold, no longer for the first one.',
    verify: 'promtool check rules',
  };
}

function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}
