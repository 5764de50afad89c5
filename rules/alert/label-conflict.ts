import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { externalLabels } from './shared/external-labels.ts';

export const rule = defineRule({
  id: 'alert/label-conflict',
  title: 'Label of an alert hides an external label of Prometheus',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /labels/,
  docs: {
    why: `Prometheus adds its \`external_labels\` to an alert only where the alert has no label of that name. A rule that sets \`cluster\` or \`env\`
itself sends its own value, so routes and silences take the alert for one of another cluster.`,
    fix: 'Take the label out of the rule, or give it another name.',
    falsePositives: `Reported only where every Prometheus configuration that loads the file has the label with another value. Templates and computed
values are left alone.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file',
    ],
  },
  bad: [
    {
      name: 'another cluster',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels:
          severity: critical
          «cluster»: staging
`,
        'prometheus.yml': `global:
  external_labels: {cluster: production}
rule_files: [rules.yml]
scrape_configs: []
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels:
          severity: critical
`,
    },
  ],
  good: [
    {
      name: 'the same value, a template, another label, and a variable',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical, cluster: production}
      - alert: B
        expr: up == 0
        labels: {severity: critical, cluster: "{{ $labels.cluster }}", env: test, team: web}
`,
        'prometheus.yml': `global:
  external_labels: {cluster: production, env: "\${ENV}"}
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
    {
      name: 'one configuration of two, and a recording rule',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical, env: test}
      - record: a
        expr: up
        labels: {cluster: b}
`,
        'a/prometheus.yml': `global: {external_labels: {env: prod, cluster: a}}
rule_files: [../rules.yml]
scrape_configs: []
`,
        'b/prometheus.yml': `global: {external_labels: {env: test, cluster: a}}
rule_files: [../rules.yml]
scrape_configs: []
`,
      },
    },
  ],
  check({ tree, text, uri }, context) {
    const known = tree.form === 'crd' ? undefined : externalLabels(context.facts, uri);
    if (!known) return;
    for (const entry of rulesOf(tree)) {
      const labels = pairOf(entry.map, 'labels')?.value;
      if (entry.kind !== 'alert' || labels?.type !== 'map') continue;
      for (const pair of labels.pairs) {
        const { key, value } = pair;
        const own = value?.type === 'scalar' ? value.value : '';
        if (own === '' || own.includes('{{') || !known.configs.every((all) => isOther(all[key.value], own)))
          continue;
        context.report({
          span: key.span,
          message: `Prometheus has the external label \`${key.value.slice(0, 60)}\` with another value, which this alert hides.`,
          place: `${entry.place}.labels.${key.value}`,
          fixes: () => {
            const edit = removePair(text, labels, pair);
            const risk = 'Routes and silences that ask for this value no longer match.';
            return [edit && { title: 'Leave it to Prometheus', safety: 'review', edits: [edit], risk }];
          },
        });
      }
    }
  },
});

function isOther(external: string | undefined, own: string): boolean {
  return external !== undefined && external !== own && !/[$%{]/.test(external);
}
