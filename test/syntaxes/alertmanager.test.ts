import { describe, expect, test } from 'vitest';
import { parseMatchers } from '../../syntaxes/alertmanager/matchers.ts';
import { alertmanagerSyntax } from '../../syntaxes/alertmanager/syntax.ts';
import { receiverOf, routesOf } from '../../syntaxes/alertmanager/tree.ts';
import { createSyntaxes, syntaxFor } from '../../syntaxes/registry.ts';

const CONFIG = `global:
  resolve_timeout: 5m
templates: ['/etc/alertmanager/templates/*.tmpl']
route:
  receiver: team
  group_by: [alertname]
  routes:
    - matchers:
        - severity = "critical"
        - team=~"db|web"
      receiver: pager
      continue: true
      routes:
        - match: {env: prod}
    - match_re:
        severity: info|none
    - matchers: ['{env="a,b", x!~y}']
receivers:
  - name: team
    slack_configs:
      - channel: '#alerts'
        title: '{{ template "slack.default.title" . }}'
        text: |-
          {{ range .Alerts }}{{ .Annotations.summary }}{{ end }}
  - name: pager
    pagerduty_configs: [{routing_key_file: /run/secrets/pd}]
    webhook_configs:
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alertname]
time_intervals:
  - name: nights
`;

const parse = (text: string, uri = 'file:///w/alertmanager.yml') => alertmanagerSyntax.parse(uri, text);
const detects = (text: string, uri = 'file:///w/alertmanager.yml') => alertmanagerSyntax.detect(uri, text);

describe('detection', () => {
  test('by its keys, whatever it is called', () => {
    expect(detects(CONFIG)).toBe(true);
    expect(detects(CONFIG, 'file:///w/monitoring/config.yaml')).toBe(true);
    expect(detects(`\uFEFF${CONFIG.replaceAll('\n', '\r\n')}`)).toBe(true);
    expect(detects('"route": {}\n"receivers": []\n')).toBe(true);
    expect(syntaxFor(createSyntaxes({}), 'file:///w/config.yml', CONFIG)?.kind).toBe('alertmanager');
  });

  test.each([
    [
      'a resource of the operator',
      'apiVersion: monitoring.coreos.com/v1alpha1\nkind: AlertmanagerConfig\nspec:\n  route: {}\n  receivers: []\n',
    ],
    ['the OpenTelemetry Collector', 'receivers:\n  otlp: {}\nexporters: {}\nservice:\n  pipelines: {}\n'],
    ['values of a chart', 'alertmanager:\n  config:\n    route: {}\n    receivers: []\n'],
    ['a tenant of Mimir', 'alertmanager_config: |\n  route: {}\n  receivers: []\n'],
    ['receivers alone', 'receivers:\n  - name: a\n'],
    ['nothing', ''],
  ])('not %s', (_, text) => {
    expect(detects(text)).toBe(false);
  });
});

test.each([
  ['Helm', CONFIG.replace('receiver: team', 'receiver: {{ .Values.receiver }}')],
  ['Jinja', `{% if x %}\n${CONFIG}{% endif %}\n`],
  ['a name in braces', CONFIG.replace("'#alerts'", "'{{ slack_channel }}'")],
  ['a name with a filter', CONFIG.replace("'#alerts'", "{{ slack_channel | default('x') }}")],
])('a template is not analysed: %s', (_, text) => {
  expect(parse(text).notAnalysed).toMatch(/\.$/);
});

test('a template by its name, and templates of Go, which are none', () => {
  expect(parse(CONFIG, 'file:///w/alertmanager.yml.j2').notAnalysed).toBeDefined();
  expect(parse(CONFIG).notAnalysed).toBe(undefined);
});

test('the routing tree', () => {
  const { tree, problems } = parse(CONFIG);
  expect(problems).toEqual([]);
  expect(
    routesOf(tree.route).map((route) => [route.place, receiverOf(route)?.value, route.continues]),
  ).toEqual([
    ['route', 'team', false],
    ['route[severity,team]', 'pager', true],
    ['route[severity]', 'team', false],
    ['route[env,x]', 'team', false],
    ['route[severity,team][env]', 'pager', false],
  ]);
  expect(
    routesOf(tree.route).map(({ matchers, complete }) => [
      matchers.map(({ label, operator, value }) => label + operator + value).join(' '),
      complete,
    ]),
  ).toEqual([
    ['', true],
    ['severity=critical team=~db|web', true],
    ['severity=~info|none', true],
    ['env=a,b x!~y', true],
    ['env=prod', true],
  ]);
});

test('the other parts', () => {
  const { tree } = parse(CONFIG);
  expect(
    tree.receivers.map(({ name, integrations }) => [name?.value, integrations.map(({ place }) => place)]),
  ).toEqual([
    ['team', ['receivers.team.slack_configs.0']],
    ['pager', ['receivers.pager.pagerduty_configs.0']],
  ]);
  const [template] = tree.templates;
  expect(CONFIG.slice(template?.span.start, template?.span.end)).toBe("'/etc/alertmanager/templates/*.tmpl'");
  expect(tree.inhibitRules.map(({ place }) => place)).toEqual(['inhibit_rules.0']);
  expect(tree.timeIntervals.map(({ value }) => value)).toEqual(['nights']);
});

test.each([
  ['severity="critical"', ['severity', '=', 'critical']],
  ['{ severity =~ "a|b" }', ['severity', '=~', 'a|b']],
  ['a!=b,', ['a', '!=', 'b']],
  ['"with space"!~"\\"x\\""', ['with space', '!~', '"x"']],
  ['a=""', ['a', '=', '']],
  ['a=', ['a', '=', '']],
])('a matcher, %s', (text, expected) => {
  expect(parseMatchers(text)?.map(({ label, operator, value }) => [label, operator, value])).toEqual([
    expected,
  ]);
});

test.each(['severity', 'a="b', 'a=b"', '="x"'])('no matcher, %s', (text) => {
  expect(parseMatchers(text)).toBe(undefined);
});

test('never throws, on any prefix and any mutation', () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const texts = [
    ...Array.from({ length: CONFIG.length }, (_, end) => CONFIG.slice(0, end)),
    ...Array.from({ length: 300 }, () => {
      const at = next(CONFIG.length);
      return CONFIG.slice(0, at) + CONFIG.charAt(next(CONFIG.length)) + CONFIG.slice(at + next(5));
    }),
  ];
  for (const text of texts) {
    detects(text);
    for (const { span } of parse(text).problems) {
      expect(span.start >= 0 && span.start <= span.end && span.end <= text.length).toBe(true);
    }
  }
});

test('detection is linear', () => {
  const start = performance.now();
  for (const text of [
    'a'.repeat(2_000_000),
    `route:\nreceivers:\n${'{{'.repeat(500_000)}`,
    '\n'.repeat(2_000_000),
  ]) {
    detects(text);
    parseMatchers(text.slice(0, 200_000));
  }
  expect(performance.now() - start).toBeLessThan(3000);
});
