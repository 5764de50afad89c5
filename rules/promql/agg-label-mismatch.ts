import { isScalar, mayHaveLabel } from '../../syntaxes/promql/labels.ts';
import type { PromqlBinary, PromqlExpr } from '../../syntaxes/promql/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { findAll, writtenExpressions } from './shared/expressions.ts';
import { ignoringLabels, onLabels } from './shared/pairing.ts';
import { type LabelsOfMetric, labelsOfMetrics, sureLabels } from './shared/sure-labels.ts';

export const rule = defineRule({
  id: 'promql/agg-label-mismatch',
  title: 'Operation pairs series whose labels cannot be equal',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `An operator between two vectors pairs series whose labels are all equal. \`sum by (job) (a) / sum (b)\` has the label \`job\` on one side
and none on the other, so no pair comes about, the result is empty whatever is measured, and the alert never fires.`,
    fix: `Aggregate both sides by the same labels, or say which labels count: \`a / on (job) group_left b\`, \`a and on () hour() > 8\`.`,
    falsePositives: `What \`by (…)\` names is taken for a label that the series have, and what is scraped for something with \`job\` and
\`instance\`. Nothing is taken for granted of recorded series, nor of
\`instance\` where a configuration of the workspace honours the labels of its targets, as for a push gateway.`,
    references: ['https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching'],
  },
  bad: [
    {
      name: 'a share of the total',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: MostErrors
        expr: sum by (job) (rate(errors_total[5m])) «/» sum(rate(errors_total[5m])) > 0.5
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: MostErrors
        expr: sum by (job) (rate(errors_total[5m])) / on () group_left sum(rate(errors_total[5m])) > 0.5
        labels: {severity: warning}
`,
    },
    {
      name: 'by more on the right',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: |
          sum(limits) by (namespace)
            «<»
          100 * max by (namespace, pod) (usage)
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - record: a
        expr: |
          sum(limits) by (namespace)
            < on (namespace) group_right
          100 * max by (namespace, pod) (usage)
`,
    },
    {
      name: 'only in office hours, only with traffic',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: "queue_length > 100 «and» hour() > 8"
      - alert: Day
        expr: rate(errors_total[5m]) > 1 «and» hour() >= 9 and hour() < 17
      - alert: B
        expr: rate(errors_total[5m]) > 1 «and» sum by (job) (rate(requests_total[5m])) > 10
      - alert: C
        expr: up == 0 «unless» absent(maintenance)
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: "queue_length > 100 and on () hour() > 8"
      - alert: Day
        expr: rate(errors_total[5m]) > 1 and hour() >= 9 and hour() < 17
      - alert: B
        expr: rate(errors_total[5m]) > 1 and sum by (job) (rate(requests_total[5m])) > 10
      - alert: C
        expr: up == 0 unless absent(maintenance)
`,
    },
    {
      name: 'other values of a label',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: ErrorsToSuccesses
        expr: rate(requests_total{code="500", job="app"}[5m]) «/» rate(requests_total{code="200", job="app"}[5m]) > 0.1
        labels: {severity: warning}
      - alert: Both
        expr: (node_state{state="failed"} == 1) «and» node_state{state="active"} == 0
        labels: {severity: warning}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: ErrorsToSuccesses
        expr: rate(requests_total{code="500", job="app"}[5m]) / ignoring (code) rate(requests_total{code="200", job="app"}[5m]) > 0.1
        labels: {severity: warning}
      - alert: Both
        expr: (node_state{state="failed"} == 1) and node_state{state="active"} == 0
        labels: {severity: warning}
`,
    },
    {
      name: 'a chain of conditions',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Day
        expr: rate(errors_total[5m]) > 1 «and» hour() >= 9 and hour() < 17
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Day
        expr: rate(errors_total[5m]) > 1 and on () hour() >= 9 and on () hour() < 17
`,
    },
    {
      name: 'the other side may not have the label: which ones are to count is not known',
      files: {
        'rules.yml': `groups:
  - name: db
    rules:
      - alert: Connections
        expr: sum by (datname) (pg_stat_activity_count) «/» pg_settings_max_connections > 0.8
        for: 5m
`,
      },
    },
    {
      name: 'different labels',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: sum by (job) (x) «-» sum by (instance) (y)
`,
      },
    },
  ],
  good: [
    {
      name: 'equal labels in another order, numbers, matching by hand',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum by (job, path) (x) / sum(y) by (path, job) > 0.5
      - alert: B
        expr: sum by (job) (x) / on () group_left sum(x) > 0.5 and on () hour() > 8
      - alert: C
        expr: sum by (job) (x) / scalar(sum(x)) > 0.5 or sum(x) == 0 or vector(1)
      - alert: D
        expr: time() - max by (job) (x) > 3600
      - alert: E
        expr: sum by (job) (x) / ignoring (path) sum by (job, path) (y) > 1
`,
      },
    },
    {
      name: 'labels that may be there',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum without (pod, instance) (x) / sum by (job) (y) > 0.5
      - alert: B
        expr: label_replace(sum by (job) (x), "path", "/", "", "") / sum by (job, path) (y) > 0.5
      - alert: C
        expr: job:x:sum / sum(y) > 0.5
      - alert: D
        expr: sum by (job) (x) / count_values("job", y) > 1
      - alert: E
        expr: app_total_share / sum(y) > 0.5
      - record: app_total_share
        expr: sum(share)
`,
      },
    },
    {
      name: 'other values of a label that does not count, or in a choice',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: x{state="a"} / ignoring (state) x{state="b"} > 1 or x{state="a"} and on (instance) x{state="b"}
      - alert: B
        expr: sum(x{state="a"}) / sum(x{state="b"}) > 1 or sum by (job) (x{state="a"}) > sum by (job) (x{state="b"})
      - alert: C
        expr: (x{state="a"} or x{state="b"}) > x{state="a"} * 2
      - alert: D
        expr: x{state="a"} unless x{state="b"}
      - alert: E
        expr: label_replace(x{state="a"}, "state", "b", "", "") > x{state="b"}
`,
      },
    },
    {
      name: 'pushed series have no instance',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: time() - backup_last_success_timestamp_seconds > 86400 and sum by (job) (backup_jobs) > 0
`,
        'prometheus.yml': `scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    static_configs: [{ targets: ["pushgateway:9091"] }]
`,
      },
    },
    {
      name: 'a label that is aggregated away below',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: max by (job, path) (sum by (job) (x)) / sum by (job) (y) > 0.5
      - alert: B
        expr: absent(up{job="a"}) and absent(up{job="b"})
      - alert: C
        expr: sum by (le, job) (rate(x_bucket[5m])) / on (job) group_left histogram_quantile(0.9, sum by (job, le) (rate(x_bucket[5m]))) > 1
`,
      },
    },
  ],
  check(document, context) {
    const labelsOf = labelsOfMetrics(context.facts);
    for (const { rule, root } of writtenExpressions(document.tree)) {
      const broken = findAll(root, 'binary').flatMap(({ node, parents }) => {
        const found = mismatch(node, labelsOf);
        return found ? [{ node, parents, found }] : [];
      });
      for (const { node, parents, found } of broken) {
        // What is done with nothing gives nothing: the innermost is the one to mend.
        if (broken.some(({ parents }) => parents.includes(node))) continue;
        const label = `the label \`${found.label.slice(0, 50)}\``;
        const effect = node.op === 'unless' ? 'takes nothing away' : 'gives nothing';
        context.report({
          span: node.opSpan,
          message: `${found.values ? `The sides ask for different values of ${label}` : `Only one side has ${label}`}, so no series pair up and \`${node.op}\` ${effect}.`,
          place: `${rule.place}.expr[${node.op}]`,
          // `a and hour() > 8 and hour() < 17` is one chain: what stands around is mended with it.
          fixes: () => [pairFix([node, ...outer(broken, parents)], labelsOf)],
        });
      }
    }
  },
});

