import { TEMPLATE_FUNCTIONS } from '../../syntaxes/prometheus/template.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { type PlacedTemplate, templatesOf } from './shared/templates.ts';

export const rule = defineRule({
  id: 'alert/template-syntax',
  title: 'Template of an alert cannot be read',
  kinds: ['prometheus-rules'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\{\{/,
  docs: {
    why: `Labels and annotations of alerts are Go templates. Prometheus reads them when it loads the file, and refuses the whole
file, and so the whole configuration, for one unknown function, one unknown variable or one brace too few.`,
    fix: 'Labels of the series are `{{ $labels.instance }}`, its value is `{{ $value }}`; functions are named in the template reference.',
    falsePositives: `What only vmalert knows counts as known. A label that is not there is no mistake of syntax: see
\`alert/template-label-gone\`. Recording rules have no templates.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/template_reference/',
      'https://pkg.go.dev/text/template',
    ],
  },
  bad: [
    {
      name: 'a variable and a function that are mistyped',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          summary: "{{ «$label».instance }} is down"
          description: 'used: {{ $value | «humanizePercent» }}'
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          summary: "{{ $labels.instance }} is down"
          description: 'used: {{ $value | humanizePercent }}'
`,
    },
    {
      name: 'the dollar is missing, in a block of text',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          description: |
            First line.
              {{ «labels».instance }} is down: {{ $value }}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          description: |
            First line.
              {{ $labels.instance }} is down: {{ $value }}
`,
    },
    {
      name: 'a function of another name',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: "{{ $value | «humanise» }}"}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: "{{ $value | humanize }}"}
`,
    },
    {
      name: 'braces, brackets, dashes, quotes and blocks that do not fit',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          a: "«{{» $labels.instance } is down"
          b: '{{ $labels«[»"instance"] }} is down'
          c: '{{ $labels.exported«-»instance }} is down'
          d: "{{ printf «'»%.2f' $value }}"
          e: '{{ if gt $value 0.5 }} hig«h»'
          f: 'high «{{ end» }}'
          g: '«{{ }}»'
          h: '{{ «|» humanize }}'
`,
      },
    },
    {
      name: 'in a label',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels:
          severity: '{{ if eq «$labls».env "prod" }}critical{{ else }}warning{{ end }}'
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels:
          severity: '{{ if eq $labels.env "prod" }}critical{{ else }}warning{{ end }}'
`,
    },
  ],
  good: [
    {
      name: 'what the reference shows',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels:
          severity: '{{ if gt $value 10.0 }}critical{{ else if gt $value 5.0 }}warning{{ else }}info{{ end }}'
        annotations:
          a: "{{$labels.instance}} {{- $value -}} {{ .Labels.job }} {{ .Value | printf \\"%.2f\\" }}"
          b: '{{ with query "up{job=\\"a\\"} == 0" }}{{ . | first | value | humanize }}{{ end }}'
          c: '{{ range query (printf "up{instance=''%s''}" .Labels.instance) }}{{ .Labels.job }} {{ .Value }}{{ end }}'
          d: '{{ $x := $labels.a }}{{ range $i, $v := query "up" }}{{ $i }}{{ $v.Value }}{{ $x }}{{ end }}'
          e: '{{/* a comment */}}{{- /* and another */ -}} }} { {{ $value | }}'
          f: "{{ printf \`%v\` $externalLabels.cluster }} {{ $externalURL }} {{ (query \\"up\\" | first).Labels.x }}"
          g: '{{ $value | humanizePercentage }} {{ index $labels "instance" }} {{ title (toUpper "x") }}'
`,
      },
    },
    {
      name: 'several lines, and no template at all',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          a: |
            {{ range query "up == 0"
            }}
            {{ .Labels.instance }}
            {{ end }}
          b: 100 }} percent { of } it
          c: "{{
            $labels.instance }}"
`,
      },
    },
    {
      name: 'variables of vmalert',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          a: 'since {{ $activeAt }}, {{ $expr | queryEscape }}, {{ $labels.x | quotesEscape | crlfEscape }}'
`,
      },
    },
    {
      name: 'a recording rule',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: a
        expr: up
        labels:
          x: '{{ foo }}'
`,
      },
    },
  ],
  check(document, context) {
    for (const placed of templatesOf(document)) {
      const { problem } = placed.template;
      if (!problem) continue;
      context.report({
        span: { start: placed.embedded.at(problem.start), end: placed.embedded.at(problem.end) },
        message: `In this template ${shortened(problem.message)}, so Prometheus refuses the whole file.`,
        place: placed.place,
        fixes: () => [spellingFix(placed)],
      });
    }
  },
});

function shortened(message: string): string {
  return message.length > 100 ? `${message.slice(0, 99)}…` : message;
}

const VARIABLES = ['$labels', '$value', '$externalLabels', '$externalURL'];

/** The word that was meant, where it is plain. */
function spellingFix({ embedded, template: { problem } }: PlacedTemplate): Fix | undefined {
  if (!problem || problem.kind === 'syntax') return undefined;
  const written = embedded.text.slice(problem.start, problem.end);
  const isLabels = /^labels?$/i.test(written) && embedded.text[problem.end] === '.';
  const meant = isLabels ? '$labels' : meantBy(written, problem.kind);
  if (meant === undefined) return undefined;
  return {
    title: `Write \`${meant}\``,
    safety: 'safe',
    edits: [{ span: { start: embedded.at(problem.start), end: embedded.at(problem.end) }, text: meant }],
    verify: 'promtool check rules',
  };
}

function meantBy(written: string, kind: 'function' | 'variable'): string | undefined {
  if (kind === 'function') return nearestWord(written, TEMPLATE_FUNCTIONS);
  const near = nearestWord(
    written.slice(1),
    VARIABLES.map((name) => name.slice(1)),
  );
  return near && `$${near}`;
}
