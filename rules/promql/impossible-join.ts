import type { Span } from '../../syntaxes/document.ts';
import { isScalar, mayHaveLabel } from '../../syntaxes/promql/labels.ts';
import type { PromqlAggregation, PromqlBinary } from '../../syntaxes/promql/tree.ts';
import { defineRule } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';

export const rule = defineRule({
  id: 'promql/impossible-join',
  title: 'Label is asked for that was aggregated away',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:on|by|group_left|group_right)\b/i,
  docs: {
    why: `\`sum by (job) (x)\` has the label \`job\` and no other. \`on (instance)\` then finds no partner on the other side, \`by (instance)\` around it makes
one sum of everything, and \`group_left (instance)\` has nothing to copy: the alert never fires, or says less than it seems.`,
    fix: 'Keep the label in the inner aggregation, or leave it out here.',
    falsePositives: `Reported only where no series could have the label, whatever it is made from. For \`on (…)\` one side may have it and the other
cannot; where neither can, the label makes no difference.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching',
      'https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators',
    ],
  },
  bad: [
    {
      name: 'on a label that the right side has lost',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Busy
        expr: worker_jobs «/» on (instance) group_left sum by (job) (worker_slots) > 0.9
        labels: {severity: warning}
`,
      },
    },
    {
      name: 'by a label that is gone, copied from where it is not',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum by «(instance)» (max by (job) (x))
      - record: b
        expr: 'sum(rate(x_total[5m]) > 1) by (job) «*» on(job) group_left( team ) count by(job)(owner)'
      - record: c
        expr: |
          max by «(path, le)» (
            histogram_quantile(0.9, sum by (path, le) (rate(x_bucket[5m])))
          )
      - record: d
        expr: absent(up{job="api"}) «and» on (instance) node_up
`,
      },
    },
  ],
  good: [
    {
      name: 'the label is kept, or may be there',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: x / on (instance) group_left sum by (instance) (y) > 1
      - alert: B
        expr: sum by (instance) (topk(5, x)) > 1 or sum by (instance) (sum without (job) (x)) > 1
      - alert: C
        expr: x * on (job) group_left (team) max by (job, team) (owner) > 1
      - alert: D
        expr: sum by (job) (x) / on (job) y > 1
      - alert: E
        expr: sum by (version) (count_values("version", x)) > 1
`,
      },
    },
    {
      name: 'labels that are made',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum by (node) (label_replace(sum by (instance) (x), "node", "$1", "instance", "(.*):.*")) > 1
      - alert: B
        expr: x * on (key) label_join(sum by (a, b) (y), "key", "-", "a", "b") > 1
      - alert: C
        expr: absent(up{job="api"}) and on (job) up_before
`,
      },
    },
    {
      name: 'neither side can have it, or pairs are made without it',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum by (job) (x) / on (job, cluster) sum by (job) (y) > 1
      - alert: B
        expr: sum by (job) (x) / ignoring (instance) sum by (job) (y) > 1
      - alert: C
        expr: up == 0 and on () hour() > 8
      - alert: D
        expr: sum by (job) (x > 1 or y) > 5 or on (instance) x > 1
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule, root } of writtenExpressions(document.tree)) {
      for (const { node } of findAll(root, 'aggregation')) {
        const label = goneInBy(node);
        if (label !== undefined)
          report(node.grouping?.listSpan ?? node.opSpan, label, 'so there is nothing to group by');
      }
      for (const { node } of findAll(root, 'binary')) {
        const gone = goneInJoin(node);
        if (gone) report(node.opSpan, gone.label, gone.effect);
      }
      function report(span: Span, label: string, effect: string): void {
        const message = `The label \`${label.slice(0, 50)}\` was aggregated away before, ${effect}.`;
        context.report({ span, message, place: `${rule.place}.expr.${label}` });
      }
    }
  },
});

function goneInBy({ grouping, args }: PromqlAggregation): string | undefined {
  const inner = args.at(-1);
  if (!inner || isScalar(inner) || grouping?.kind !== 'by') return undefined;
  return grouping.labels.find((label) => !mayHaveLabel(inner, label));
}

function goneInJoin({
  op,
  left,
  right,
  matching,
}: PromqlBinary): { readonly label: string; readonly effect: string } | undefined {
  if (!matching || op === 'or' || isScalar(left) || isScalar(right)) return undefined;
  const on = matching.kind === 'on' ? matching.labels : [];
  const lost = on.find((label) => mayHaveLabel(left, label) !== mayHaveLabel(right, label));
  if (lost !== undefined) {
    const side = mayHaveLabel(left, lost) ? 'right' : 'left';
    return { label: lost, effect: `on the ${side} side, so \`on\` pairs nothing` };
  }
  const one = matching.group === 'left' ? right : left;
  const copied = matching.group ? matching.include.find((label) => !mayHaveLabel(one, label)) : undefined;
  return copied === undefined
    ? undefined
    : { label: copied, effect: `so \`group_${matching.group}\` has nothing to copy` };
}
