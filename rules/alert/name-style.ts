import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { defineRule } from '../core/rule.ts';

const MAX_LENGTH = 40;

export const rule = defineRule({
  id: 'alert/name-style',
  title: 'Name of an alert is not in CamelCase or is long',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /alert/,
  docs: {
    why: `The name is what people say to each other, what silences and inhibitions ask for, and the file name of the runbook. Names in one style and
of a length that fits a pager are found and typed without a mistake.`,
    fix: 'Call it `HighErrorRate`, and put the rest into the summary. Silences and runbooks have to follow.',
    references: ['https://prometheus.io/docs/practices/alerting/#naming'],
  },
  bad: [
    {
      name: 'underscores, spaces, and many words',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: «high_error_rate»
        expr: up == 0
      - alert: «High error rate»
        expr: up == 0
      - alert: «TheServiceThatAnswersRequestsHasBeenDownForLong»
        expr: up == 0
`,
      },
    },
  ],
  good: [
    {
      name: 'CamelCase',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: HighErrorRate
        expr: up == 0
      - alert: etcdMembersDown
        expr: up == 0
      - alert: HTTP5xxRate
        expr: up == 0
`,
      },
    },
    {
      name: 'a recording rule',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - record: job:up:sum
        expr: up
`,
      },
    },
  ],
  check({ tree }, context) {
    for (const { kind, name, place } of rulesOf(tree)) {
      if (kind !== 'alert' || !name?.value) continue;
      const isLong = name.value.length > MAX_LENGTH;
      if (/^[A-Za-z][A-Za-z0-9]*$/.test(name.value) && !isLong) continue;
      context.report({
        span: name.span,
        message: isLong
          ? `The name has ${name.value.length} letters; a pager shows about ${MAX_LENGTH}.`
          : 'The name is not in CamelCase, so it is hard to find and to type in a silence.',
        place: `${place}.alert`,
      });
    }
  },
});
