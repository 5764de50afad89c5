import { imageOf, userOf } from '../../syntaxes/compose/service.ts';
import { defineRule } from '../core/rule.ts';
import { isJob, judgedServices, reportAbsence } from './shared/absence.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';
import { isMonitoringImage } from './shared/host-paths.ts';
import { imageUser } from './shared/user.ts';

export const rule = defineRule({
  id: 'compose/user-missing',
  title: 'Service runs as root because neither it nor its image names a user',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Without \`user\` in the Compose file and without \`USER\` in the image, the process is root in the container: it owns what is
mounted into it, and it is root on the host after an escape.`,
    fix: `Best give the Dockerfile's last stage a \`USER\`; or set \`user: "1000:1000"\` here. The user must own the files it writes.`,
    falsePositives: `Reported only where it is known that the image runs as root: from the Dockerfile of the service (the stage of
\`build.target\`, else the last one), or from a table of well-known images. Silent for images whose entrypoint changes the user
(postgres, redis, mysql, nginx's workers, …), for one-shot jobs, and for images that are not known.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 4.1', 'OWASP Docker Security Cheat Sheet, rule 2'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#user',
      'https://docs.docker.com/build/building/best-practices/#user',
    ],
  },
  bad: [
    {
      name: 'an image that has a user to run as',
      files: {
        'compose.yaml': `services:
  «api»:
    image: node:22-alpine
    command: node server.js
`,
      },
      fixed: `services:
  api:
    image: node:22-alpine
    user: node
    command: node server.js
`,
    },
    {
      name: 'a Dockerfile whose last stage sets no user',
      files: {
        'compose.yaml': `services:
  «api»:
    build:
      context: ./api
      dockerfile: docker/Dockerfile
`,
        'api/docker/Dockerfile': `FROM node:22 AS build
USER node
RUN npm ci

FROM node:22-slim
COPY --from=build /app /app
CMD ["node", "/app/server.js"]
`,
      },
      fixed: `services:
  api:
    build:
      context: ./api
      dockerfile: docker/Dockerfile
    user: node
`,
    },
    {
      name: 'an image without a user',
      files: {
        'compose.yaml': `services:
  «worker»:
    image: docker.io/library/python:3.13-slim
    command: python worker.py
`,
      },
      fixed: `services:
  worker:
    image: docker.io/library/python:3.13-slim
    user: "1000:1000"
    command: python worker.py
`,
    },
    {
      name: 'a base that an argument of the build names, and a Dockerfile in the file',
      files: {
        'compose.yaml': `services:
  «api»:
    build:
      context: .
      args:
        BASE: python:3.13-slim
  «worker»:
    build:
      context: .
      dockerfile_inline: |
        FROM node:22
        CMD ["node", "worker.js"]
`,
        Dockerfile: `ARG BASE\nFROM $BASE\nCMD ["python", "app.py"]\n`,
      },
      fixed: `services:
  api:
    build:
      context: .
      args:
        BASE: python:3.13-slim
    user: "1000:1000"
  worker:
    build:
      context: .
      dockerfile_inline: |
        FROM node:22
        CMD ["node", "worker.js"]
`,
    },
  ],
  good: [
    {
      name: 'the script that the image starts changes to another user',
      files: {
        'compose.yaml': `services:
  web:
    build: {context: ., dockerfile: docker/Dockerfile}
`,
        'docker/Dockerfile': `FROM node:24
WORKDIR /app
COPY . .
ENTRYPOINT ["/app/docker/start"]
CMD ["node", "server.js"]
`,
        'docker/start': `#!/bin/sh
exec su-exec node "$@"
`,
      },
    },
    {
      name: 'a user that an argument of the build decides, a Dockerfile in the file, an entrypoint that steps down',
      files: {
        'compose.yaml': `services:
  named:
    build:
      context: .
      args:
        - RUN_AS=app
  based:
    build:
      context: ./based
      args:
        BASE: gcr.io/distroless/nodejs22-debian12:nonroot
  unknown:
    build:
      context: ./based
      args:
        BASE: \${BASE}
  inline:
    build:
      context: .
      dockerfile_inline: |
        FROM node:22
        USER node
        CMD ["node", "server.js"]
  stepping:
    build: ./stepping
`,
        Dockerfile: `FROM node:22\nARG RUN_AS=root\nUSER $RUN_AS\nCMD ["node", "server.js"]\n`,
        'based/Dockerfile': `ARG BASE=node:22\nFROM $BASE\nCMD ["server.js"]\n`,
        'stepping/Dockerfile': `FROM debian:12\nRUN apt-get install -y gosu\nENTRYPOINT ["gosu", "app", "/app"]\n`,
      },
    },
    {
      name: 'a user is given, by the service or by the image',
      files: {
        'compose.yaml': `services:
  a:
    image: node:22
    user: node
  b:
    image: node:22
    user: \${UID}
  c:
    image: grafana/grafana:12.0.0
  d:
    image: qdrant/qdrant:v1.14.0-unprivileged
`,
      },
    },
    {
      name: 'the entrypoint changes the user, or the image is not known',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17-alpine
  cache:
    image: redis:8
  app:
    image: ghcr.io/acme/app:1
  built:
    build: .
  var:
    image: \${IMAGE}
`,
      },
    },
    {
      name: 'a Dockerfile whose built stage has a user',
      files: {
        'compose.yaml': `services:
  last:
    build: ./api
  target:
    build:
      context: ./api
      target: build
`,
        'api/Dockerfile': `FROM node:22 AS build
USER node

FROM node:22-slim
USER 1000
`,
      },
    },
    {
      name: 'a job that ends',
      files: {
        'compose.yaml': `services:
  init:
    image: alpine:3.22
    command: chown -R 1000 /data
    restart: "no"
  seed:
    image: python:3.13
  app:
    image: ghcr.io/acme/app:1
    depends_on:
      seed:
        condition: service_completed_successfully
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['user'])) {
      if (userOf(service).state !== 'unset' || isJob(service, document.tree)) continue;
      if (isMonitoringImage(imageOf(service) ?? '')) continue;
      const image = imageUser(document, context, service);
      if (image.state !== 'root') continue;
      const because =
        image.from === 'dockerfile' ? 'its Dockerfile sets no other `USER`' : 'its image has no `USER`';
      reportAbsence(context, service, {
        item: 'user',
        message: `\`${service.name}\` runs as root, since ${because}: an escape makes it root on the host.`,
        ...(image.related && { related: [image.related] }),
        fixes: () => {
          const value = image.runAs ?? (image.from === 'dockerfile' ? '"1000:1000"' : undefined);
          if (value === undefined) return [];
          const edit = addServiceKey(document.text, service, { key: 'user', value });
          const fix = fixOf(edit, {
            title: `Set user to ${value.replaceAll('"', '')}`,
            safety: 'review',
            risk: 'Files and volumes that the service writes must belong to that user.',
          });
          return [fix];
        },
      });
    }
  },
});