interface Mismatch {
  readonly label: string;
  /** All labels of which the sides ask for different values; absent where one side has no such label. */
  readonly values?: readonly string[];
}

/** Why no series of one side has the labels of one of the other; undefined where the sides may pair up. */
function mismatch(
  { op, left, right, matching }: PromqlBinary,
  labelsOf: LabelsOfMetric,
): Mismatch | undefined {
  if (matching || op === 'or' || isScalar(left) || isScalar(right)) return undefined;
  const a = sureLabels(left, labelsOf);
  const b = sureLabels(right, labelsOf);
  const single =
    [...a.keys()].find((label) => !mayHaveLabel(right, label)) ??
    [...b.keys()].find((label) => !mayHaveLabel(left, label));
  if (single !== undefined) return { label: single };
  const values = [...a].flatMap(([label, value]) => {
    const other = b.get(label);
    return value !== undefined && other !== undefined && value !== other ? [label] : [];
  });
  const [label] = values;
  // `unless` with other values says nothing, but takes nothing away either: a habit, and no alert that is dead.
  return label === undefined || op === 'unless' ? undefined : { label, values };
}

/** The broken operations around another, the nearest first. */
function outer(
  broken: readonly { readonly node: PromqlBinary }[],
  parents: readonly PromqlExpr[],
): readonly PromqlBinary[] {
  return broken.flatMap(({ node }) => (parents.includes(node) ? [node] : [])).reverse();
}

function pairFix(nodes: readonly PromqlBinary[], labelsOf: LabelsOfMetric): Fix | undefined {
  const pairings = nodes.flatMap((node) => {
    const values = mismatch(node, labelsOf)?.values;
    return (values ? ignoringLabels(node, values) : onLabels(node, labelsOf)) ?? [];
  });
  const [first] = pairings;
  if (!first || pairings.length < nodes.length) return undefined;
  return {
    title: first.title,
    safety: 'review',
    edits: pairings.map(({ edit }) => edit),
    risk: 'The expression gives something from then on, so the alert may fire for the first time.',
    verify: 'promtool check rules',
  };
}
