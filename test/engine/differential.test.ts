import { expect, test } from 'vitest';
import { fixesFor } from '../../server/engine/fix.ts';
import type { Workspace } from '../../server/engine/workspace.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors, loadRules } from '../support/all-rules.ts';
import { ROOT, workspaceOf } from '../support/workspace.ts';

/* Whatever came and went before: a workspace says of its files what a new one says of the same files. */

const rules = [...(await loadRules('compose/')), ...(await loadRules('dockerfile/'))];
const extractors = await loadExtractors();
const at = (path: string) => joinUri(ROOT, path);

/** The texts that each file takes turns in. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'compose.yaml': [
    `services:
  web:
    extends: {file: common/base.compose.yml, service: base}
    user: root
    ports: ["\${BIND}:80:80"]
  db:
    image: "postgres:\${PG_TAG:-latest}"
    environment: {POSTGRES_PASSWORD: "\${DB_PASSWORD}"}
`,
    `include:
  - infra/compose.yml
  - path: [common/base.compose.yml, deep/compose.yml]
services:
  web:
    build: {context: ., dockerfile: web.img}
    privileged: true
    depends_on: [db]
    volumes: [./src:/app, data:/data]
`,
    `services:
  web:
    image: ghcr.io/acme/web:1
    build:
      dockerfile_inline: |
        FROM node:22
        WORKDIR /app
        COPY . .
        RUN npm ci && chmod 777 /srv
        COPY start /start
        ENTRYPOINT ["/start"]
    privileged: true
    volumes: [./src:/app]
  job: {image: busybox, command: [migrate]}
`,
    'services:\n  web: {build: ./app, user: "${APP_UID:-0}"}\n  db: {image: "postgres:17", env_file: [db.env]}\n',
    'services:\n  web: {build: {context: ., dockerfile: compose.yaml}}\n',
    'services: {}\n',
    'services: [compose',
  ],
  'compose.override.yaml': [
    'services:\n  web:\n    privileged: false\n    mem_limit: 1g\n',
    `services:
  db: {ports: ["5432:5432"]}
  web:
    build:
      dockerfile_inline: |
        FROM debian:12
        USER root
`,
    'volumes:\n  data:\n',
    'services:\n  web: {cap_add: [SYS_ADMIN], networks: [back]}\nnetworks: {back: }\n',
  ],
  'compose.prod.yaml': [
    `services:
  web: {user: "1000", network_mode: host}
  db: {ports: ["\${BIND:-0.0.0.0}:5432:5432"]}
`,
    `services:
  other: {extends: {file: compose.yaml, service: web}}
  web:
    image: nginx
    build:
      dockerfile_inline: |
        FROM a
`,
  ],
  'docker-compose.yml': [
    'services:\n  web: {build: ./app, mem_limit: 1g}\n',
    'services:\n  web: {extends: {file: compose.prod.yaml, service: other}}\n',
  ],
  'common/base.compose.yml': [
    'services:\n  base: {image: "ghcr.io/acme/app:1", privileged: true, mem_limit: 512m, build: ./ctx}\n',
    'services:\n  base: {extends: {file: ../deep/compose.yml, service: base}, volumes: [./conf:/conf], user: root}\n',
    'services:\n  base: {extends: {file: ../compose.yaml, service: web}, image: "a:1"}\n',
  ],
  'deep/compose.yml': [
    'services:\n  base: {image: redis, build: {context: ../app}, cap_drop: [ALL]}\n',
    'services:\n  base: {image: "redis:${PG_TAG}", pid: host}\n',
  ],
  'infra/compose.yml': [
    'services:\n  db: {image: "postgres:17"}\nvolumes: {data: }\n',
    'services:\n  db: {image: postgres, ports: ["5432:5432"], build: ../app}\n',
    'include: [../compose.yaml]\nservices:\n  x: {image: a}\n',
  ],
  '.env': [
    'BIND=0.0.0.0\nPG_TAG=17\n',
    'BIND=127.0.0.1\nDB_PASSWORD=hunter2hunter\nAPP_UID=1000\n',
    'BIND="${X}"\n',
  ],
  'db.env': ['POSTGRES_PASSWORD=abcdef12345\n', 'A=b\n'],
  Dockerfile: [
    'FROM debian:13\nCOPY . /app\nCMD ["app"]\n',
    'FROM debian:13\nCOPY start /start\nENTRYPOINT ["/start"]\n',
  ],
  'web.img': [
    'FROM debian:13\nCOPY start /start\nENTRYPOINT ["/start"]\n',
    'FROM node:22\nRUN npm ci\nWORKDIR /app\nCOPY . .\nUSER node\n',
    '#!/bin/sh\nexec gosu app "$@"\n',
  ],
  'app/Dockerfile': [
    'FROM python\nADD http://x/y /z\nCOPY start.sh /\nENTRYPOINT ["/start.sh"]\n',
    'FROM debian:13\nCOPY web.img /run\nENTRYPOINT ["/run"]\n',
  ],
  'app/start.sh': ['#!/bin/sh\nexec gosu app "$@"\n', '#!/bin/sh\nexec app\n'],
  start: ['exec su-exec app\n', 'exec app\n', 'FROM debian:13\nRUN chmod 777 /x\n'],
  '.dockerignore': ['.env\n.git\n', '*\n'],
  '.gitignore': ['.env\n', 'db.env\n'],
  'src/a.js': ['x'],
  '.hardlint.jsonc': ['{"profile": "default"}', '{"rules": {"compose/privileged": "off"}}'],
};
const PATHS = Object.keys(TEXTS);
const STEPS = 32;

/** Mulberry32: whole numbers below `n`, the same ones for the same seed. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

function findingsIn(workspace: Workspace) {
  return workspace.uris().map((uri) => workspace.check(uri));
}

function sorted(findings: readonly unknown[]): readonly string[] {
  return findings.map((finding) => JSON.stringify(finding)).sort();
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('edits in any order, seed %i', (seed) => {
  const random = numbers(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[random(list.length)];
  const files = new Map<string, string>();
  const workspace = workspaceOf({}, { rules, extractors });
  const steps: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const path = pick(PATHS) ?? '';
    const version = random((TEXTS[path]?.length ?? 0) + 1);
    const text = TEXTS[path]?.[version];
    if (text === undefined) files.delete(path);
    else files.set(path, text);
    steps.push(`${path} ${text === undefined ? 'gone' : version}`);
    workspace.update([{ uri: at(path), text }]);

    const fresh = workspaceOf(Object.fromEntries(files), { rules, extractors });
    expect(findingsIn(workspace), steps.join(', ')).toEqual(findingsIn(fresh));
    const uri = pick(workspace.uris());
    const finding = uri && pick(workspace.check(uri).findings);
    if (!uri || !finding || workspace.isConfig(uri)) continue;
    expect(fixesFor(workspace, finding), steps.join(', ')).toEqual(fixesFor(fresh, finding));
    const preview = workspace.preview(new Map([[uri, workspace.textOf(uri) ?? '']])).get(uri);
    const found = workspace.rawFindings(uri).filter(({ rule }) => !rule.startsWith('hardlint/'));
    expect(sorted(preview?.findings.map((live) => live.finding) ?? []), steps.join(', ')).toEqual(
      sorted(found),
    );
  }
});
