import type { Document, Span } from '../../syntaxes/document.ts';
import { type PromqlBinary, type PromqlExpr, walkPromql, withoutParens } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { writtenExpressions } from './shared/expressions.ts';
import {
  comparisonWithNumber,
  intersection,
  isEmptyRange,
  isShare,
  passedBy,
  valuesOf,
} from './shared/ranges.ts';

export const rule = defineRule({
  id: 'promql/never-firing',
  title: 'Condition that no value can meet',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `\`up\` is 0 or 1, a share of the whole is 1 at most, \`count\` of nothing is nothing and never 0. A condition that asks for more is met by
no value, so the alert is loaded, evaluated, counted as covered, and never fires.`,
    fix: `Compare a percentage with \`* 100\`, ask \`absent(x)\` in place of \`count(x) == 0\`, and join with \`or\` what cannot be true at once.`,
    falsePositives: `Only what is certain by the expression itself is reported. A quotient counts as a share where both sides are sums of
rates, or counts, of the same metric, and the left one has more matchers; \`used / limit > 1\` is fine.`,
    references: [
      'https://prometheus.io/docs/concepts/jobs_instances/',
      'https://prometheus.io/docs/prometheus/latest/querying/operators/#comparison-binary-operators',
      'https://prometheus.io/docs/prometheus/latest/querying/functions/#absent',
    ],
  },
  bad: [
    {
      name: 'no instance is left',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: AllDown
        expr: «count(up{job="app"} == 1) == 0»
        labels: {severity: critical}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: AllDown
        expr: absent(up{job="app"} == 1)
        labels: {severity: critical}
`,
    },
    {
      name: 'a share is compared with a percentage',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: |
          «sum by (job) (rate(requests_total{code=~"5.."}[5m]))
            /
          sum by (job) (rate(requests_total[5m]))
            > 5»
        labels: {severity: warning}
      - alert: Down
        expr: "«(count(up == 0) / count(up)) > 50»"
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: |
          sum by (job) (rate(requests_total{code=~"5.."}[5m]))
            /
          sum by (job) (rate(requests_total[5m])) * 100
            > 5
        labels: {severity: warning}
      - alert: Down
        expr: "(count(up == 0) / count(up)) > 50"
`,
    },
    {
      name: 'states and clocks have few values',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: «up{job="app"} > 1» or «avg(probe_success) < 0» or «2 < max_over_time(mysql_up[5m])»
      - alert: B
        expr: x > 1 and on () («day_of_week() == 7» or «hour() >= 24»)
      - alert: C
        expr: «absent(up{job="app"}) == 0» or «rate(x_total[5m]) < 0» or «(x > bool 5) == 2»
`,
      },
    },
    {
      name: 'not at once',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: «queue_length{job="a"} == 0 and queue_length{ job="a" } > 0»
      - alert: B
        expr: x > 5 and on () («hour() > 22 and hour() < 6»)
      - alert: C
        expr: «(x > 10) < 5»
`,
      },
    },
  ],
  good: [
    {
      name: 'what can be',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0 or up < 1 or up != 1 or avg(up) < 0.5 or up >= 1 or sum(up) > 5 or up * 100 > 50
      - alert: B
        expr: count(up == 1) < 2 or (count(up == 1) or vector(0)) == 0 or absent(up) == 1 or count_values("x", up) < 1
      - alert: C
        expr: day_of_week() == 6 or hour() > 22 or hour() < 6 or x > 5 < 10
      - alert: D
        expr: rate(x_total[5m]) <= 0 or delta(x[5m]) < 0 or deriv(x[5m]) < 0
`,
      },
    },
    {
      name: 'shares in percent, at their end, and quotients that are no shares',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m])) * 100 > 5
      - alert: B
        expr: 100 * sum(rate(x_total{a="b"}[5m])) / sum(rate(x_total[5m])) > 5
      - alert: C
        expr: sum(rate(x_total{a="b"}[5m])) / sum(rate(x_total[5m])) >= 1
      - alert: D
        expr: sum(used_bytes) / sum(limit_bytes) > 1.5 or sum(rate(out_total[5m])) / sum(rate(in_total[5m])) > 2
      - alert: E
        expr: sum(rate(x_total{a="b"}[5m])) / sum(rate(x_total{a="c"}[5m])) > 2
      - alert: F
        expr: sum(rate(x_total{a="b"}[5m])) / sum(rate(x_total[1h])) > 2 or sum by (a) (rate(x_total[5m])) / on () group_left sum(rate(x_total[5m] offset 1d)) > 2
`,
      },
    },
    {
      name: 'different series, and conditions about other things',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: x{a="b"} == 0 and on (job) x{a="c"} > 0
      - alert: B
        expr: x == 0 and x offset 5m > 0
      - alert: C
        expr: x > 5 and x < 10 or x == 0 unless x > 5
      - alert: D
        expr: x == 0 and ignoring (state) x > 0
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      walkPromql(root, (node) => {
        const dead = node.type === 'binary' ? deadCondition(document, node) : undefined;
        if (node.type !== 'binary' || !dead) return;
        context.report({
          span: node.span,
          message: dead,
          place: `${rule.place}.expr[${node.op}]`,
          // `absent` fires at the first gap, which is the next thing to think of.
          covers: [`alert/no-for ${rule.place}.for`],
          fixes: () => [absentFix(document, node), percentFix(node)],
        });
      });
    }
  },
});

