import { fieldOf, type RuleEntry, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asMap, asScalar, type YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { moveFix } from '../prometheus/shared/move-key.ts';

export const rule = defineRule({
  id: 'alert/value-in-label',
  title: 'Label of an alert holds the measured value',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `The labels are what makes an alert the same alert from one evaluation to the next. With the value in one of them each
new value is a new alert: \`for\` starts over and is never met, and those that do fire are sent again and again.`,
    fix: 'Put the value into an annotation.',
    falsePositives:
      'A value that is only compared (`{{ if gt $value 10.0 }}`) has few results and is left alone.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating'],
  },
  bad: [
    {
      name: 'the value',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Disk
        expr: disk_used_ratio > 0.9
        for: 10m
        labels:
          severity: warning
          usage: «"{{ $value | humanizePercentage }}"»
        annotations:
          summary: The disk is full
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Disk
        expr: disk_used_ratio > 0.9
        for: 10m
        labels:
          severity: warning
        annotations:
          usage: "{{ $value | humanizePercentage }}"
          summary: The disk is full
`,
    },
    {
      name: 'through a function',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Disk
        expr: disk_used_ratio > 0.9
        labels:
          severity: warning
          text: «'{{ printf "%.1f" $value }} of {{ $labels.device }}'»
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: Disk
        expr: disk_used_ratio > 0.9
        labels:
          severity: warning
        annotations:
          text: '{{ printf "%.1f" $value }} of {{ $labels.device }}'
`,
    },
  ],
  good: [
    {
      name: 'labels that hold still, and a rule that records',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
        labels: {severity: critical, team: "{{ $labels.team }}"}
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {kind: value}
`,
      },
    },
    {
      name: 'in an annotation, compared, and as a word',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Disk
        expr: disk_used_ratio > 0.9
        labels:
          severity: '{{ if gt $value 0.95 }}critical{{ else }}warning{{ end }}'
          device: "{{ $labels.value }} $value"
        annotations:
          summary: "{{ $value }} is used"
`,
      },
    },
  ],
  check(document, context) {
    for (const rule of rulesOf(document.tree)) {
      const labels = asMap(fieldOf(rule.map, 'labels')?.value);
      for (const pair of labels ? valueLabels(rule) : []) {
        context.report({
          span: pair.value?.span ?? pair.key.span,
          message: `The label \`${pair.key.value.slice(0, 60)}\` holds the value, so each change makes a new alert and \`for\` starts over.`,
          place: `${rule.place}.labels.${pair.key.value}`,
          fixes: () =>
            labels
              ? [
                  moveFix(document, rule, pair, {
                    from: labels,
                    to: 'annotations',
                    safety: 'review',
                    risk: 'Routes and silences that ask for this label no longer see it.',
                  }),
                ]
              : [],
        });
      }
    }
  },
});

/** Actions that print `$value`; those that only ask about it have few results. */
const PRINTS_VALUE =
  /\{\{-?(?!\s*(?:if|else|with|range|end|define)\b)(?![^}]*:=)[^}]*(?:\$value|\.Value)\b[^}]*\}\}/;

function valueLabels(rule: RuleEntry): readonly YamlPair[] {
  if (rule.kind !== 'alert') return [];
  const labels = asMap(fieldOf(rule.map, 'labels')?.value);
  return (labels?.pairs ?? []).filter((pair) => PRINTS_VALUE.test(asScalar(pair.value)?.value ?? ''));
}
