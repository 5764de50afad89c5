import { describe, expect, test } from 'vitest';
import { extractFacts } from '../../server/engine/extract.ts';
import { FactStore } from '../../server/engine/fact-store.ts';
import { Linker } from '../../server/engine/link.ts';
import type { Workspace } from '../../server/engine/workspace.ts';
import { mountsOf } from '../../syntaxes/compose/mounts.ts';
import { buildOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService, EffectiveMap } from '../../syntaxes/compose/tree.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors, loadRules } from '../support/all-rules.ts';
import { ROOT, workspaceOf } from '../support/workspace.ts';

/* What is in effect in a Compose file together with those that Compose reads with it. */

const rules = await loadRules('compose/');
const extractors = await loadExtractors();

type Files = Readonly<Record<string, string>>;

function open(files: Files) {
  const workspace = workspaceOf(files, { rules, extractors });
  return {
    workspace,
    /** What rules say of a file, as `<rule> <marked text>`. */
    found(path: string, ...ids: readonly string[]): readonly string[] {
      const text = workspace.textOf(joinUri(ROOT, path)) ?? '';
      return workspace
        .check(joinUri(ROOT, path))
        .findings.filter(({ rule }) => ids.includes(rule))
        .map(({ rule, span }) => `${rule} ${text.slice(span.start, span.end)}`);
    },
  };
}

/** The services of a file as rules see them. */
function linkedServices(workspace: Workspace, path: string): readonly ComposeService[] {
  const document = workspace.document(joinUri(ROOT, path));
  if (document?.kind !== 'compose') return [];
  const files = new FactStore(extractors.map(({ key }) => key));
  for (const uri of workspace.uris()) {
    const each = workspace.document(uri);
    files.addFile(uri);
    if (each) files.setFacts(uri, extractFacts(extractors, each));
  }
  const { document: next } = new Linker(extractors, files).link(document);
  return next.kind === 'compose' ? next.tree.services : [];
}

function linked(workspace: Workspace, path: string, name: string): EffectiveMap {
  const service = linkedServices(workspace, path).find((each) => each.name === name);
  if (!service) throw new Error(`no service ${name}`);
  return service.effective;
}

describe('extends another file', () => {
  const base = `services:
  base:
    image: ghcr.io/acme/app:1
    privileged: true
    mem_limit: 512m
    ports: ["8080:8080"]
`;

  test('what the other file gives is in effect, and reported there', () => {
    const { found } = open({
      'compose.yaml': `services:
  web:
    extends: {file: common/base.yml, service: base}
    user: root
`,
      'common/base.yml': base,
    });
    expect(found('compose.yaml', 'compose/privileged', 'compose/memory-limit-missing')).toEqual([]);
    expect(found('compose.yaml', 'compose/cap-drop-missing')).toEqual(['compose/cap-drop-missing web']);
    expect(found('common/base.yml', 'compose/privileged')).toHaveLength(1);
    // What a mere template lacks is said of the services that extend it.
    expect(found('common/base.yml', 'compose/cap-drop-missing')).toEqual([]);
    expect(found('compose.yaml', 'compose/port-all-interfaces')).toEqual([]);
  });

  test('own values win, !reset takes a key away', () => {
    const { found } = open({
      'compose.yaml': `services:
  web:
    extends: {file: base.yml, service: base}
    mem_limit: !reset null
`,
      'base.yml': base,
    });
    expect(found('compose.yaml', 'compose/memory-limit-missing')).toEqual([
      'compose/memory-limit-missing web',
    ]);
  });

  test('a file that is not there leaves the service unknown', () => {
    const { found } = open({
      'compose.yaml': `services:
  web:
    extends: {file: gone.yml, service: base}
`,
    });
    expect(found('compose.yaml', 'compose/memory-limit-missing', 'compose/cap-drop-missing')).toEqual([]);
  });

  test('a circle ends', () => {
    const { found } = open({
      'compose.yaml': `services:
  a:
    extends: {file: other.yml, service: b}
    image: ghcr.io/acme/app:1
    privileged: true
`,
      'other.yml': `services:
  b:
    extends: {file: compose.yaml, service: a}
    image: ghcr.io/acme/app:1
`,
    });
    expect(found('compose.yaml', 'compose/privileged')).toHaveLength(1);
  });

  test('a change there makes the result here stale', () => {
    const { workspace, found } = open({
      'compose.yaml': `services:
  web:
    extends: {file: base.yml, service: base}
`,
      'base.yml': base,
    });
    expect(found('compose.yaml', 'compose/memory-limit-missing')).toEqual([]);
    workspace.update([{ uri: joinUri(ROOT, 'base.yml'), text: base.replace('    mem_limit: 512m\n', '') }]);
    expect(found('compose.yaml', 'compose/memory-limit-missing')).toEqual([
      'compose/memory-limit-missing web',
    ]);
  });
});

