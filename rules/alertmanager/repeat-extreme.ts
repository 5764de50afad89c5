import { type Route, receiverOf, routesOf } from '../../syntaxes/alertmanager/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { secondsOf, timingOf } from './shared/durations.ts';
import { isForUrgent, isNullReceiver } from './shared/severities.ts';

export const rule = defineRule({
  id: 'alertmanager/repeat-extreme',
  title: 'Notifications are repeated far too often or too seldom',
  kinds: ['alertmanager'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /repeat_interval/,
  docs: {
    why: `A notification that comes again every few minutes is muted by whoever gets it, together with the next one that matters. A
critical one that comes again after more than a day is forgotten when the first was missed.`,
    fix: 'Repeat urgent alerts every one to four hours, others once or twice a day.',
    falsePositives: 'Heartbeats and receivers that send nothing are left alone; those have to come often.',
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#route'],
  },
  bad: [
    {
      name: 'every minute',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  group_interval: 1m
  repeat_interval: «1m»
receivers: [{name: chat}]
`,
      },
    },
    {
      name: 'critical alerts once in two days, as the root says',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - match: {severity: critical}
      receiver: pager
      repeat_interval: «'48h'»
receivers: [{name: chat}, {name: pager}]
`,
      },
    },
  ],
  good: [
    {
      name: 'usual ones, and others that are not urgent',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  repeat_interval: 4h
  routes:
    - match: {severity: critical}
      repeat_interval: 24h
    - match: {severity: info}
      repeat_interval: 7d
receivers: [{name: chat}]
`,
      },
    },
    {
      name: 'a heartbeat',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - match: {alertname: Watchdog}
      receiver: healthchecks
      group_interval: 1m
      repeat_interval: 1m
    - match: {severity: none}
      receiver: deadmansswitch
      repeat_interval: 50s
receivers: [{name: chat}, {name: healthchecks}, {name: deadmansswitch}]
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const route of routesOf(tree.route)) {
      const { scalar, seconds, route: owner } = timingOf(route, 'repeat_interval');
      if (owner !== route || !scalar || seconds === undefined || seconds <= 0) continue;
      const often = seconds < MINUTES_5 && !isHeartbeat(route);
      const seldom = seconds > DAY && isForUrgent(route);
      if (!often && !seldom) continue;
      context.report({
        span: scalar.span,
        message: often
          ? 'The same notification comes again within minutes, until somebody mutes it and the next one with it.'
          : 'An urgent alert that was missed is not repeated for more than a day.',
        place: `${route.place}.repeat_interval`,
      });
    }
  },
});

const MINUTES_5 = secondsOf('5m') ?? 0;
const DAY = secondsOf('1d') ?? 0;

function isHeartbeat(route: Route): boolean {
  const name = receiverOf(route)?.value ?? '';
  return (
    isNullReceiver(name) ||
    /health|snitch|dms|ping|uptime|cronitor/i.test(name) ||
    route.matchers.some(({ value }) => /watchdog|dead|heartbeat|alwaysfiring|keepalive|^none$/i.test(value))
  );
}
