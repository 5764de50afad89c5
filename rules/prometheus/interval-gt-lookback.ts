import { durationSeconds } from '../../syntaxes/promql/durations.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { prometheusFlagsFacts } from '../facts/prometheus-flags.ts';

/** `--query.lookback-delta` where nobody sets it. */
const LOOKBACK = 300;

export const rule = defineRule({
  id: 'prometheus/interval-gt-lookback',
  title: 'Recordings are made less often than queries look back',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /interval/,
  docs: {
    why: `A query takes the last sample of a series, but none that is older than five minutes (\`--query.lookback-delta\`). A recording that is made
every ten minutes is there for five and gone for five: graphs have holes, and alerts on it come and go.`,
    fix: 'Evaluate the group at least every five minutes, or read the recording with `last_over_time(x[15m])`.',
    falsePositives: `Groups of alerts alone are left alone: how long an alert is pending or firing does not depend on samples. Silent where a Prometheus of the
workspace may have a longer \`--query.lookback-delta\`.`,
    references: [
      'https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness',
      'https://prometheus.io/docs/prometheus/latest/command-line/prometheus/',
    ],
  },
  bad: [
    {
      name: 'ten minutes, in words of their own',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: «10m»
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
  - {name: b, interval: «"1h"», rules: [{record: b, expr: up}]}
`,
      },
    },
  ],
  good: [
    {
      name: 'five minutes, and alerts alone',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: 5m
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
  - name: slow
    interval: 1h
    rules:
      - alert: A
        expr: up == 0
        labels: {severity: warning}
  - name: computed
    interval: \${INTERVAL}
    rules:
      - record: x
        expr: up
`,
      },
    },
    {
      name: 'a Prometheus that looks back for longer',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: 10m
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.0.0
    command:
      - --config.file=/etc/prometheus/prometheus.yml
      - --query.lookback-delta=15m
`,
      },
    },
    {
      name: 'nobody knows what it is started with',
      files: {
        'rules.yml': `groups:
  - name: app
    interval: 10m
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
`,
        'compose.yaml': `services:
  prometheus:
    image: prom/prometheus:v3.0.0
    entrypoint: /start.sh
`,
      },
    },
  ],
  check({ tree }, context) {
    const slow = tree.groups.filter(({ map, rules }) => {
      const value = pairOf(map, 'interval')?.value;
      const seconds = value?.type === 'scalar' ? durationSeconds(value.value) : undefined;
      return seconds !== undefined && seconds > LOOKBACK && rules.some(({ kind }) => kind === 'record');
    });
    if (slow.length === 0) return;
    const lookback = longestLookback(context);
    for (const { map, place } of slow) {
      const value = pairOf(map, 'interval')?.value;
      if (value?.type !== 'scalar' || (durationSeconds(value.value) ?? 0) <= lookback) continue;
      context.report({
        span: value.span,
        message: `Queries look back five minutes, so what is recorded every ${value.value} is gone most of the time.`,
        place: `${place}.interval`,
      });
    }
  },
});

/** The longest time that a Prometheus of the workspace looks back; infinite where one is not known. */
function longestLookback({ facts }: Context): number {
  const all = facts.all(prometheusFlagsFacts).map(({ fact }) => {
    if (!fact.complete) return Number.POSITIVE_INFINITY;
    const flag = fact.flags['query.lookback-delta'];
    return flag === undefined ? LOOKBACK : (durationSeconds(flag) ?? Number.POSITIVE_INFINITY);
  });
  return Math.max(LOOKBACK, ...all);
}
