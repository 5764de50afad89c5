import { fieldOf } from '../../syntaxes/prometheus/tree.ts';
import { type PromqlBinary, type PromqlExpr, withoutParens } from '../../syntaxes/promql/tree.ts';
import { asMap, asScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { findAll, type SoundExpression, writtenExpressions } from './shared/expressions.ts';
import { labelsAskedMore, metricOf, shapeOf } from './shared/shapes.ts';

export const rule = defineRule({
  id: 'promql/self-ratio',
  title: 'Ratio of a metric to itself is always 1',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A division pairs series with equal labels. Where the left side is the right side with one matcher more, each series on
the left finds exactly itself on the right, and the quotient is 1, whatever the share is: an error rate computed so is at
100 % as soon as one request fails, and says nothing.`,
    fix: `Aggregate both sides before dividing, so that the label which tells them apart is gone: \`sum(…) / sum(…)\`, or
\`sum by (service) (…)\` on both sides for a share of each service.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching',
      'https://prometheus.io/docs/practices/rules/#aggregation',
    ],
  },
  bad: [
    {
      name: 'an error rate that cannot be other than 100 %',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: HighErrorRate
        expr: «rate(http_requests_total{status=~"5.."}[5m]) / rate(http_requests_total[5m])» > 0.05
        for: 5m
        labels:
          severity: warning
`,
      },
      fixed: `groups:
  - name: api
    rules:
      - alert: HighErrorRate
        expr: sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05
        for: 5m
        labels:
          severity: warning
`,
    },
    {
      name: 'the text speaks of each service',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: HighErrorRate
        expr: |
          100 * (
            «rate(http_requests_total{job="api", code=~"5.."}[5m])
            /
            rate(http_requests_total{job="api"}[5m])»
          ) > 5
        annotations:
          summary: "{{ $labels.service }} on {{ $labels.code }} fails"
        labels:
          severity: warning
`,
      },
      fixed: `groups:
  - name: api
    rules:
      - alert: HighErrorRate
        expr: |
          100 * (
            sum by (service) (rate(http_requests_total{job="api", code=~"5.."}[5m]))
            /
            sum by (service) (rate(http_requests_total{job="api"}[5m]))
          ) > 5
        annotations:
          summary: "{{ $labels.service }} on {{ $labels.code }} fails"
        labels:
          severity: warning
`,
    },
    {
      name: 'a factor between, and a subtraction around',
      files: {
        'rules.yml': `groups:
  - name: cache
    rules:
      - record: cache:misses:ratio
        expr: 1 - «increase(cache_requests_total{result="hit"}[1h]) * 1 / (increase(cache_requests_total[1h]))»
`,
      },
      fixed: `groups:
  - name: cache
    rules:
      - record: cache:misses:ratio
        expr: 1 - sum(increase(cache_requests_total{result="hit"}[1h])) * 1 / sum(increase(cache_requests_total[1h]))
`,
    },
    {
      name: 'the name as a matcher, and a matcher that takes everything',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: HighErrorRate
        expr: «rate({__name__="x_total", status=~"5.."}[5m]) / rate(x_total{status=~".+"}[5m])» > 0.05
`,
      },
      fixed: `groups:
  - name: api
    rules:
      - alert: HighErrorRate
        expr: sum(rate({__name__="x_total", status=~"5.."}[5m])) / sum(rate(x_total{status=~".+"}[5m])) > 0.05
`,
    },
  ],
  good: [
    {
      name: 'aggregated',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: A
        expr: sum(rate(x_total{status=~"5.."}[5m])) / sum(rate(x_total[5m])) > 0.05
      - alert: B
        expr: sum by (job) (rate(x_total{status=~"5.."}[5m])) / sum by (job) (rate(x_total[5m])) > 0.05
`,
      },
    },
    {
      name: 'matching is set by hand',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: A
        expr: rate(x_total{status="500"}[5m]) / ignoring (status) rate(x_total[5m]) > 0.05
      - alert: B
        expr: node_cpu{mode="idle"} / on (instance) group_left node_cpu > 0.05
`,
      },
    },
    {
      name: 'the sides differ: metric, range, time, function, matchers',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: A
        expr: rate(errors_total[5m]) / rate(requests_total[5m]) > 0.05
      - alert: B
        expr: rate(x_total{a="b"}[5m]) / rate(x_total[1h]) > 2
      - alert: C
        expr: rate(x_total{a="b"}[5m]) / rate(x_total[5m] offset 1d) > 2
      - alert: D
        expr: x{a="b"} / (x offset 1w) > 2
      - alert: E
        expr: rate(x_total{a="b"}[5m]) / rate(x_total{a="c"}[5m]) > 2
      - alert: F
        expr: max_over_time(x{a="b"}[5m]) / min_over_time(x[5m]) > 2
      - alert: G
        expr: x{a="b"} / x{a="b"} > 2
`,
      },
    },
    {
      name: 'labels are rewritten on one side',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: A
        expr: label_replace(x{status="500"}, "status", "", "", "") / x > 0.05
`,
      },
    },
    {
      name: 'sums of one side',
      files: {
        'rules.yml': `groups:
  - name: api
    rules:
      - alert: A
        expr: rate(x_total{status="500"}[5m]) / scalar(sum(rate(x_total[5m]))) > 0.05
      - alert: B
        expr: x{status="500"} - x > 0
`,
      },
    },
  ],
  check(document, context) {
    for (const expression of writtenExpressions(document.tree)) {
      const divisions = findAll(expression.root, 'binary').filter(
        ({ node }) => node.op === '/' && !node.matching,
      );
      for (const [index, { node }] of divisions.entries()) {
        const sides = selfRatio(node);
        if (!sides) continue;
        context.report({
          span: node.span,
          message: `Each series is divided by itself, so this is always 1; aggregate both sides of \`${sides.metric.slice(0, 60)}\` first.`,
          place: `${expression.rule.place}.expr${index === 0 ? '' : `[${index}]`}`,
          // Sums have no label that tells the sides apart: a text that prints it is the next thing to mend.
          covers: sides.apart.map(
            (label) => `alert/template-label-gone ${expression.rule.place}.labels[${label}]`,
          ),
          fixes: () => fixesFor(expression, node, sides),
        });
      }
    }
  },
});

