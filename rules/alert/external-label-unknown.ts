import { defineRule } from '../core/rule.ts';
import { externalLabels } from './shared/external-labels.ts';
import { templatesOf } from './shared/templates.ts';

export const rule = defineRule({
  id: 'alert/external-label-unknown',
  title: 'Text of an alert prints an external label that Prometheus does not have',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /externalLabels/i,
  docs: {
    why: `\`$externalLabels\` holds the \`external_labels\` of the Prometheus that evaluates the rule. One that is not configured prints nothing (or
\`<no value>\`), and the reader does not learn which cluster or region the alert comes from.`,
    fix: 'Add the label to `global.external_labels` in `prometheus.yml`, or take it out of the text.',
    falsePositives: `Reported only where a Prometheus configuration of the workspace loads the file and none that does has the label. Silent for resources of the
Prometheus operator, which sets the labels itself, and where the template asks first.`,
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating'],
  },
  bad: [
    {
      name: 'another name, and no external labels',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations:
          summary: "{{ $labels.job }} in {{ $externalLabels.«cluser» }}"
          description: '{{ .ExternalLabels.«region» }} {{ $externalLabels.cluster }}'
`,
        'prometheus.yml': `global:
  external_labels: {cluster: a}
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
  ],
  good: [
    {
      name: 'configured in one of two',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: "{{ $externalLabels.cluster }} {{ if $externalLabels.x }}{{ $externalLabels.x }}{{ end }}"}
`,
        'a/prometheus.yml': `rule_files: [../rules.yml]
scrape_configs: []
`,
        'b/prometheus.yml': `global: {external_labels: {cluster: b}}
rule_files: [../rules.yml]
scrape_configs: []
`,
      },
    },
    {
      name: 'a configuration that loads other files',
      files: {
        'team/rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: "{{ $externalLabels.cluster }}"}
`,
        'prometheus.yml': `rule_files: [rules/*.yml]
scrape_configs: []
`,
      },
    },
    {
      name: 'no configuration in the workspace',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: "{{ $externalLabels.cluster }}"}
`,
      },
    },
    {
      name: 'a resource of the operator, and labels that come from an anchor',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
        annotations: {summary: "{{ $externalLabels.cluster }}"}
`,
        'prometheus.yml': `x-labels: &l {cluster: a}
global: {external_labels: {<<: *l}}
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
  ],
  check(document, context) {
    if (document.tree.form === 'crd') return;
    const templates = templatesOf(document).filter(
      ({ template }) => !template.problem && template.references.some(({ of }) => of === 'externalLabels'),
    );
    const known = templates.length > 0 ? externalLabels(context.facts, document.uri) : undefined;
    if (!known?.complete) return;
    for (const { template, embedded, place } of templates) {
      for (const { of, label, start, end, guarded } of template.references) {
        if (
          of !== 'externalLabels' ||
          guarded ||
          known.configs.some((labels) => Object.hasOwn(labels, label))
        )
          continue;
        context.report({
          span: { start: embedded.at(start), end: embedded.at(end) },
          message: `No Prometheus that loads this file has the external label \`${label.slice(0, 60)}\`, so nothing stands in its place.`,
          place: `${place}[${label}]`,
        });
      }
    }
  },
});
