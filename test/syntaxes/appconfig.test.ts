import { describe, expect, test } from 'vitest';
import { settingOf } from '../../syntaxes/appconfig/placeholder.ts';
import { appConfigSyntax } from '../../syntaxes/appconfig/syntax.ts';

const SETTINGS = `database:
  host: db
  pool: { size: 5, maxOverflow: 10 }
server.port: "\${PORT:-8080}"
admins:
  - name: a
    token: "x"
`;

function detects(path: string, text = SETTINGS): boolean {
  return appConfigSyntax.detect(`file:///repo/${path}`, text);
}

function entries(text: string) {
  return appConfigSyntax.parse('file:///repo/config.yaml', text).tree.entries;
}

describe('detection by path', () => {
  test.each([
    'config.yaml',
    'config.yml',
    'settings.yml',
    'application.yml',
    'application-prod.yaml',
    'src/main/resources/application.yml',
    'app.yaml',
    'conf.yml',
    'appconfig.yaml',
    'config.production.yaml',
    'production.yaml',
    'server.config.yaml',
    'my-config.yml',
    'config/database.yml',
    'conf/anything.yaml',
    'settings/base.yml',
    '.config/app.yaml',
    'config/prod/db.yaml',
    'Config.YAML',
  ])('%s holds settings', (path) => {
    expect(detects(path)).toBe(true);
  });

  test.each([
    'data.yaml',
    'config.json',
    'docker-compose.yml',
    'config/docker-compose.yml',
    'config/openapi.yaml',
    'values.yaml',
    'charts/config.yaml',
    '.github/ISSUE_TEMPLATE/config.yml',
    '.circleci/config.yml',
    'config/locales/en.yml',
    'mkdocs.yml',
    'k8s/config.yaml',
    'config/routes.yaml',
    '_config.yml',
    'node_modules/x/config.yaml',
    'config.yaml.j2',
    'config/app-alerts.yml',
  ])('%s does not', (path) => {
    expect(detects(path)).toBe(false);
  });

  test('folders far above do not count', () => {
    expect(detects('config/a/b/c/data.yaml')).toBe(false);
  });
});

describe('detection by content', () => {
  test.each([
    ['Kubernetes', 'apiVersion: v1\nkind: ConfigMap\ndata: {}\n'],
    ['Prometheus', 'global:\n  scrape_interval: 15s\nscrape_configs: []\n'],
    ['Prometheus rules', 'groups:\n  - name: a\n    rules: []\n'],
    ['Alertmanager', 'route:\n  receiver: a\nreceivers:\n  - name: a\n'],
    ['Loki', 'auth_enabled: false\nschema_config:\n  configs: []\n'],
    ['Promtail', 'positions:\n  filename: /tmp/p\nclients: []\nscrape_configs: []\n'],
    ['OpenTelemetry Collector', 'receivers: {}\nexporters: {}\nservice: {}\n'],
    ['GitHub workflow', 'on: push\njobs: {}\n'],
    ['OpenAPI', 'openapi: 3.1.0\ninfo: {}\n'],
    ['Helm chart', 'apiVersion: v2\nname: x\nversion: 1.0.0\n'],
    ['mkdocs', 'site_name: x\nnav: []\n'],
    ['Compose', 'services:\n  web:\n    image: nginx\n'],
    ['Ansible', '- hosts: all\n  tasks: []\n'],
    ['a list', '- a\n- b\n'],
    ['a scalar', 'hello\n'],
    ['nothing', '\n# only a comment\n'],
  ])('%s is no settings', (_, text) => {
    expect(detects('config.yaml', text)).toBe(false);
  });

  test('own keys that look like another kind’s', () => {
    expect(detects('config.yaml', 'services:\n  mailer:\n    retries: 3\nroute: /api\nkind: server\n')).toBe(
      true,
    );
  });

  test('lists under keys in the first column', () => {
    expect(detects('config.yaml', 'hosts:\n- a\n- b\nport: 1\n')).toBe(true);
  });

  test('a byte order mark and CRLF', () => {
    expect(detects('config.yaml', `\uFEFF${SETTINGS.replaceAll('\n', '\r\n')}`)).toBe(true);
  });
});

