import { type AlertmanagerTree, type Route, routesOf } from '../../syntaxes/alertmanager/tree.ts';
import { fieldOf } from '../../syntaxes/prometheus/tree.ts';
import { asScalar, asSeq, booleanOf, type YamlNode, type YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { checkIntegrations } from './shared/integrations.ts';
import { CHECK_CONFIG, isFilledIn } from './shared/values.ts';

export const rule = defineRule({
  id: 'alertmanager/config-schema',
  title: 'Alertmanager refuses the configuration',
  kinds: ['alertmanager'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Alertmanager does not start with a configuration that names a receiver or a time interval which is not defined, that defines one
twice, or that holds a key which it does not know; a running one goes on with the old configuration.`,
    fix: 'Correct the name or the key; `amtool check-config` tells the first of the mistakes.',
    falsePositives:
      'Integrations of newer versions are not known here; a key of a receiver counts only where it is plainly misspelt.',
    references: [
      'https://prometheus.io/docs/alerting/latest/configuration/',
      'https://github.com/prometheus/alertmanager/blob/main/config/config.go',
    ],
  },
  bad: [
    {
      name: 'a receiver that is not defined',
      files: {
        'alertmanager.yml': `route:
  receiver: team
  routes:
    - matchers: [severity="critical"]
      receiver: «"pagerdtuy"»
    - matchers: [severity="info"]
      receiver: «nobody»
receivers:
  - name: team
  - name: pagerduty
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
`,
      },
      fixed: `route:
  receiver: team
  routes:
    - matchers: [severity="critical"]
      receiver: "pagerduty"
    - matchers: [severity="info"]
      receiver: nobody
receivers:
  - name: team
  - name: pagerduty
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
`,
    },
    {
      name: 'a time interval that is not defined, and a receiver that is defined twice',
      files: {
        'alertmanager.yml': `route:
  receiver: team
  routes:
    - matchers: [severity="info"]
      mute_time_intervals: [nights, «weekend»]
      active_time_intervals:
        - «office»
receivers:
  - name: team
  - name: «team»
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: "20:00", end_time: "24:00"}]}]
mute_time_intervals:
  - name: weekends
    time_intervals: [{weekdays: [saturday, sunday]}]
`,
      },
      fixed: `route:
  receiver: team
  routes:
    - matchers: [severity="info"]
      mute_time_intervals: [nights, weekends]
      active_time_intervals:
        - office
receivers:
  - name: team
  - name: team
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: "20:00", end_time: "24:00"}]}]
mute_time_intervals:
  - name: weekends
    time_intervals: [{weekdays: [saturday, sunday]}]
`,
    },
    {
      name: 'a root that matches, and keys that are misspelt',
      files: {
        'alertmanager.yml': `global:
  slack_api_url_file: /run/secrets/slack
route:
  receiver: team
  «matchers»: [severity="critical"]
  «continue»: true
  «repeat_intervall»: 4h
receivers:
  - name: team
    «slack_config»:
      - channel: '#alerts'
«inhibit_rule»: []
`,
      },
    },
    {
      name: 'an integration without what it needs',
      files: {
        'alertmanager.yml': `route: {receiver: team}
receivers:
  - name: team
    slack_configs:
      - «channel»: '#alerts'
      - channel: '#alerts'
        api_url_file: /run/secrets/slack
    email_configs: [{«to»: ops@acme.io, from: am@acme.io}]
`,
      },
    },
    {
      name: 'keys that a mail does not have',
      files: {
        'alertmanager.yml': `global: {smtp_smarthost: 'mail:25', smtp_from: am@acme.io}
route: {receiver: team}
receivers:
  - name: team
    email_configs:
      - to: ops@acme.io
        «subject»: '{{ .GroupLabels.alertname }}'
        «body»: |
          {{ range .Alerts }}{{ .Annotations.summary }}{{ end }}
`,
      },
    },
    {
      name: 'a root without a receiver',
      files: {
        'alertmanager.yml': `«route»:
  group_by: [alertname]
receivers:
  - name: team
`,
      },
    },
  ],
  good: [
    {
      name: 'everything is there',
      files: {
        'alertmanager.yml': `global:
  slack_api_url_file: /run/secrets/slack
  smtp_smarthost: mail:25
  smtp_from: am@acme.io
templates: []
route:
  receiver: team
  group_by: ['...']
  continue: false
  routes:
    - match: {severity: critical}
      routes:
        - receiver: "team"
          group_wait: 10s
          active_time_intervals: [office]
receivers:
  - name: team
    slack_configs: [{title: x, text: y}]
    brand_new_configs: []
    email_configs: [{to: ops@acme.io, headers: {subject: x}, html: y, text: z}]
time_intervals:
  - name: office
    time_intervals: []
tracing: {}
inhibit_rules: []
`,
      },
    },
    {
      name: 'names that are filled in, and receivers that are not in view',
      files: {
        'alertmanager.yml': `route:
  receiver: \${RECEIVER}
  routes:
    - receiver: __TEAM__
receivers:
  - name: team
  - *other