describe('override files', () => {
  const base = `services:
  db:
    image: postgres:17
    privileged: true
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
`;

  test('what the override file adds is there, and reported in it', () => {
    const { found } = open({
      'compose.yaml': base,
      'compose.override.yaml': `services:
  db:
    mem_limit: 1g
    network_mode: host
`,
    });
    expect(found('compose.yaml', 'compose/memory-limit-missing', 'compose/host-network')).toEqual([]);
    expect(found('compose.override.yaml', 'compose/host-network')).toHaveLength(1);
    expect(found('compose.yaml', 'compose/cap-drop-missing')).toHaveLength(1);
    expect(found('compose.override.yaml', 'compose/cap-drop-missing')).toEqual([]);
  });

  test.each(['privileged: false', 'privileged: !reset true'])('%s takes the finding away', (line) => {
    const { found } = open({
      'compose.yaml': base,
      'compose.override.yaml': `services:\n  db:\n    ${line}\n`,
    });
    expect(found('compose.yaml', 'compose/privileged')).toEqual([]);
  });

  test('a variant that someone may choose changes nothing in the base file', () => {
    const { found } = open({
      'compose.yaml': base,
      'compose.prod.yaml': 'services:\n  db:\n    privileged: false\n',
    });
    expect(found('compose.yaml', 'compose/privileged')).toHaveLength(1);
  });

  test('the variant knows what the base file says', () => {
    const { found } = open({
      'docker-compose.yml': base,
      'docker-compose.prod.yml': `services:
  db:
    ports: ["15432:5432"]
    depends_on: [cache]
`,
    });
    expect(found('docker-compose.prod.yml', 'compose/datastore-port-published')).toHaveLength(1);
    expect(found('docker-compose.prod.yml', 'compose/cap-drop-missing', 'compose/privileged')).toEqual([]);
  });

  test('a secret stays in the file that it stands in, whatever takes its place', () => {
    const { found } = open({
      'compose.yaml': `services:
  web:
    image: ghcr.io/acme/app:1
    environment:
      - API_TOKEN=Kx81hQvbTz55
      - DEBUG=true
`,
      'compose.override.yaml': `services:
  web:
    environment: {API_TOKEN: "\${API_TOKEN}", DEBUG: "false"}
`,
    });
    expect(found('compose.yaml', 'compose/secret-in-environment', 'compose/debug-mode')).toEqual([
      'compose/secret-in-environment Kx81hQvbTz55',
    ]);
  });

  test('a variant that repeats the image is not told again what the base file lacks', () => {
    const { found } = open({
      'docker-compose.yml': 'services:\n  web:\n    build: .\n  db:\n    image: postgres:17\n',
      'docker-compose.prod.yml': `services:
  web:
    image: ghcr.io/acme/web:1
  db:
    mem_limit: 1g
  proxy:
    image: ghcr.io/acme/proxy:1
`,
    });
    expect(found('docker-compose.prod.yml', 'compose/cap-drop-missing')).toEqual([
      'compose/cap-drop-missing proxy',
    ]);
  });

  test('fixes still change the base file', async () => {
    const { workspace } = open({
      'compose.yaml': base,
      'compose.override.yaml': 'services:\n  db:\n    environment:\n      A: b\n',
    });
    const { fixesFor } = await import('../../server/engine/fix.ts');
    const uri = joinUri(ROOT, 'compose.yaml');
    const finding = workspace.check(uri).findings.find(({ rule }) => rule === 'compose/privileged');
    expect(finding && fixesFor(workspace, finding).length).toBeGreaterThan(0);
  });
});

