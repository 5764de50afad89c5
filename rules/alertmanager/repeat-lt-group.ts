import { routesOf } from '../../syntaxes/alertmanager/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { timingOf } from './shared/durations.ts';

export const rule = defineRule({
  id: 'alertmanager/repeat-lt-group',
  title: 'Repeat interval is shorter than the group interval',
  kinds: ['alertmanager'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /repeat_interval|group_interval/,
  docs: {
    why: `Alertmanager looks at a group only once in every \`group_interval\`, so a shorter \`repeat_interval\` is not kept: the notification
comes again with each look at the group.`,
    fix: 'Make `repeat_interval` a multiple of `group_interval`, which is 5m where it is not set.',
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#route'],
  },
  bad: [
    {
      name: 'shorter than what the route says, and than the default',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  group_interval: 10m
  repeat_interval: «5m»
receivers: [{name: a}]
`,
      },
    },
    {
      name: 'a route of its own against the one above',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  repeat_interval: 30m
  routes:
    - match: {severity: info}
      group_interval: «1h»
    - match: {severity: critical}
      repeat_interval: «"1m"»
receivers: [{name: a}]
`,
      },
    },
  ],
  good: [
    {
      name: 'longer, or as long',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  group_interval: 5m
  repeat_interval: 5m
  routes:
    - match: {severity: critical}
      group_interval: 1m30s
      repeat_interval: 1h
receivers: [{name: a}]
`,
      },
    },
    {
      name: 'what is no duration, and a variable',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  group_interval: \${GROUP}
  repeat_interval: 1m
  routes:
    - match: {severity: critical}
      group_interval: 1m
receivers: [{name: a}]
`,
      },
    },
  ],
  check({ tree }, context) {
    if (isSample(context.path)) return;
    for (const route of routesOf(tree.route)) {
      const group = timingOf(route, 'group_interval');
      const repeat = timingOf(route, 'repeat_interval');
      if (group.seconds === undefined || repeat.seconds === undefined || repeat.seconds >= group.seconds)
        continue;
      const own = repeat.route === route ? repeat : group.route === route ? group : undefined;
      if (!own?.scalar) continue;
      context.report({
        span: own.scalar.span,
        message:
          '`repeat_interval` is shorter than `group_interval`, which decides how often a group is looked at.',
        place: `${route.place}.repeat_interval`,
      });
    }
  },
});
