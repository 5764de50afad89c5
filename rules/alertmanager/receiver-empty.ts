import {
  type Receiver,
  type Route,
  receiverOf,
  routesOf,
  spanOfRoute,
} from '../../syntaxes/alertmanager/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { definitionOf, isForUrgent, isNullReceiver } from './shared/severities.ts';

export const rule = defineRule({
  id: 'alertmanager/receiver-empty',
  title: 'Alerts go to a receiver that sends nothing',
  kinds: ['alertmanager'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `A receiver without an integration takes alerts and sends nothing. Alertmanager accepts it and logs nothing, so critical alerts
end in its web page, where nobody looks at night.`,
    fix: 'Give the receiver an integration (`slack_configs`, `pagerduty_configs`, `email_configs`, …), or route the alerts to one that has one.',
    falsePositives: `Receivers whose name says that they send nothing (\`null\`, \`blackhole\`, \`watchdog\`, …) are left alone, and so is an empty
default receiver where other routes have receivers that send.`,
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#receiver'],
  },
  bad: [
    {
      name: 'critical alerts',
      files: {
        'alertmanager.yml': `route:
  receiver: default
  routes:
    - matchers: [severity="critical"]
      receiver: «pager»
receivers:
  - name: default
    webhook_configs: [{url: 'http://bot:8080/'}]
  - name: pager
`,
      },
    },
    {
      name: 'everything',
      files: {
        'alertmanager.yml': `route:
  receiver: «'default'»
receivers:
  - name: 'default'
    email_configs: []
`,
      },
    },
    {
      name: 'the receiver of the route above',
      files: {
        'alertmanager.yml': `route:
  receiver: team
  routes:
    - match: {severity: «page»}
      group_wait: 0s
    - match: {severity: warning}
      receiver: chat
receivers:
  - name: team
  - name: chat
    webhook_configs: [{url: 'http://bot:8080/'}]
`,
      },
    },
  ],
  good: [
    {
      name: 'a receiver that is meant to be empty, and a default for what no route takes',
      files: {
        'alertmanager.yml': `route:
  receiver: default
  routes:
    - matchers: [severity="critical", env="dev"]
      receiver: "null"
    - matchers: [severity="critical"]
      receiver: pager
    - matchers: [severity="info"]
      receiver: archive
receivers:
  - name: default
  - name: archive
  - name: "null"
  - name: pager
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
`,
      },
    },
    {
      name: 'a parent whose routes send, and an integration of a newer version',
      files: {
        'alertmanager.yml': `route:
  receiver: blackhole
  routes:
    - match: {severity: critical}
      receiver: pager
receivers:
  - name: blackhole
  - name: pager
    some_new_configs:
      - url: https://pager.acme.io
`,
      },
    },
    {
      name: 'an alias that is not there',
      files: {
        'alertmanager.yml': `route:
  receiver: a
receivers:
  - name: a
    <<: *base
`,
      },
    },
  ],
  check({ tree, problems }, context) {
    if (isSample(context.path) || problems.length > 0) return;
    const everything = routesOf(tree.route);
    const isEmpty = (route: Route) => sendsNothing(definitionOf(route, tree.receivers));
    const all = everything.length > 0 && everything.every(isEmpty);
    for (const route of everything) {
      if (!isEmpty(route)) continue;
      const isRoot = !route.parent;
      if (isRoot ? !all : all || !isForUrgent(route) || !takesItself(route)) continue;
      context.report({
        span: route.receiver?.span ?? spanOfRoute(route),
        message: `\`${receiverOf(route)?.value.slice(0, 60)}\` has no integration, so ${isRoot ? 'no alert is sent to anybody' : 'these urgent alerts are sent to nobody'}.`,
        place: `${route.place}.receiver`,
      });
    }
  },
});

function sendsNothing(receiver: Receiver | undefined): boolean {
  if (!receiver?.complete || receiver.integrations.length > 0) return false;
  // The value of an integration that is no list yet is half-typed.
  return !isNullReceiver(receiver.name?.value ?? '');
}

/** Whether alerts stop at the route: they go to its own routes first, and on to its siblings where it says so. */
function takesItself(route: Route): boolean {
  return route.continues === false && route.routes.length === 0;
}
