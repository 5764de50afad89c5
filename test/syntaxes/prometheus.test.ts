import { describe, expect, test } from 'vitest';
import { prometheusConfigSyntax, prometheusRulesSyntax } from '../../syntaxes/prometheus/syntax.ts';
import { fieldOf, rulesOf } from '../../syntaxes/prometheus/tree.ts';
import { asScalar } from '../../syntaxes/yaml/tree.ts';

const CONFIG = `global:
  scrape_interval: 15s
rule_files:
  - "alerts/*.yml"
  - rules.yml
alerting:
  alertmanagers:
    - static_configs:
        - targets: [alertmanager:9093]
scrape_configs:
  - job_name: app
    static_configs:
      - targets: ['app:8000', "http://db.example.com:9187/metrics", "[::1]:9100"]
  - job_name: probe
    static_configs:
      - targets:
          - https://example.com
    relabel_configs:
      - target_label: __address__
        replacement: blackbox:9115
`;

const RULES = `groups:
  - name: app
    interval: 30s
    rules:
      - alert: HighErrorRate
        expr: |
          sum(rate(errors_total[5m]))
            > 5
        for: 5m
        labels: &labels
          severity: warning
      - record: job:up:sum
        expr: 'sum by (job) (up{job="it''s"})'
        labels:
          <<: *labels
`;

const config = (text: string) => prometheusConfigSyntax.parse('file:///w/prometheus.yml', text);
const rules = (text: string, uri = 'file:///w/rules.yml') => prometheusRulesSyntax.parse(uri, text);

describe('detection of a configuration', () => {
  const isConfig = (text: string, uri = 'file:///w/prometheus.yml') =>
    prometheusConfigSyntax.detect(uri, text);

  test('by its keys, whatever it is called', () => {
    expect(isConfig(CONFIG)).toBe(true);
    expect(isConfig(CONFIG, 'file:///w/monitoring/prom-prod.yaml')).toBe(true);
    expect(isConfig(`\uFEFF${CONFIG.replaceAll('\n', '\r\n')}`)).toBe(true);
    expect(isConfig('rule_files:\n  - a.yml\nglobal: {}\n')).toBe(true);
  });

  test.each([
    ['Promtail', 'server: {}\npositions: {}\nclients: []\nscrape_configs: []\n'],
    ['the Grafana Agent', 'metrics:\n  configs: []\nserver: {}\nscrape_configs: []\n'],
    [
      'the OpenTelemetry Collector',
      'receivers:\n  prometheus:\n    config:\n      scrape_configs: []\nservice: {}\n',
    ],
    ['tests of promtool', 'rule_files:\n  - a.yml\nevaluation_interval: 1m\ntests: []\n'],
    ['a Compose file', 'services:\n  a:\n    image: x\nscrape_configs: []\n'],
    ['rules', RULES],
    ['values of a chart', 'prometheus:\n  scrape_configs: []\n'],
    ['nothing', ''],
  ])('not %s', (_, text) => {
    expect(isConfig(text)).toBe(false);
  });
});

describe('detection of rules', () => {
  const isRules = (text: string, uri = 'file:///w/rules.yml') => prometheusRulesSyntax.detect(uri, text);

  test('with groups, for the operator, as a list, in any file for rules', () => {
    expect(isRules(RULES)).toBe(true);
    expect(isRules(RULES, 'file:///w/alert.rules')).toBe(true);
    expect(isRules('- alert: A\n  expr: up == 0\n  severity: critical\n')).toBe(true);
    expect(isRules('groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]')).toBe(true);
    expect(
      isRules(
        'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n  - rules:\n    - record: a\n      expr: b\n',
      ),
    ).toBe(true);
  });

  test.each([
    [
      'Grafana',
      'apiVersion: 1\ngroups:\n  - name: a\n    rules:\n      - uid: x\n        title: T\n        data:\n          - model:\n              expr: up\n',
    ],
    [
      'tests of promtool',
      'rule_files: [a.yml]\ntests:\n  - alert_rule_test:\n      - alertname: A\n    promql_expr_test:\n      - expr: up\n        record: a\n',
    ],
    [
      'values of a chart',
      'serverFiles:\n  alerting_rules.yml:\n    groups:\n      - rules:\n          - alert: A\n            expr: up\n',
    ],
    [
      'another resource',
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  groups: |\n    - alert: A\n      expr: up\n',
    ],
    ['a configuration', CONFIG],
  ])('not %s', (_, text) => {
    expect(isRules(text)).toBe(false);
  });
});

describe('templates and other languages are not analysed', () => {
  test.each([
    ['Helm', RULES.replace('name: app', 'name: {{ .Values.name }}')],
    ['Helm, escaped', `${RULES}        annotations:\n          summary: '{{ "{{" }} $labels.job }}'\n`],
    ['Helm around it', `{{- if true }}\n${RULES}{{- end }}\n`],
    ['Jinja', `{% for x in y %}\n${RULES}{% endfor %}\n`],
    ['an expression with holes', RULES.replace('errors_total', '{{ metric }}')],
    ['LogQL', RULES.replace('sum(rate(errors_total[5m]))', 'sum(rate({app="x"} |= "error" | json [5m]))')],
  ])('%s', (_, text) => {
    expect(rules(text).notAnalysed).toMatch(/\.$/);
  });

  test('by the name', () => {
    expect(rules(RULES, 'file:///w/rules.yml.j2').notAnalysed).toBeDefined();
  });

  test("a rule's own templates are none", () => {
    const text = `${RULES}        annotations:
          description: |
            {{ range query "up" }}
            {{ .Labels.job }} {{ .Value | humanize }} {{ if gt $value 1.0 }}x{{ end }}
            {{ end }}
`;
    expect(rules(text).notAnalysed).toBe(undefined);
  });
});