interface Sides {
  readonly metric: string;
  /** Labels of the matchers that only the left side has. */
  readonly apart: readonly string[];
}

/** What a division has in common with itself; undefined for one of two different things. */
function selfRatio({ left, right }: PromqlBinary): Sides | undefined {
  const a = shapeOf(withoutFactors(left));
  const b = shapeOf(withoutFactors(right));
  const metric = a && metricOf(a.selector);
  if (!a || !b || a.shape !== b.shape || metric === undefined || metricOf(b.selector) !== metric)
    return undefined;
  const apart = labelsAskedMore(a.selector, b.selector) ?? [];
  return apart.length > 0 ? { metric, apart } : undefined;
}

/** An expression without numbers that it is multiplied by or divided through. */
function withoutFactors(expr: PromqlExpr): PromqlExpr {
  const inner = withoutParens(expr);
  if (inner.type !== 'binary' || (inner.op !== '*' && inner.op !== '/')) return inner;
  if (withoutParens(inner.right).type === 'number') return withoutFactors(inner.left);
  return inner.op === '*' && withoutParens(inner.left).type === 'number'
    ? withoutFactors(inner.right)
    : inner;
}

function fixesFor(
  expression: SoundExpression,
  node: PromqlBinary,
  { apart }: Sides,
): readonly (Fix | undefined)[] {
  const labels = labelsInAnnotations(expression).filter((label) => !apart.includes(label));
  const all = sumFix(node, '', 'Divide the sums of all series');
  if (labels.length === 0) return [all];
  const list = labels.join(', ');
  return [sumFix(node, ` by (${list}) `, `Divide sums by \`${list}\``), all];
}

function sumFix({ left, right }: PromqlBinary, by: string, title: string): Fix | undefined {
  const edits = [left, right].flatMap((side): Edit[] => {
    const inner = withoutFactors(side);
    const { start, end } = inner.span;
    // Parentheses that are there already become the sum's own.
    if (side.type === 'paren' && side.expr === inner)
      return [{ span: { start: side.span.start, end: side.span.start }, text: `sum${by}` }];
    return [
      { span: { start, end: start }, text: `sum${by}(` },
      { span: { start: end, end }, text: ')' },
    ];
  });
  return {
    title,
    safety: 'review',
    edits,
    risk: 'The alert fires once for each group (or once for all) instead of once for each series, and now follows the real share.',
    verify: 'promtool check rules',
  };
}

/** The labels that the rule's texts speak of, in order. */
function labelsInAnnotations({ rule: entry }: SoundExpression): readonly string[] {
  const maps = ['annotations', 'labels'].flatMap((key) => asMap(fieldOf(entry.map, key)?.value) ?? []);
  const texts = maps.flatMap((map) => map.pairs.flatMap((pair) => asScalar(pair.value)?.value ?? []));
  const found = texts.flatMap((text) =>
    [...text.matchAll(/\$labels\.([a-zA-Z_]\w*)/g)].map((match) => match[1] ?? ''),
  );
  return [...new Set(found)];
}
