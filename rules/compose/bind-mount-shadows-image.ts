import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { buildOf, wordsOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { appendItem } from '../core/yaml-edits.ts';
import { dockerfileFilledFacts, type FilledPath } from '../facts/dockerfile-filled.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { cleanPath, mountSpan } from './shared/host-paths.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { builtStage } from './shared/user.ts';

export const rule = defineRule({
  id: 'compose/bind-mount-shadows-image',
  title: 'Bind mount hides what the image was built with',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /volumes/,
  dev: 'off',
  docs: {
    why: `A bind mount covers the folder of the image as a whole. Dependencies that the Dockerfile installed there, and output that it
compiled, are gone; the service runs with whatever the host happens to have in its place, or does not start on a fresh machine.
What was tested and scanned is then not what runs.`,
    fix: 'Delete the mount: the image has the code already. A mount for development belongs into `compose.override.yaml`.',
    falsePositives: `Only Dockerfiles in the workspace are known. Not reported in files for development, where a volume at the hidden folder
(\`/app/node_modules\`) keeps it, and where the service's command or a script at its start may install the dependencies anew.`,
    cwe: [1188],
    references: [
      'https://docs.docker.com/engine/storage/bind-mounts/#mounting-over-existing-data',
      'https://docs.docker.com/reference/compose-file/services/#volumes',
    ],
  },
  bad: [
    {
      name: 'dependencies of Node.js',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    volumes:
      - «./:/app»
    restart: always
`,
        Dockerfile:
          'FROM node:24-slim\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev\nCOPY . .\nUSER node\nCMD ["node", "server.js"]\n',
      },
      fixed: `services:
  web:
    build: .
    restart: always
`,
      offers: ['Delete the mount', 'Keep /app/node_modules of the image in a volume'],
    },
    {
      name: 'compiled output of another stage, and a virtual environment',
      files: {
        'compose.yaml': `services:
  site:
    build: { context: site, target: prod }
    volumes: ["«./site:/srv/app:ro»", "./logs:/srv/logs"]
  jobs:
    build: jobs
    volumes:
      - type: bind
        source: «./jobs»
        target: /code/
  php:
    build: php
    volumes: [«./php:/var/www/html»]
  api:
    build: api
    volumes: [«.:/srv», "./html:/usr/share/nginx/html"]
`,
        'site/Dockerfile':
          'FROM golang:1.25 AS build\nWORKDIR /src\nRUN go build -o /out/site .\nFROM alpine:3.22 AS prod\nWORKDIR /srv/app\nCOPY --from=build /out/site ./bin/site\nCMD ["./bin/site"]\n',
        'api/Dockerfile':
          'FROM node:24 AS build\nWORKDIR /src\nRUN npm ci\nFROM node:24-slim\nCOPY --from=build /src/dist /srv/\nCOPY --from=build /src/html /usr/share/nginx/html\nCMD ["node", "/srv/main.js"]\n',
        'php/Dockerfile':
          'FROM php:8.4-apache\nWORKDIR /var/www/html\nCOPY . .\nRUN composer install --no-dev\n',
        'jobs/Dockerfile':
          'FROM python:3.13-slim\nWORKDIR /code\nRUN python -m venv .venv && .venv/bin/pip install -r requirements.txt\nCMD [".venv/bin/python", "run.py"]\n',
      },
      fixed: `services:
  site:
    build: { context: site, target: prod }
    volumes: ["./logs:/srv/logs"]
  jobs:
    build: jobs
    volumes:
      - type: bind
        source: ./jobs
        target: /code/
  php:
    build: php
    volumes: [./php:/var/www/html]
  api:
    build: api
    volumes: [.:/srv, "./html:/usr/share/nginx/html"]
`,
    },
  ],
  good: [
    {
      name: 'a volume keeps the folder',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    volumes:
      - ./:/app
      - /app/node_modules
  admin:
    build: .
    volumes: [".:/app", "modules:/app/node_modules/"]
volumes: { modules: {} }
`,
        Dockerfile: 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "server.js"]\n',
      },
    },
    {
      name: 'other folders, files, dependencies elsewhere, plain copies, unknown Dockerfiles',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    volumes: ["./src:/app/src", "./config.json:/app/config.json:ro", "./data:/data", "app:/app"]
  global:
    build: ./global
    volumes: [".:/app"]
  unknown:
    build: ./unknown
    volumes: [".:/app"]
  pulled:
    image: ghcr.io/acme/app:1
    volumes: [".:/app"]
volumes: { app: {} }
`,
        Dockerfile: 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "server.js"]\n',
        'global/Dockerfile':
          'FROM python:3.13-slim\nWORKDIR /app\nRUN pip install flask && npm install -g serve\nCOPY . .\nCMD ["python", "app.py"]\n',
      },
    },
    {
      name: 'the command installs anew, or a script may do so',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    command: sh -c "npm install && npm start"
    volumes: [".:/app"]
  script:
    build: script
    volumes: [".:/app"]
`,
        Dockerfile: 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "server.js"]\n',
        'script/Dockerfile':
          'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nENTRYPOINT ["./docker-entrypoint.sh"]\n',
      },
    },
    {
      name: 'dependencies that the build puts elsewhere, and data',
      files: {
        'compose.yaml': `services:
  uv:
    build: uv
    volumes: [".:/app"]
  moved:
    build: moved
    volumes: [".:/app"]
  cached:
    build: cached
    volumes: [".:/app", "./data:/srv/data"]
`,
        'uv/Dockerfile':
          'FROM python:3.13-slim\nENV UV_PROJECT_ENVIRONMENT=/opt/venv\nWORKDIR /app\nRUN uv sync --locked\nCMD ["app"]\n',
        'moved/Dockerfile':
          'FROM node:24-slim\nWORKDIR /app\nRUN npm ci\nRUN mv node_modules /\nCMD ["node", "server.js"]\n',
        'cached/Dockerfile':
          'FROM rust:1.90 AS build\nWORKDIR /app\nRUN --mount=type=cache,target=/app/target cargo build --release\nFROM build\nCOPY --from=build /seed /srv/data/seed\nCMD ["app"]\n',
      },
    },
    {
      name: 'a file for development',
      files: {
        'docker-compose.dev.yml': 'services:\n  web:\n    build: .\n    volumes: [".:/app"]\n',
        Dockerfile: 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "server.js"]\n',
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (service) => shadowed(document, context, service),
      ({ mount }) => mount.item.node.span.start,
    )) {
      const { mount, target, lost, dockerfileUri } = subject;
      context.report({
        span: mountSpan(document.text, mount),
        message: withSharers(
          `This mount hides \`${lost.path}\`, which \`${lost.by}\` put into the image of \`${service.name}\``,
          sharers,
        ),
        place: `services.${service.name}.volumes[${target}]`,
        related: [{ uri: dockerfileUri, span: lost.span, message: 'It is put into the image here.' }],
        fixes: () => fixesFor(document.text, service, subject).map((fix) => atOrigin(fix, sharers)),
      });
    }
  },
});

