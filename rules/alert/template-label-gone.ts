import type { Document } from '../../syntaxes/document.ts';
import { fieldOf, type RuleEntry } from '../../syntaxes/prometheus/tree.ts';
import { mayHaveLabel } from '../../syntaxes/promql/labels.ts';
import { type PromqlAggregation, type PromqlExpr, walkPromql } from '../../syntaxes/promql/tree.ts';
import { asMap } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { type SoundExpression, soundExpressions } from '../promql/shared/expressions.ts';
import { templatesOf } from './shared/templates.ts';

export const rule = defineRule({
  id: 'alert/template-label-gone',
  title: 'Text of an alert prints a label that its expression takes away',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /labels/i,
  docs: {
    why: `\`sum by (job) (…)\` has the label \`job\` and no other, so \`{{ $labels.instance }}\` prints nothing (or \`<no value>\`). Whoever is woken up
reads "High error rate on" and does not learn where.`,
    fix: 'Keep the label in `by (…)` where the alert is about each of its values, else take it out of the text.',
    falsePositives: `Reported only where no series could have the label, whatever it is made from. Silent for labels that the rule or its group
sets, for \`alertname\`, and where the template asks first (\`{{ if $labels.x }}\`, \`or\`).`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating',
      'https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators',
    ],
  },
  bad: [
    {
      name: 'not in by',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Errors
        expr: sum by (job) (rate(errors_total[5m])) > 5
        labels: {severity: warning}
        annotations:
          summary: "{{ $labels.job }} fails on {{ $labels.«instance» }} ({{ $labels.instance }})"
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Errors
        expr: sum by (job, instance) (rate(errors_total[5m])) > 5
        labels: {severity: warning}
        annotations:
          summary: "{{ $labels.job }} fails on {{ $labels.instance }} ({{ $labels.instance }})"
`,
    },
    {
      name: 'a ratio of sums, behind a quantile',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Ratio
        expr: |
          sum(rate(errors_total[5m])) by (service)
            /
          sum(rate(requests_total[5m])) by (service) > 0.05
        labels: {severity: warning}
        annotations:
          summary: '{{ .Labels.«pod» }}'
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (le) (rate(latency_bucket[5m]))) > 2
        labels: {severity: warning}
        annotations:
          summary: '{{ index $labels "«handler»" }}'
          description: '{{ $labels.«le» }}'
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Ratio
        expr: |
          sum(rate(errors_total[5m])) by (service, pod)
            /
          sum(rate(requests_total[5m])) by (service, pod) > 0.05
        labels: {severity: warning}
        annotations:
          summary: '{{ .Labels.pod }}'
      - alert: Slow
        expr: histogram_quantile(0.95, sum by (le) (rate(latency_bucket[5m]))) > 2
        labels: {severity: warning}
        annotations:
          summary: '{{ index $labels "handler" }}'
          description: '{{ $labels.le }}'
`,
    },
    {
      name: 'no grouping at all',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: max(queue_depth) > 100
        labels: {severity: warning, where: "{{ $labels.«queue» }}"}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: max by (queue) (queue_depth) > 100
        labels: {severity: warning, where: "{{ $labels.queue }}"}
`,
    },
    {
      name: 'absent knows what its selector asks for, on keeps its labels alone, a number has none',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: absent(up{job="api", env=~"prod|test"})
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.job }} {{ $labels.«instance» }} {{ $labels.«env» }}"}
      - alert: B
        expr: errors / on (job) limit > 1
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.«instance» }}"}
      - alert: C
        expr: vector(1)
        labels: {severity: none}
        annotations: {summary: "{{ $labels.«instance» }}"}
      - alert: D
        expr: sum without (instance) (x) > 1
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.«instance» }}"}
`,
      },
    },
  ],
  good: [
    {
      name: 'the label is there, or may be',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum by (job, instance) (rate(errors_total[5m])) > 5
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.instance }}"}
      - alert: B
        expr: topk(3, x) > 1 or sum by (job) (y) > 1
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.instance }}"}
      - alert: C
        expr: x > on (job) group_left (team) sum by (job, team) (y)
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.instance }} {{ $labels.team }}"}
      - alert: D
        expr: sum without (pod) (x) > 1
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.instance }}"}
      - alert: E
        expr: x and on (job) sum by (job) (y)
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.instance }}"}
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
        expr: label_replace(sum by (job) (x), "instance", "$1", "job", "(.*)") > 1
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.instance }}"}
      - alert: B
        expr: count_values("version", build_info) > 1
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.version }}"}
      - alert: C
        expr: absent(up{job="api"})
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.job }}"}
      - alert: D
        expr: sum by (le) (rate(x_bucket[5m])) > 1
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.le }}"}
`,
      },
    },
    {
      name: 'labels of the rule and its group, and templates that ask first',
      files: {
        'rules.yml': `groups:
  - name: app
    labels: {region: eu}
    rules:
      - alert: A
        expr: sum(x) > 1
        labels: {severity: warning, team: web}
        annotations:
          a: "{{ $labels.team }} {{ $labels.severity }} {{ $labels.region }} {{ $labels.alertname }}"
          b: "{{ if $labels.instance }}on {{ $labels.instance }}{{ end }}"
          c: "{{ with $labels.pod }}{{ . }}{{ end }} {{ or $labels.node \\"all\\" }}"
