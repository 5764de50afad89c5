import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'prometheus/record-name-style',
  title: 'Name of a recording has no colon',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /record/,
  docs: {
    why: `Colons are kept for recordings: \`job:http_requests:rate5m\` says by which labels it is summed, of what and how. Without one nobody can tell a
recorded series from one that was scraped, and looks for its exporter in vain.`,
    fix: 'Name it `level:metric:operations`; queries and dashboards have to follow.',
    falsePositives: 'Names that end in `_info` carry labels to join with and are left alone.',
    references: ['https://prometheus.io/docs/practices/rules/#naming'],
  },
  bad: [
    {
      name: 'a name like that of a metric',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: «http_requests_rate»
        expr: sum by (job) (rate(http_requests_total[5m]))
`,
      },
    },
  ],
  good: [
    {
      name: 'colons, and labels to join with',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:http_requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
      - record: sloth_slo_info
        expr: vector(1)
`,
      },
    },
    {
      name: 'an alert',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: Down
        expr: up == 0
`,
      },
    },
  ],
  check({ tree }, context) {
    for (const { kind, name, place } of rulesOf(tree)) {
      if (kind !== 'record' || !name || !/^[A-Za-z_]\w*$/.test(name.value) || name.value.endsWith('_info'))
        continue;
      context.report({
        span: name.span,
        message:
          'Nobody can tell this recording from a metric that is scraped: names of recordings have a colon.',
        place: `${place}.record`,
      });
    }
  },
});