describe('entries', () => {
  test('keys are words, taken apart at dots and in camel case', () => {
    const found = entries(SETTINGS).map((entry) => [entry.keys.join('/'), entry.path, entry.inList]);
    expect(found).toEqual([
      ['database', 'database', false],
      ['database/host', 'database.host', false],
      ['database/pool', 'database.pool', false],
      ['database/pool/size', 'database.pool.size', false],
      ['database/pool/max_overflow', 'database.pool.maxOverflow', false],
      ['server/port', 'server.port', false],
      ['admins', 'admins', false],
      ['admins/name', 'admins[0].name', true],
      ['admins/token', 'admins[0].token', true],
    ]);
  });

  test('siblings are the entries of the same map', () => {
    const pool = entries(SETTINGS).find((entry) => entry.path === 'database.pool');
    expect(pool?.siblings.map((entry) => entry.key)).toEqual(['host', 'pool']);
  });

  test('all documents of a stream', () => {
    expect(entries('a: 1\n---\nb: 2\n').map((entry) => entry.path)).toEqual(['a', 'b']);
  });
});

describe('values', () => {
  function setting(value: string): unknown {
    const text = `key: ${value}\n`;
    const scalar = entries(text)[0]?.scalar;
    const found = scalar && settingOf(text, scalar);
    return found?.type === 'literal'
      ? [found.value, text.slice(found.span.start, found.span.end), found.variable]
      : found?.type;
  }

  test.each([
    ['5', ['5', '5', undefined]],
    ['"5"', ['5', '5', undefined]],
    ["'it''s'", ["it's", "it''s", undefined]],
    ['${SIZE:10}', ['10', '10', 'SIZE']],
    ['${SIZE:-10}', ['10', '10', 'SIZE']],
    ['"${ db.size : 10 }"', ['10', '10', 'db.size']],
    ['${SIZE}', 'unknown'],
    ['${SIZE:}', 'unknown'],
    ['${A:${B:1}}', 'unknown'],
    ['http://${HOST}/x', 'unknown'],
    ['$SIZE', 'unknown'],
    ['"{{ size }}"', 'unknown'],
    ['!env SIZE', 'unknown'],
    ['|\n  text', 'unknown'],
  ])('%s', (value, expected) => {
    expect(setting(value)).toEqual(expected);
  });
});

describe('texts that are no YAML', () => {
  test.each([
    '<% if x %>\na: 1\n<% end %>\n',
    '{% if x %}\na: 1\n{% endif %}\n',
    'a: {{ .Values.a }}\nb: 1\n',
  ])('a template is not analysed: %j', (text) => {
    expect(appConfigSyntax.parse('file:///repo/config.yaml', text).notAnalysed).toMatch(/template/);
  });

  test('a reference in quotes makes no template', () => {
    expect(appConfigSyntax.parse('file:///repo/config.yaml', 'a: "{{ x }}"\n').notAnalysed).toBe(undefined);
  });

  test('every beginning of a file parses', () => {
    for (let end = 0; end <= SETTINGS.length; end++) {
      const text = SETTINGS.slice(0, end);
      expect(() => appConfigSyntax.detect('file:///repo/config.yaml', text)).not.toThrow();
      expect(appConfigSyntax.parse('file:///repo/config.yaml', text).text).toBe(text);
    }
  });

  test('a broken file has a problem and what could be read', () => {
    const document = appConfigSyntax.parse('file:///repo/config.yaml', 'a: 1\nb: "x\nc: 2\n');
    expect(document.problems.length).toBeGreaterThan(0);
    expect(document.tree.entries[0]?.path).toBe('a');
  });

  test('detection takes time in proportion to the text', () => {
    const texts = [
      `${'\n'.repeat(200_000)}a: 1\n`,
      `${'a:\n'.repeat(100_000)}`,
      `${'- \n'.repeat(100_000)}`,
      'a'.repeat(400_000),
    ];
    const start = performance.now();
    for (const text of texts) appConfigSyntax.detect('file:///repo/config.yaml', text);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