/** Why no value meets a condition, as a sentence; undefined where one may. */
function deadCondition(document: Document, node: PromqlBinary): string | undefined {
  if (node.op === 'and') {
    return contradicts(document, node)
      ? 'Both conditions are about the same series and exclude each other, so this is never true.'
      : undefined;
  }
  const compared = comparisonWithNumber(node);
  if (!compared) return undefined;
  const { expr, op, limit } = compared;
  const values = valuesOf(expr);
  if (isEmptyRange(values) || !isEmptyRange(intersection(values, passedBy(op, limit)))) return undefined;
  const what = withoutParens(expr);
  if (what.type === 'aggregation' && what.op === 'count')
    return '`count` of nothing is nothing, not 0, so this is never true; `absent` tells that there is none.';
  if (what.type === 'binary' && what.op === '/')
    return `A part of the whole is 1 at most, so it is never \`${op} ${limit}\`; a percentage needs \`* 100\`.`;
  return `The value is ${extent(values)}, so it is never \`${op} ${limit}\`.`;
}

function extent({ low, high, openLow, openHigh }: ReturnType<typeof valuesOf>): string {
  if (high === Number.POSITIVE_INFINITY) return openLow ? `above ${low}` : `${low} or more`;
  if (low === Number.NEGATIVE_INFINITY) return openHigh ? `below ${high}` : `${high} or less`;
  return low === high ? `always ${low}` : `from ${low} to ${high}`;
}

/** Whether two conditions about the same thing leave no value. */
function contradicts({ text }: Document, { left, right, matching }: PromqlBinary): boolean {
  const a = conditionIn(left);
  const b = conditionIn(right);
  if (matching || !a || !b) return false;
  const written = ({ start, end }: Span) => text.slice(start, end).replace(/\s+/g, '');
  if (written(a.expr.span) !== written(b.expr.span)) return false;
  return isEmptyRange(intersection(passedBy(a.op, a.limit), passedBy(b.op, b.limit)));
}

function conditionIn(expr: PromqlExpr): ReturnType<typeof comparisonWithNumber> {
  const node = withoutParens(expr);
  return node.type === 'binary' && !node.bool ? comparisonWithNumber(node) : undefined;
}

/** `absent(x)` for `count(x) == 0`. */
function absentFix({ text }: Document, node: PromqlBinary): Fix | undefined {
  const compared = comparisonWithNumber(node);
  const count = compared && withoutParens(compared.expr);
  const [arg] = count?.type === 'aggregation' && count.op === 'count' && !count.grouping ? count.args : [];
  if (!arg || node.bool) return undefined;
  return {
    title: 'Ask whether it is absent',
    safety: 'review',
    edits: [{ span: node.span, text: `absent(${text.slice(arg.span.start, arg.span.end)})` }],
    risk: 'The alert fires from then on whenever there is no such series, also before the first one comes.',
    verify: 'promtool check rules',
  };
}

function percentFix(node: PromqlBinary): Fix | undefined {
  const compared = comparisonWithNumber(node);
  const share = compared && withoutParens(compared.expr);
  if (share?.type !== 'binary' || share.op !== '/' || !isShare(share.left, share.right)) return undefined;
  if (compared === undefined || compared.limit <= 1 || compared.limit >= 100) return undefined;
  const { end } = compared.expr.span;
  return {
    title: 'Compare the percentage',
    safety: 'review',
    edits: [{ span: { start: end, end }, text: ' * 100' }],
    risk: 'The alert fires from then on where the share is above the threshold.',
    verify: 'promtool check rules',
  };
}
