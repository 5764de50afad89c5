import { asScalar, booleanOf, pairOf, textAt } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { isSample } from '../prometheus/shared/loading.ts';

export const rule = defineRule({
  id: 'grafana/ds-two-defaults',
  title: 'Two data sources are the default',
  kinds: ['grafana'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /isDefault/,
  docs: {
    why: `Grafana refuses provisioning in which an organisation has two default data sources: it stops at its start with "Only one datasource
per organization can be marked as default".`,
    fix: 'Leave `isDefault: true` with one of them.',
    falsePositives: 'Looks at one file at a time; data sources of several files are not compared.',
    references: ['https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources'],
  },
  bad: [
    {
      name: 'metrics and logs',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    isDefault: true
  - name: Loki
    type: loki
    isDefault: «true»
`,
      },
      fixed: `apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    isDefault: true
  - name: Loki
    type: loki
    isDefault: false
`,
    },
    {
      name: 'in flow style',
      files: {
        'datasources.yml': `apiVersion: 1
datasources: [{name: A, isDefault: true}, {name: B}, {name: C, orgId: 1, isDefault: «true»}]
`,
      },
      fixed: `apiVersion: 1
datasources: [{name: A, isDefault: true}, {name: B}, {name: C, orgId: 1, isDefault: false}]
`,
    },
  ],
  good: [
    {
      name: 'one of them',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - {name: A, isDefault: true}
  - {name: B, isDefault: false}
  - {name: C}
`,
      },
    },
    {
      name: 'of two organisations, and one that is named twice',
      files: {
        'datasources.yml': `apiVersion: 1
datasources:
  - {name: A, orgId: 1, isDefault: true}
  - {name: B, orgId: 2, isDefault: true}
  - {name: A, orgId: 1, isDefault: true}
  - {name: D, orgId: $ORG, isDefault: true}
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    const defaults = new Map<string, string | undefined>();
    for (const { map, name, place } of tree.datasources) {
      const scalar = asScalar(pairOf(map, 'isDefault')?.value);
      const organisation = textAt(map, 'orgId') ?? '1';
      if (!scalar || booleanOf(scalar) !== true || !/^\d+$/.test(organisation)) continue;
      if (!defaults.has(organisation)) {
        defaults.set(organisation, name?.value);
        continue;
      }
      if (defaults.get(organisation) === name?.value) continue;
      context.report({
        span: scalar.span,
        message: 'A data source before this one is the default already, so Grafana stops at its start.',
        place: `${place}.isDefault`,
        fixes: () => {
          const edit = setScalar(scalar, 'false');
          return [
            edit && {
              title: 'Set isDefault to false',
              safety: 'review',
              edits: [edit],
              risk: 'Panels without a data source of their own ask the other one.',
            },
          ];
        },
      });
    }
  },
});
