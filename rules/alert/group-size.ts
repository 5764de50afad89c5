import { defineRule } from '../core/rule.ts';

const MAX_RULES = 20;

export const rule = defineRule({
  id: 'alert/group-size',
  title: 'Group holds more than twenty rules',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /groups/,
  docs: {
    why: `The rules of a group run one after the other. Where that takes longer than the interval, evaluations are left out, and alerts come late
or not at all; other groups run beside it.`,
    fix: 'Split the group by what its rules are about. Rules that build on each other stay in one group, in their order.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group'],
  },
  bad: [
    {
      name: 'twenty-one',
      files: {
        'rules.yml': `groups:
  - name: «app»
    rules:
${Array.from({ length: 21 }, (_, index) => `      - {record: a${index}, expr: up}\n`).join('')}`,
      },
    },
  ],
  good: [
    {
      name: 'twenty',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
${Array.from({ length: 20 }, (_, index) => `      - {record: a${index}, expr: up}\n`).join('')}`,
      },
    },
    {
      name: 'a list without groups, which is another smell',
      files: {
        'rules.yml': Array.from({ length: 21 }, (_, index) => `- record: a${index}\n  expr: up\n`).join(''),
      },
    },
  ],
  check({ tree }, context) {
    for (const { map, name, place, rules } of tree.groups) {
      if (!map || rules.length <= MAX_RULES) continue;
      context.report({
        span: name?.span ?? map.pairs[0]?.key.span ?? map.span,
        message: `The ${rules.length} rules of this group run one after the other; beyond ${MAX_RULES} they may not end in time.`,
        place,
      });
    }
  },
});