`,
      },
    },
    {
      name: 'labels of a query in the text, and no template',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: sum(x) > 1
        labels: {severity: warning}
        annotations:
          a: '{{ range query "topk(3, x)" }}{{ .Labels.instance }}={{ .Value }} {{ end }}'
          b: 'see $labels.instance'
          c: '{{ (query "x" | first).Labels.instance }}'
      - record: y
        expr: sum(x)
        labels: {z: "{{ $labels.instance }}"}
`,
      },
    },
  ],
  check(document, context) {
    const expressions = new Map(soundExpressions(document.tree).map((sound) => [sound.rule, sound]));
    const seen = new Map<RuleEntry, Set<string>>();
    for (const { rule: entry, template, embedded } of templatesOf(document)) {
      const sound = expressions.get(entry);
      const told = seen.get(entry) ?? new Set<string>();
      seen.set(entry, told);
      if (!sound || template.problem) continue;
      for (const { of, label, start, end, guarded } of template.references) {
        if (of !== 'labels' || guarded || told.has(label) || isGiven(entry, label)) continue;
        if (mayHaveLabel(sound.root, label)) continue;
        told.add(label);
        context.report({
          span: { start: embedded.at(start), end: embedded.at(end) },
          message: `No series that this expression gives has the label \`${label.slice(0, 60)}\`, so nothing stands in its place.`,
          place: `${entry.place}.labels[${label}]`,
          fixes: () => [keepFix(document, sound, label)],
        });
      }
    }
  },
});

/** Labels of the rule count: vmalert has them in its templates. */
function isGiven(entry: RuleEntry, label: string): boolean {
  if (label.startsWith('__') || label === 'alertname' || label === 'alertgroup') return true;
  const maps = [entry.map, entry.group.map].map((map) => asMap(fieldOf(map, 'labels')?.value));
  return maps.some((map) => fieldOf(map, label) !== undefined);
}

/** What makes the label come through a wrong place, so that adding it to `by` would not do or would break the rest. */
function isPlain(root: PromqlExpr): boolean {
  let plain = true;
  walkPromql(root, (expr) => {
    if (expr.type === 'binary' && expr.matching) plain = false;
    if (expr.type === 'call' && /^(?:absent|absent_over_time|scalar|vector|time)$/.test(expr.name))
      plain = false;
    if (expr.type === 'aggregation' && expr.grouping?.kind === 'without') plain = false;
  });
  return plain;
}

/** Aggregations whose result over a part says the same of the part. */
const PARTED = /^(?:sum|min|max|avg|count)$/;

function keepFix({ text }: Document, { root }: SoundExpression, label: string): Fix | undefined {
  if (label === 'le' || !isPlain(root)) return undefined;
  const edits: Edit[] = [];
  let clean = true;
  walkPromql(root, (expr) => {
    if (expr.type !== 'aggregation' || mayHaveLabel(expr, label)) return;
    if (PARTED.test(expr.op)) edits.push(groupEdit(text, expr, label));
    else clean = false;
  });
  if (!clean || edits.length === 0) return undefined;
  return {
    title: `Keep the label \`${label}\` in \`by\``,
    safety: 'review',
    edits,
    risk: 'The alert is then about each value of the label by itself, so its threshold may have to be another one.',
    verify: 'promtool check rules',
  };
}

function groupEdit(text: string, { grouping, opSpan }: PromqlAggregation, label: string): Edit {
  if (!grouping) {
    const behind = text[opSpan.end] === '(' ? ' ' : '';
    return { span: { start: opSpan.end, end: opSpan.end }, text: ` by (${label})${behind}` };
  }
  const at = grouping.listSpan.end - 1;
  const list = text.slice(grouping.listSpan.start + 1, at);
  const comma = grouping.labels.length === 0 || /,\s*$/.test(list) ? '' : ', ';
  const start = at - (list.length - list.trimEnd().length);
  return { span: { start, end: start }, text: comma + label };
}