interface Shadow {
  readonly mount: Mount;
  readonly target: string;
  readonly lost: FilledPath;
  readonly dockerfileUri: string;
}

/** Commands that fill the hidden folder when the container starts, and scripts that nothing here can read. */
const MAY_INSTALL =
  /\b(?:npm|yarn|pnpm|bun|composer|pip3?|uv|poetry|go|cargo|make|bundle)\b.*\b(?:ci|i|install|sync|build)\b|\byarn\s*(?:&&|;|$)|\.(?:sh|bash)\b/;

/** Folders that are meant to come from the host even where the image has a first content for them. */
const KEPT_OUTSIDE =
  /^\/(?:etc|var\/(?!www)|data|config)(?:\/|$)|\/(?:data|storage|uploads?|media|logs?|tmp|cache|config|conf|db)$/;

function shadowed(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): readonly Shadow[] {
  const mounts = mountsOf(service);
  const uri = buildOf(service, document.uri)?.dockerfileUri;
  const binds = mounts.filter(({ type, target }) => type === 'bind' && target?.startsWith('/'));
  if (!uri || binds.length === 0) return [];
  const built = builtStage(document, context, service);
  const filled =
    built && context.facts.of(dockerfileFilledFacts, uri).find((each) => each.index === built.stage.index);
  if (!filled || installsAtStart(service, filled.startsScript)) return [];
  const targets = mounts.flatMap(({ target }) => (target ? [cleanPath(target)] : []));
  return binds.flatMap((mount): readonly Shadow[] => {
    const target = cleanPath(mount.target ?? '');
    const lost = filled.filled.find(
      (each) =>
        hides(mount, target, each) &&
        // A mount further down brings the folder back.
        !targets.some(
          (other) => isBelow(other, target) && (other === each.path || isBelow(each.path, other)),
        ),
    );
    return lost ? [{ mount, target, lost, dockerfileUri: uri }] : [];
  });
}

function installsAtStart(service: ComposeService, startsScript: boolean): boolean {
  const entrypoint = wordsOf(service, 'entrypoint');
  const command = wordsOf(service, 'command');
  const words = [...(entrypoint ?? []), ...(command ?? [])].map(({ text }) => text).join(' ');
  return MAY_INSTALL.test(words) || (startsScript && entrypoint === undefined);
}

/** Whether a path of the image is lost under a mount. A folder that is mounted onto itself is meant to take its place. */
function hides({ source }: Mount, target: string, { path, installed }: FilledPath): boolean {
  if (isBelow(path, target)) return installed || !KEPT_OUTSIDE.test(target);
  return path === target && !installed && /(?:^|\/)(?:dist|build|out|public|\.{1,2})\/?$/.test(source ?? '');
}

function isBelow(path: string, folder: string): boolean {
  return folder !== '/' && path.startsWith(`${folder}/`);
}

function fixesFor(
  text: string,
  service: ComposeService,
  { mount, lost }: Shadow,
): readonly (Fix | undefined)[] {
  const remove = fixOf(removeItemOrKey(text, service, 'volumes', mount.item), {
    title: 'Delete the mount',
    safety: 'review',
    risk: 'A change of the files on the host then needs a new build: `docker compose up --build`.',
  });
  const keep = lost.installed
    ? fixOf(appendItem(text, mount.item.seq, lost.path), {
        title: `Keep ${lost.path} of the image in a volume`,
        safety: 'review',
        risk: 'The volume keeps old dependencies after a build until `docker compose up -V` makes a new one.',
      })
    : undefined;
  return [remove, keep];
}