`,
      },
    },
  ],
  check({ tree, problems }, context) {
    if (problems.length > 0) return;
    checkKeys(tree, context);
    checkRoot(tree, context);
    checkReceivers(tree, context);
    checkIntervals(tree, context);
    checkIntegrations(tree, context);
  },
});

const TOP_KEYS = [
  'global',
  'templates',
  'route',
  'receivers',
  'inhibit_rules',
  'mute_time_intervals',
  'time_intervals',
  'tracing',
];
const ROUTE_KEYS = [
  'receiver',
  'group_by',
  'match',
  'match_re',
  'matchers',
  'mute_time_intervals',
  'active_time_intervals',
  'continue',
  'routes',
  'group_wait',
  'group_interval',
  'repeat_interval',
];
const INTEGRATIONS =
  'slack email webhook pagerduty opsgenie victorops pushover telegram discord msteams msteamsv2 sns wechat webex jira rocketchat'
    .split(' ')
    .map((name) => `${name}_configs`);

function checkKeys({ root, route, receivers }: AlertmanagerTree, context: Context): void {
  const check = (key: YamlScalar, known: readonly string[], place: string) => {
    if (known.includes(key.value) || key.value === '<<') return;
    const near = nearestWord(key.value, known);
    if (!near || isFilledIn(key.value)) return;
    context.report({
      span: key.span,
      message: `Alertmanager knows no key \`${key.value.slice(0, 60)}\` here and refuses the file; it is called \`${near}\`.`,
      place: `${place}.${key.value}`,
      fixes: () => [renameFix(key, near)],
    });
  };
  for (const { key } of root?.pairs ?? []) check(key, TOP_KEYS, 'root');
  for (const { map, place } of routesOf(route))
    for (const { key } of map.pairs) check(key, ROUTE_KEYS, place);
  for (const { map, place } of receivers)
    for (const { key } of map.pairs)
      if (!key.value.endsWith('_configs')) check(key, [...INTEGRATIONS, 'name'], place);
}

function checkRoot({ root, route }: AlertmanagerTree, context: Context): void {
  const key = root?.pairs.find((pair) => pair.key.value === 'route')?.key;
  if (!route || !key) return;
  const isOpen = route.map.pairs.some((pair) => pair.key.value === '<<');
  if (!route.receiver && !isOpen && !fieldOf(route.map, 'receiver')) {
    const message = 'The root route has no receiver, so Alertmanager refuses the file.';
    context.report({ span: key.span, message, place: 'route.receiver' });
  }
  for (const { key: own, value } of route.map.pairs) {
    if (!/^(?:match|match_re|matchers|mute_time_intervals|active_time_intervals|continue)$/.test(own.value))
      continue;
    const isIdle = own.value === 'continue' ? booleanOf(value) !== true : isEmpty(value);
    if (isIdle) continue;
    context.report({
      span: own.span,
      message: `The root route takes every alert and may have no \`${own.value}\`; Alertmanager refuses the file.`,
      place: `route.${own.value}`,
    });
  }
}

function isEmpty(value: YamlNode | undefined): boolean {
  if (value?.type === 'map') return value.pairs.length === 0;
  if (value?.type === 'seq') return value.items.length === 0;
  return true;
}

function checkReceivers({ root, route, receivers }: AlertmanagerTree, context: Context): void {
  const list = asSeq(root?.pairs.find(({ key }) => key.value === 'receivers')?.value);
  const names = new Set<string>();
  for (const { name, place } of receivers) {
    if (name && names.has(name.value)) {
      const message = `A receiver \`${name.value.slice(0, 80)}\` is defined before; Alertmanager refuses the file.`;
      context.report({ span: name.span, message, place: `${place}.name` });
    }
    if (name) names.add(name.value);
  }
  // A receiver without a name in view may be any.
  const isWhole =
    list !== undefined && receivers.length === list.items.length && receivers.every(({ name }) => name);
  for (const each of isWhole ? routesOf(route) : []) {
    const named = each.receiver;
    if (!named || named.value === '' || names.has(named.value) || isOpen(named.value)) continue;
    context.report({
      span: named.span,
      message: `No receiver is called \`${named.value.slice(0, 80)}\`, so Alertmanager refuses the file.`,
      place: `${each.place}.receiver`,
      fixes: () => [renameFix(named, nearestWord(named.value, names))],
    });
  }
}

function checkIntervals({ root, route, timeIntervals }: AlertmanagerTree, context: Context): void {
  const lists = (root?.pairs ?? []).filter(({ key }) => /^(?:mute_)?time_intervals$/.test(key.value));
  const count = lists.reduce((sum, { value }) => sum + (asSeq(value)?.items.length ?? 0), 0);
  if (count !== timeIntervals.length) return;
  const names = new Set(timeIntervals.map(({ value }) => value));
  for (const each of routesOf(route)) {
    for (const name of intervalsOf(each)) {
      if (names.has(name.value) || isOpen(name.value)) continue;
      context.report({
        span: name.span,
        message: `No time interval is called \`${name.value.slice(0, 80)}\`, so Alertmanager refuses the file.`,
        place: `${each.place}.intervals[${name.value}]`,
        fixes: () => [renameFix(name, nearestWord(name.value, names))],
      });
    }
  }
}

function intervalsOf({ map, parent }: Route): readonly YamlScalar[] {
  if (!parent) return [];
  return ['mute_time_intervals', 'active_time_intervals'].flatMap((key) =>
    (asSeq(fieldOf(map, key)?.value)?.items ?? []).flatMap((item) => asScalar(item) ?? []),
  );
}

/** A name that something else fills in. */
function isOpen(name: string): boolean {
  return isFilledIn(name) || /^(?:__.*__|<.*>|%.*%|@.*@)$/.test(name);
}

function renameFix(scalar: YamlScalar, name: string | undefined): Fix | undefined {
  const edit = name === undefined ? undefined : setScalar(scalar, name);
  if (!edit) return undefined;
  return {
    title: `Write \`${name}\``,
    safety: 'review',
    edits: [edit],
    risk: 'The name was guessed from its likeness.',
    verify: CHECK_CONFIG,
  };
}