test('a configuration with the spans of its parts', () => {
  const { tree } = config(CONFIG);
  expect(
    tree.rulePatterns.map(({ pattern, scalar }) => [
      pattern,
      CONFIG.slice(scalar.span.start, scalar.span.end),
    ]),
  ).toEqual([
    ['alerts/*.yml', '"alerts/*.yml"'],
    ['rules.yml', 'rules.yml'],
  ]);
  expect(tree.alertmanagers.length).toBe(1);
  expect(tree.jobs.map((job) => [job.name?.value, job.relabelsAddress])).toEqual([
    ['app', false],
    ['probe', true],
  ]);
  expect(tree.jobs[0]?.targets.map(({ host, port }) => [host, port])).toEqual([
    ['app', '8000'],
    ['db.example.com', '9187'],
    ['[::1]', '9100'],
  ]);
});

test.each([
  ['LF', RULES],
  ['CRLF', RULES.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${RULES}`],
])('rules with the spans of their parts, with %s', (_, text) => {
  const { tree, problems } = rules(text);
  expect(problems).toEqual([]);
  const [alert, record] = rulesOf(tree);
  expect([alert?.kind, alert?.name?.value, alert?.place]).toEqual([
    'alert',
    'HighErrorRate',
    'groups.app.rules.HighErrorRate',
  ]);
  expect([record?.kind, record?.name?.value]).toEqual(['record', 'job:up:sum']);
  const root = alert?.expr?.promql?.root;
  expect(text.slice(root?.span.start, root?.span.end)).toMatch(/^sum\(rate\(errors_total\[5m\]\)\)\s+> 5$/);
  const quoted = record?.expr?.promql?.root;
  expect(text.slice(quoted?.span.start, quoted?.span.end)).toBe(`sum by (job) (up{job="it''s"})`);
});

test('merge keys are followed', () => {
  const record = rulesOf(rules(RULES).tree)[1];
  const labels = record && fieldOf(record.map, 'labels')?.value;
  expect(labels?.type === 'map' && asScalar(fieldOf(labels, 'severity')?.value)?.value).toBe('warning');
});

test('a bare list is one group without a map', () => {
  const { tree } = rules('- alert: A\n  expr: up == 0\n', 'file:///w/database.yml');
  expect([tree.form, tree.groups.length, tree.groups[0]?.map, rulesOf(tree)[0]?.place]).toEqual([
    'bare',
    1,
    undefined,
    'groups.database.rules.A',
  ]);
});

test('all documents of a stream of operator resources are read', () => {
  const one = (name: string) => `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: ${name}}
spec:
  groups:
    - name: ${name}
      rules:
        - alert: ${name}
          expr: up == 0
`;
  expect(rulesOf(rules(`${one('a')}---\n${one('b')}`).tree).map((rule) => rule.name?.value)).toEqual([
    'a',
    'b',
  ]);
});

test('expressions with placeholders are not read as PromQL', () => {
  const { tree } = rules(`groups:
  - name: a
    rules:
      - record: a
        expr: rate(x[\${WINDOW}])
      - record: b
        expr: label_replace(x, "a", "$1", "b", "(.*)")
`);
  expect(rulesOf(tree).map((rule) => rule.expr?.promql !== undefined)).toEqual([false, true]);
});

test('never throws, on any prefix and any mutation', () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (const sample of [CONFIG, RULES]) {
    const texts = [
      ...Array.from({ length: sample.length }, (_, end) => sample.slice(0, end)),
      ...Array.from({ length: 300 }, () => {
        const at = next(sample.length);
        return sample.slice(0, at) + sample.charAt(next(sample.length)) + sample.slice(at + next(5));
      }),
    ];
    for (const text of texts) {
      for (const syntax of [prometheusConfigSyntax, prometheusRulesSyntax]) {
        syntax.detect('file:///w/x.yml', text);
        for (const { span } of syntax.parse('file:///w/x.yml', text).problems) {
          expect(span.start >= 0 && span.start <= span.end && span.end <= text.length).toBe(true);
        }
      }
    }
  }
});

test('detection is linear', () => {
  const start = performance.now();
  for (const text of [
    'a'.repeat(2_000_000),
    ' '.repeat(2_000_000),
    '- - '.repeat(500_000),
    `groups:\n${'{{'.repeat(500_000)}`,
    `rule_files\n${'\n'.repeat(2_000_000)}`,
  ]) {
    prometheusConfigSyntax.detect('file:///w/x.yml', text);
    prometheusRulesSyntax.detect('file:///w/x.yml', text);
  }
  expect(performance.now() - start).toBeLessThan(3000);
});
