import { durationSeconds } from '../../syntaxes/promql/durations.ts';
import { asScalar, pairOf, valueAt } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';

export const rule = defineRule({
  id: 'prometheus/evaluation-gt-scrape',
  title: 'Rules are evaluated less often than series are scraped',
  kinds: ['prometheus-config'],
  severity: 'info',
  confidence: 'low',
  since: '0.1.0',
  profile: 'strict',
  mentions: /scrape_interval|evaluation_interval/,
  docs: {
    why: `Samples that come between two evaluations are seen by no rule that looks at the current value: a short outage is
stored and never alerts, and every alert is late by up to the longer interval.`,
    fix: 'Set `evaluation_interval` to the `scrape_interval`, or give the groups that matter an `interval` of their own.',
    falsePositives: 'A longer interval may be meant, where rules are many and costly.',
    references: ['https://prometheus.io/docs/prometheus/latest/configuration/configuration/'],
  },
  bad: [
    {
      name: 'four samples for each evaluation',
      files: {
        'prometheus.yml': `global:
  scrape_interval: 15s
  evaluation_interval: «"1m"»
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
    {
      name: 'in one line',
      files: {
        'prometheus.yml': `global: { scrape_interval: 30s, evaluation_interval: «5m» }
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
  ],
  good: [
    {
      name: 'the same in other words',
      files: {
        'prometheus.yml': `global: { scrape_interval: 60s, evaluation_interval: 1m }
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
    {
      name: 'more often',
      files: {
        'prometheus.yml': `global: { scrape_interval: 60s, evaluation_interval: 15s }
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
    {
      name: 'no rules, so nothing is evaluated',
      files: {
        'prometheus.yml': `global: { scrape_interval: 15s, evaluation_interval: 1m }
scrape_configs: []
`,
      },
    },
    {
      name: 'an interval that nobody wrote, or that is filled in',
      files: {
        'prometheus.yml': `global: { scrape_interval: "\${EVERY}", evaluation_interval: 1m }
rule_files: [rules.yml]
scrape_configs: []
`,
      },
    },
  ],
  check({ tree }, context) {
    const global = pairOf(tree.root, 'global')?.value;
    const evaluation = asScalar(valueAt(global, 'evaluation_interval'));
    const scrape = asScalar(valueAt(global, 'scrape_interval'));
    if (!evaluation || !scrape || tree.rulePatterns.length === 0) return;
    const evaluates = durationSeconds(evaluation.value);
    const scrapes = durationSeconds(scrape.value);
    if (!evaluates || !scrapes || evaluates <= scrapes) return;
    context.report({
      span: evaluation.span,
      message: `Rules run every ${evaluation.value} and series come every ${scrape.value}, so what is short is missed.`,
      place: 'global.evaluation_interval',
    });
  },
});
