import type { Document } from '../../syntaxes/document.ts';
import {
  COMPARISONS,
  constantOf,
  type PromqlBinary,
  type PromqlExpr,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/nan-agg',
  title: 'One division by zero spoils the sum of all',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /sum|avg/i,
  docs: {
    why: `0 / 0 is \`NaN\`, and a sum or a mean with one \`NaN\` in it is \`NaN\`, which no comparison is true for. One instance without traffic takes
the whole alert away.`,
    fix: 'Divide only where there is something to divide by: `sum(a / (b > 0))`.',
    falsePositives: `Silent where the divisor is compared, held above zero (\`clamp_min\`), a number, or called a size, a limit or a capacity, which are
not zero. Divisors that can never be zero for other reasons are reported.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/operators/#arithmetic-binary-operators',
    ],
  },
  bad: [
    {
      name: 'a mean of latencies',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Slow
        expr: avg(rate(latency_seconds_sum[5m]) / «rate(latency_seconds_count[5m])») > 2
        for: 5m
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Slow
        expr: avg(rate(latency_seconds_sum[5m]) / (rate(latency_seconds_count[5m]) > 0)) > 2
        for: 5m
`,
    },
    {
      name: 'in percent, with matching, in parentheses',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum by (job) (100 * (errors / ignoring (code) «(requests)»))
      - record: b
        expr: avg without (pod) (hits / «(hits + misses)» * 100)
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: sum by (job) (100 * (errors / ignoring (code) (requests > 0)))
      - record: b
        expr: avg without (pod) (hits / (hits + misses) * 100)
`,
    },
  ],
  good: [
    {
      name: 'guards',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum(a / (b > 0)) + sum(a / clamp_min(b, 1)) + sum((a / b) and b > 0) + sum(a / b >= 0) + sum(a / (b != 0))
      - record: b
        expr: sum(a / 60) + sum(a / (b + 1)) + sum(used_bytes / size_bytes) + avg(used / container_spec_memory_limit_bytes)
`,
      },
    },
    {
      name: 'sums before the division, and other aggregations',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum(a) / sum(b)
      - record: b
        expr: max(a / b) + topk(3, a / b) + count(a / b)
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { node } of findAll(root, 'aggregation')) {
        const [arg] = /^(?:sum|avg)$/.test(node.op) ? node.args : [];
        const division = arg && divisionIn(arg);
        if (!division || isNotZero(division.right)) continue;
        context.report({
          span: division.right.span,
          message: `Where this is 0 the quotient is \`NaN\` or infinite, and so is the whole \`${node.op}\`.`,
          place: `${rule.place}.expr.${node.op}`,
          fixes: () => [guardFix(document, division.right)],
        });
      }
    }
  },
});

/** The division that an aggregation is about, times a number or plus one. */
function divisionIn(expr: PromqlExpr): PromqlBinary | undefined {
  const node = withoutParens(expr);
  if (node.type !== 'binary') return undefined;
  if (node.op === '/' && constantOf(node.right) === undefined) return node;
  if (!/^[*/+-]$/.test(node.op)) return undefined;
  if (constantOf(node.right) !== undefined) return divisionIn(node.left);
  return constantOf(node.left) === undefined ? undefined : divisionIn(node.right);
}

const NEVER_ZERO =
  /(?:^|_)(?:size|limit|max|maximum|capacity|quota|allocatable|cores|cpus)(?:_[a-z]{1,12})?$|(?:^|_)total_bytes$|MemTotal/;

function isNotZero(expr: PromqlExpr): boolean {
  const node = withoutParens(expr);
  if (node.type === 'selector') return NEVER_ZERO.test(node.name ?? '');
  if (node.type === 'call')
    return /^(?:clamp|clamp_min|count_over_time|time|vector|scalar|exp)$/.test(node.name);
  if (node.type === 'aggregation') return node.op === 'count' || node.args.some(isNotZero);
  if (node.type !== 'binary') return false;
  if (COMPARISONS.has(node.op)) return !node.bool;
  if (/^(?:and|or|unless)$/.test(node.op)) return true;
  const isRaised = node.op === '+' && [node.left, node.right].some((side) => (constantOf(side) ?? 0) > 0);
  return isRaised || isNotZero(node.left) || isNotZero(node.right);
}

function guardFix({ text }: Document, divisor: PromqlExpr): Fix | undefined {
  const inner = withoutParens(divisor);
  const written = text.slice(inner.span.start, inner.span.end);
  return {
    title: 'Divide only by what is above 0',
    safety: 'review',
    edits: [{ span: divisor.span, text: `(${written} > 0)` }],
    risk: 'Series with a divisor of 0 no longer count in the result.',
    verify: 'promtool check rules',
  };
}
