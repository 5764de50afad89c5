import type { Span } from '../../syntaxes/document.ts';
import { type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'prometheus/invalid-name',
  title: 'Name of a recording, label or annotation is not one',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `The name of a recorded series is a name, not an expression: with braces, brackets or spaces in it Prometheus refuses the whole
file, or (since 3.0, which allows nearly any text) records a series that no usual query can ask for. The label \`__name__\` and labels
without a name are refused by all versions.`,
    fix: 'Put the expression into `expr`, and labels of the series under `labels`; name it after `level:metric:operation`.',
    falsePositives: `Dots and dashes are left alone: since Prometheus 3.0 names may have them.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule',
      'https://prometheus.io/docs/practices/rules/#naming',
    ],
  },
  bad: [
    {
      name: 'an expression for a name',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: «'job:up:sum{env="prod"}'»
        expr: sum by (job) (up{env="prod"})
      - record: «sum(up)»
        expr: sum(up)
      - record: «job up»
        expr: up
`,
      },
    },
    {
      name: 'labels and annotations',
      files: {
        'rules.yml': `groups:
  - name: app
    labels:
      «__name__»: up
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning, «"on call"»: web}
        annotations: {«""»: x}
`,
      },
    },
  ],
  good: [
    {
      name: 'names, also those of Prometheus 3',
      files: {
        'rules.yml': `groups:
  - name: My group {1}
    rules:
      - record: job:http_requests:rate5m
        expr: up
        labels: {k8s.cluster: a, on-call: web, _x: y}
      - record: http.server-requests
        expr: up
      - alert: What is (this)? {{ $labels.x }}
        expr: up == 0
        labels: {severity: warning}
        annotations: {runbook.url: x}
`,
      },
    },
    {
      name: 'no name yet',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record:
        expr: up
`,
      },
    },
  ],
  check({ tree }, context) {
    for (const group of tree.groups) {
      for (const name of namesIn(group.map, group.place, ['labels'])) context.report(name);
    }
    for (const entry of rulesOf(tree)) {
      const record = recordIn(entry);
      if (record) context.report(record);
      for (const name of namesIn(entry.map, entry.place, ['labels', 'annotations'])) context.report(name);
    }
  },
});

interface BadName {
  readonly span: Span;
  readonly message: string;
  readonly place: string;
}

/** What no name has had in any version, and what nobody writes into a name on purpose. */
const NO_NAME = /[{}()[\]\s=,"']/;

function recordIn(entry: RuleEntry): BadName | undefined {
  const value = pairOf(entry.map, 'record')?.value;
  if (value?.type !== 'scalar' || !NO_NAME.test(value.value)) return undefined;
  return {
    span: value.span,
    message: `\`${value.value.replace(/\s+/g, ' ').slice(0, 60)}\` is an expression rather than a name, so Prometheus refuses the file.`,
    place: `${entry.place}.record`,
  };
}

function namesIn(
  map: RuleEntry['map'] | undefined,
  place: string,
  fields: readonly string[],
): readonly BadName[] {
  return fields.flatMap((field) => {
    const names = pairOf(map, field)?.value;
    if (names?.type !== 'map') return [];
    return names.pairs.flatMap(({ key }) => {
      const isName = field === 'labels' && key.value === '__name__';
      if (!isName && key.value !== '' && !NO_NAME.test(key.value)) return [];
      return [
        {
          span: key.span,
          message: `\`${key.value.slice(0, 60)}\` cannot be the name of ${field === 'labels' ? 'a label' : 'an annotation'}, so Prometheus refuses the file.`,
          place: `${place}.${field}.${key.value}`,
        },
      ];
    });
  });
}
