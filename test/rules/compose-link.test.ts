import { describe, expect, test } from 'vitest';
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

describe('include', () => {
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
