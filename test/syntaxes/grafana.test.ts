import { describe, expect, test } from 'vitest';
import { grafanaSyntax } from '../../syntaxes/grafana/syntax.ts';
import { createSyntaxes, syntaxFor } from '../../syntaxes/registry.ts';

const DATASOURCES = `apiVersion: 1
deleteDatasources: []
datasources:
  - name: Prometheus
    type: Prometheus
    url: http://prometheus:9090
  - uid: loki
    type: loki
`;

const detects = (text: string, uri = 'file:///w/provisioning/x.yml') => grafanaSyntax.detect(uri, text);

describe('detection', () => {
  test.each([
    ['data sources', DATASOURCES],
    [
      'with a comment and CRLF',
      `# x\r\n${DATASOURCES.replaceAll('\n', '\r\n').replace('apiVersion: 1', 'apiVersion: 1 # one')}`,
    ],
    ['dashboards', 'apiVersion: 1\nproviders:\n  - name: a\n    options: {path: /d}\n'],
    ['contact points', 'apiVersion: 1\ncontactPoints: []\npolicies: []\n'],
    ['rules', 'apiVersion: 1\ngroups:\n  - name: a\n    rules: []\n'],
  ])('%s', (_, text) => {
    expect(detects(text)).toBe(true);
    expect(syntaxFor(createSyntaxes({}), 'file:///w/x.yml', text)?.kind).toBe('grafana');
  });

  test.each([
    ['a resource of Kubernetes', 'apiVersion: v1\nkind: ConfigMap\ndata: {}\n'],
    ['a resource of an operator', 'apiVersion: 1\nkind: X\ndatasources: []\n'],
    ['values of a chart', 'datasources:\n  datasources.yaml:\n    apiVersion: 1\n'],
    ['other keys', 'apiVersion: 1\nproviders: []\nservices: {}\n'],
    ['a version alone', 'apiVersion: 1\n'],
  ])('not %s', (_, text) => {
    expect(detects(text)).toBe(false);
  });
});

test('data sources and where contact points send to', () => {
  const { tree } = grafanaSyntax.parse('file:///w/x.yml', DATASOURCES);
  expect(tree.datasources.map(({ name, type, place }) => [name?.value, type, place])).toEqual([
    ['Prometheus', 'prometheus', 'datasources.Prometheus'],
    [undefined, 'loki', 'datasources.loki'],
  ]);
  const contact = grafanaSyntax.parse(
    'file:///w/x.yml',
    'apiVersion: 1\ncontactPoints:\n  - name: team\n    receivers:\n      - {type: Slack, settings: {url: $URL}}\n      - type: email\n',
  );
  expect(
    contact.tree.receivers.map(({ type, place, settings }) => [type, place, settings !== undefined]),
  ).toEqual([
    ['slack', 'contactPoints.team.0', true],
    ['email', 'contactPoints.team.1', false],
  ]);
});

test('templates are not analysed', () => {
  const text = DATASOURCES.replace('name: Prometheus', 'name: {{ .Values.name }}');
  expect(grafanaSyntax.parse('file:///w/x.yml', text).notAnalysed).toMatch(/\.$/);
  expect(grafanaSyntax.parse('file:///w/x.yml.j2', DATASOURCES).notAnalysed).toMatch(/\.$/);
});

test('never throws, on any prefix', () => {
  for (let end = 0; end <= DATASOURCES.length; end++) {
    const text = DATASOURCES.slice(0, end);
    detects(text);
    expect(grafanaSyntax.parse('file:///w/x.yml', text).kind).toBe('grafana');
  }
});