describe('.env beside the file', () => {
  const compose = `services:
  db:
    image: "postgres:\${PG_TAG}"
    ports: ["\${BIND_ADDRESS}:5432:5432"]
    environment:
      POSTGRES_PASSWORD: \${DB_PASSWORD}
`;

  test.each([
    ['BIND_ADDRESS=0.0.0.0\n', ['compose/datastore-port-published ${BIND_ADDRESS}:5432:5432']],
    ['BIND_ADDRESS=127.0.0.1\n', []],
    ['OTHER=1\n', []],
    ['PG_TAG=latest\n', ['compose/image-unpinned postgres:${PG_TAG}']],
    ['PG_TAG=17.2\n', []],
    ['DB_PASSWORD=hunter2hunter2\n', []],
  ])('%j', (env, expected) => {
    const { found } = open({ 'compose.yaml': compose, '.env': env });
    const ids = [
      'compose/datastore-port-published',
      'compose/image-unpinned',
      'compose/secret-in-environment',
    ];
    expect(found('compose.yaml', ...ids, 'compose/weak-default-credential')).toEqual(expected);
  });
});

describe('.env reaches what other files give', () => {
  const inherited = 'image: "ghcr.io/acme/app:1"\n    user: "${APP_UID:-0}"\n';

  test.each([
    ['extends', 'services:\n  web:\n    extends: {file: base.yml, service: web}\n', 'base.yml'],
    ['base file', 'services:\n  web:\n    mem_limit: 1g\n', 'compose.base.yaml'],
  ])('%s', (_, text, other) => {
    const path = other === 'base.yml' ? 'compose.yaml' : 'compose.base.override.yaml';
    const { workspace } = open({
      [path]: text,
      [other]: `services:\n  web:\n    ${inherited}`,
      '.env': 'APP_UID=1000\n',
    });
    expect(linked(workspace, path, 'web').entries.get('user')?.value).toMatchObject({
      node: { value: '1000' },
    });
  });

  test('a variable that an alias gives to a credential stays a variable', () => {
    const { found } = open({
      'compose.yaml': `services:
  db:
    image: ghcr.io/acme/app:1
    environment:
      APP_NAME: &name \${DB}
      POSTGRES_PASSWORD: *name
`,
      '.env': 'DB=hunter2hunter2\n',
    });
    expect(found('compose.yaml', 'compose/secret-in-environment')).toEqual([]);
  });
});

describe('merging as Compose does it', () => {
  test.each([
    ['an empty list and a null leave what is below', 'cap_add:', ['A'], 'cap_add'],
    ['an empty list and a null leave what is below', 'cap_add: null', ['A'], 'cap_add'],
    ['names of networks are joined in either form', 'networks: {front: }', ['back', 'front'], 'networks'],
    ['another log driver has options of its own', 'logging: {driver: local}', ['driver'], 'logging'],
    ['the same log driver keeps them', 'logging: {driver: syslog}', ['driver', 'options'], 'logging'],
  ])('%s: %s', (_, line, expected, key) => {
    const { workspace } = open({
      'compose.yaml': `services:
  web:
    image: ghcr.io/acme/app:1
    cap_add: [A]
    networks: [back]
    logging: {driver: syslog, options: {tag: web}}
`,
      'compose.override.yaml': `services:\n  web:\n    ${line}\n`,
    });
    const value = linked(workspace, 'compose.yaml', 'web').entries.get(key)?.value;
    const names =
      value?.type === 'seq'
        ? value.items.map((item) => (item.value?.type === 'scalar' ? item.value.node.value : ''))
        : value?.type === 'map'
          ? [...value.entries.keys()]
          : [];
    expect(names).toEqual(expected);
  });

  test.each([
    ['compose.yaml', 'docker-compose.override.yml', []],
    ['docker-compose.yml', 'compose.override.yaml', []],
    ['docker-compose.yml', 'other.override.yaml', ['compose/privileged true']],
  ])('%s and %s', (base, override, expected) => {
    const { found } = open({
      [base]: 'services:\n  web:\n    image: ghcr.io/acme/app:1\n    privileged: true\n',
      [override]: 'services:\n  web:\n    image: ghcr.io/acme/app:1\n    privileged: false\n',
    });
    expect(found(base, 'compose/privileged')).toEqual(expected);
  });

  test('paths of another folder stay where they are', () => {
    const { workspace } = open({
      'compose.yaml': 'services:\n  web:\n    extends: {file: sub/compose.yaml, service: web}\n',
      'sub/compose.yaml': `services:
  web:
    build: app
    volumes: [.cache:/c, ./a:/a, data:/d, {type: bind, source: b, target: /b}, {type: volume, source: v, target: /v}]
`,
    });
    const service = linkedServices(workspace, 'compose.yaml').find(({ name }) => name === 'web');
    const mounts = service ? mountsOf(service).map(({ source }) => source) : [];
    expect(mounts).toEqual(['/workspace/sub/.cache', '/workspace/sub/a', 'data', '/workspace/sub/b', 'v']);
    expect(service && buildOf(service, joinUri(ROOT, 'compose.yaml'))?.contextUri).toBe(
      joinUri(ROOT, 'sub/app'),
    );
  });
});

