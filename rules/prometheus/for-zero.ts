import { rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { durationSeconds } from '../../syntaxes/promql/durations.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { CHECK_RULES } from './shared/move-key.ts';

export const rule = defineRule({
  id: 'prometheus/for-zero',
  title: 'Alert has a `for` of zero, which says nothing',
  kinds: ['prometheus-rules'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  mentions: /for/,
  docs: {
    why: 'Without `for` an alert fires at once; `for: 0m` is the same in more words, and looks like a number that somebody chose.',
    fix: 'Take it out, or write the time that the condition has to hold.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/'],
  },
  bad: [
    {
      name: 'zero minutes, quoted too',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        «for»: 0m
        labels: {severity: critical}
      - {alert: B, expr: up == 0, «for»: "0s", labels: {severity: critical}}
      - alert: C
        expr: up == 0
        «keep_firing_for»: 0
        labels: {severity: critical}
`,
      },
      fixed: `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: critical}
      - {alert: B, expr: up == 0, for: "0s", labels: {severity: critical}}
      - alert: C
        expr: up == 0
        keep_firing_for: 0
        labels: {severity: critical}
`,
    },
  ],
  good: [
    {
      name: 'a time, and none',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - alert: A
        expr: up == 0
        for: 2m
        labels: {severity: critical}
      - alert: B
        expr: up == 0
        labels: {severity: critical}
`,
      },
    },
    {
      name: 'zero over a base with a time',
      files: {
        'rules.yml': `groups:
  - name: app
    rules:
      - &base
        alert: A
        expr: up == 0
        for: 5m
        labels: {severity: critical}
      - <<: *base
        alert: B
        for: 0m
`,
      },
    },
  ],
  check({ tree, text }, context) {
    for (const entry of rulesOf(tree)) {
      if (entry.kind !== 'alert' || pairOf(entry.map, '<<')) continue;
      for (const key of ['for', 'keep_firing_for']) {
        const pair = pairOf(entry.map, key);
        if (pair?.value?.type !== 'scalar' || durationSeconds(pair.value.value) !== 0) continue;
        context.report({
          span: pair.key.span,
          message: `\`${key}\` of zero is the same as none.`,
          place: `${entry.place}.${key}`,
          covers: [`alert/no-for ${entry.place}.for`],
          fixes: () => {
            const edit = removePair(text, entry.map, pair);
            return [
              edit && { title: `Remove \`${key}\``, safety: 'safe', edits: [edit], verify: CHECK_RULES },
            ];
          },
        });
      }
    }
  },
});
