import { type PromqlAggregation, type PromqlExpr, withoutParens } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/histogram-no-le',
  title: 'Quantile of buckets whose bounds are summed away',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /histogram_quantile/,
  docs: {
    why: `\`histogram_quantile\` needs the label \`le\`, the bound of each bucket. An aggregation that does not keep it leaves
one number, and the function gives nothing: the alert never fires.`,
    fix: 'Keep `le` in the aggregation: `sum by (job, le) (…)`.',
    falsePositives: 'Native histograms need no `le`; only metrics whose name ends in `_bucket` are judged.',
    references: ['https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile'],
  },
  bad: [
    {
      name: 'by without le',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, sum by «(job)» (rate(latency_seconds_bucket[5m]))) > 2
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (job, le) (rate(latency_seconds_bucket[5m]))) > 2
        labels: {severity: warning}
`,
    },
    {
      name: 'a plain sum, and without le',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(0.95, («sum»(rate(latency_seconds_bucket[5m]))))
      - record: b
        expr: histogram_quantile(0.95, sum(rate(latency_seconds_bucket[5m])) without «(instance, le)»)
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(0.95, (sum by (le) (rate(latency_seconds_bucket[5m]))))
      - record: b
        expr: histogram_quantile(0.95, sum(rate(latency_seconds_bucket[5m])) without (instance, le))
`,
    },
  ],
  good: [
    {
      name: 'le is kept',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(0.95, sum by (job, le) (rate(latency_seconds_bucket[5m])))
      - record: b
        expr: histogram_quantile(0.95, sum without (instance) (rate(latency_seconds_bucket[5m])))
      - record: c
        expr: histogram_quantile(0.95, rate(latency_seconds_bucket[5m]))
`,
      },
    },
    {
      name: 'a native histogram, and a recording rule of another shape',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: histogram_quantile(0.95, sum by (job) (rate(latency_seconds[5m])))
      - record: b
        expr: histogram_quantile(0.95, job:latency_seconds:rate5m)
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { node } of findAll(root, 'call')) {
        const buckets = node.name === 'histogram_quantile' ? node.args[1] : undefined;
        const aggregation = buckets && withoutLe(buckets);
        if (!aggregation) continue;
        context.report({
          span: aggregation.grouping?.listSpan ?? aggregation.opSpan,
          message: `\`${aggregation.op}\` takes the label \`le\` away, without which \`histogram_quantile\` gives nothing.`,
          place: `${rule.place}.expr.le`,
          fixes: () => [keepLeFix(aggregation)],
        });
      }
    }
  },
});

/** The aggregation that drops `le` of plain buckets; undefined where it stays, or where that cannot be told. */
function withoutLe(expr: PromqlExpr): PromqlAggregation | undefined {
  const node = withoutParens(expr);
  if (node.type !== 'aggregation' || !/^(?:sum|avg|max|min|count|group)$/.test(node.op)) return undefined;
  const { grouping } = node;
  const keeps =
    grouping?.kind === 'by'
      ? grouping.labels.includes('le')
      : grouping
        ? !grouping.labels.includes('le')
        : false;
  if (keeps) return undefined;
  const names = findAll(node, 'selector').map(({ node: selector }) => selector.name ?? '');
  const rewritten = findAll(node, 'call').some(({ node: call }) => call.name.startsWith('label_'));
  return !rewritten && names.length > 0 && names.every((name) => name.endsWith('_bucket')) ? node : undefined;
}

function keepLeFix({ grouping, opSpan }: PromqlAggregation): Fix | undefined {
  const base = { title: 'Keep the label `le`', safety: 'safe', verify: 'promtool check rules' } as const;
  if (!grouping)
    return { ...base, edits: [{ span: { start: opSpan.end, end: opSpan.end }, text: ' by (le) ' }] };
  if (grouping.kind === 'without') return undefined;
  const at = grouping.listSpan.end - 1;
  return {
    ...base,
    edits: [{ span: { start: at, end: at }, text: grouping.labels.length > 0 ? ', le' : 'le' }],
  };
}