describe('include', () => {
  test('of files that are included as one, a later one goes over the one before it', () => {
    const { found } = open({
      'compose.yaml': 'include:\n  - path: [app/compose.yaml, extra.compose.yaml]\n',
      'app/compose.yaml': 'services:\n  web:\n    image: ghcr.io/acme/app:1\n    privileged: true\n',
      'extra.compose.yaml': 'services:\n  web:\n    privileged: false\n    mem_limit: 1g\n',
    });
    expect(found('app/compose.yaml', 'compose/privileged', 'compose/memory-limit-missing')).toEqual([]);
  });

  test('names and definitions of included files belong to the project', () => {
    const { workspace } = open({
      'compose.yaml': `include:
  - infra/db.yml
services:
  web:
    image: ghcr.io/acme/app:1
    secrets: [token]
    depends_on: {db: {condition: service_healthy}}
`,
      'infra/db.yml': `services:
  db:
    image: postgres:17
secrets:
  token: {environment: TOKEN}
`,
    });
    const rulesOf = workspace.check(joinUri(ROOT, 'compose.yaml')).findings.map(({ rule }) => rule);
    expect(rulesOf).toContain('compose/depends-on-unhealthy');
    expect(rulesOf).toContain('compose/secret-env-default-mode');
  });

  test('a file that does nothing else makes one project of those that it includes', () => {
    const { workspace } = open({
      'compose.yaml': 'include:\n  - web/compose.yaml\n  - db/compose.yaml\n',
      'web/compose.yaml': `services:
  web:
    image: ghcr.io/acme/app:1
    depends_on: [db]
    networks: [back]
`,
      'db/compose.yaml': `services:
  db:
    image: postgres:17
networks:
  back:
`,
    });
    const rulesOf = workspace.check(joinUri(ROOT, 'web/compose.yaml')).findings.map(({ rule }) => rule);
    expect(rulesOf).not.toContain('compose/undefined-reference');
  });
});

describe('override files that only define something', () => {
  test('what they define is there', () => {
    const { found } = open({
      'compose.yaml': `services:
  web:
    image: ghcr.io/acme/app:1
    networks: [back]
`,
      'compose.override.yaml': 'networks:\n  back:\n',
    });
    expect(found('compose.yaml', 'compose/undefined-reference')).toEqual([]);
  });
});

test('stacks that lie in one folder have nothing to do with each other', () => {
  const stack = (name: string, restart: string) =>
    `services:\n  ${name}:\n    image: ghcr.io/acme/${name}:1\n    restart: ${restart}\n`;
  const { workspace } = open({
    'a.yml': stack('a', 'always'),
    'b.yml': stack('b', 'always'),
    'c.yml': stack('c', 'always'),
  });
  const before = workspace.check(joinUri(ROOT, 'a.yml'));
  workspace.update([{ uri: joinUri(ROOT, 'b.yml'), text: stack('b', 'unless-stopped') }]);
  workspace.update([{ uri: joinUri(ROOT, 'd.yml'), text: stack('d', 'always') }]);
  expect(workspace.check(joinUri(ROOT, 'a.yml'))).toBe(before);
});

test('what is added to a body that others merge in is no safe fix', async () => {
  const { workspace } = open({
    'compose.yaml': `services:
  web: &web
    image: ghcr.io/acme/app:1
  worker:
    <<: *web
    command: work
`,
  });
  const { fixesFor } = await import('../../server/engine/fix.ts');
  const finding = workspace
    .check(joinUri(ROOT, 'compose.yaml'))
    .findings.find(({ rule, place }) => rule === 'compose/no-new-privileges' && place.includes('.web.'));
  const [fix] = finding ? fixesFor(workspace, finding) : [];
  expect(fix).toMatchObject({ safety: 'review', risk: expect.stringContaining('worker') });
});
