import { routesOf } from '../../syntaxes/alertmanager/tree.ts';
import type { YamlMap } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isSample } from '../prometheus/shared/loading.ts';
import { isNullReceiver } from './shared/severities.ts';

export const rule = defineRule({
  id: 'alertmanager/receiver-unused',
  title: 'No route leads to the receiver',
  kinds: ['alertmanager'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `No route names this receiver, so nothing is ever sent to it. Most often its route was forgotten, or lost when the tree was
reordered, and the people behind it believe that they are covered.`,
    fix: 'Add a route that names the receiver, or take it out.',
    falsePositives: 'Receivers that are meant to send nothing are left alone.',
    references: ['https://prometheus.io/docs/alerting/latest/configuration/#route'],
  },
  bad: [
    {
      name: 'a pager without a route',
      files: {
        'alertmanager.yml': `route:
  receiver: chat
  routes:
    - matchers: [severity="critical"]
      receiver: chat
receivers:
  - name: chat
    webhook_configs: [{url: 'http://bot:8080/'}]
  - name: «pager»
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
`,
      },
    },
    {
      name: 'quoted, in flow style',
      files: {
        'alertmanager.yml': `route: {receiver: a}
receivers: [{name: a}, {name: «"b"»}]
`,
      },
    },
  ],
  good: [
    {
      name: 'used deep in the tree, or through an anchor',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes:
    - match: {team: x}
      routes:
        - &pager
          match: {severity: critical}
          receiver: b
    - <<: *pager
      match: {team: y}
receivers:
  - name: a
  - name: b
  - name: "null"
`,
      },
    },
    {
      name: 'a tree that cannot be seen as a whole',
      files: {
        'alertmanager.yml': `route:
  receiver: a
  routes: *routes
receivers:
  - name: a
  - name: b
`,
      },
    },
  ],
  check({ tree, problems }, context) {
    const routes = routesOf(tree.route);
    if (isSample(context.path) || problems.length > 0 || routes.some(({ map }) => hasUnknown(map))) return;
    const used = new Set(routes.map((route) => route.receiver?.value));
    const seen = new Set<string>();
    for (const { name, place } of tree.receivers) {
      if (!name || name.value === '' || used.has(name.value) || isNullReceiver(name.value)) continue;
      if (seen.has(name.value)) continue;
      seen.add(name.value);
      context.report({
        span: name.span,
        message: `No route leads to \`${name.value.slice(0, 80)}\`, so nothing is ever sent to it.`,
        place,
      });
    }
  },
});

/** Whether a part of a route is an alias without an anchor. */
function hasUnknown(map: YamlMap): boolean {
  return map.pairs.some(({ value }) => value?.type === 'alias' && !value.target);
}
