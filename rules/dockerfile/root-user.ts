import { effectiveUser, isRoot } from '../../syntaxes/dockerfile/effective.ts';
import { defineRule } from '../core/rule.ts';
import { stagesRunAsBuilt } from './shared/compose-users.ts';
import { changesUser, needsRoot } from './shared/runtime-user.ts';
import { stagePlace } from './shared/stages.ts';
import { scriptChangesUser } from './shared/start-scripts.ts';
import { replaceUser } from './shared/user-fix.ts';

export const rule = defineRule({
  id: 'dockerfile/root-user',
  title: 'The image runs as root',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /USER/i,
  docs: {
    why: `The last \`USER\` of the final stage is root, so the container's process is. Whoever takes over the process can install
tools, change every file of the image and, with a kernel bug or a mount of the host, leave the container as root.`,
    fix: `Switch to an unprivileged user after the last step that needs root. Give it the directories that the application writes
to with \`COPY --chown\` or \`chown\`.`,
    falsePositives: `Only the final stage is looked at, or the stages that Compose services name in \`target\`; builders may be
root. Silent where something in the file says that the entrypoint changes the user (gosu, su-exec, setpriv, an entrypoint script next to a user that was created), and where every
Compose service that builds the file sets \`user:\`.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 4.1'],
    references: [
      'https://docs.docker.com/reference/dockerfile/#user',
      'https://docs.docker.com/build/building/best-practices/#user',
    ],
  },
  bad: [
    {
      name: 'root is set for an installation and never taken back',
      files: {
        Dockerfile: `FROM node:22-slim
USER node
WORKDIR /app
COPY --chown=node:node . .
USER «root»
RUN apt-get update && apt-get install -y curl
EXPOSE 3000
CMD ["node", "server.js"]
`,
      },
      fixed: `FROM node:22-slim
USER node
WORKDIR /app
COPY --chown=node:node . .
USER root
RUN apt-get update && apt-get install -y curl
EXPOSE 3000
USER node
CMD ["node", "server.js"]
`,
    },
    {
      name: 'the number 0, with a group',
      files: {
        Dockerfile: `FROM node:22-slim
WORKDIR /app
COPY . .
USER «0:0»
CMD ["node", "server.js"]
`,
      },
      fixed: `FROM node:22-slim
WORKDIR /app
COPY . .
USER node
CMD ["node", "server.js"]
`,
    },
    {
      name: 'a variable whose default is root',
      files: {
        Dockerfile: `FROM python:3.13-slim
ARG RUN_AS=root
COPY . /app
user «\${RUN_AS}»
cmd ["python", "/app/main.py"]
`,
      },
      fixed: `FROM python:3.13-slim
ARG RUN_AS=root
COPY . /app
user \${RUN_AS}
run groupadd -r app && useradd -r -g app app
user app
cmd ["python", "/app/main.py"]
`,
    },
    {
      name: 'inherited from a stage of the file',
      files: {
        Dockerfile: `FROM quay.io/jupyter/base-notebook:2026-07-28 AS base
USER «root»
RUN apt-get update

FROM base
COPY notebooks /home/jovyan/
CMD ["start-notebook.py"]
`,
      },
      fixed: `FROM quay.io/jupyter/base-notebook:2026-07-28 AS base
USER root
RUN apt-get update

FROM base
COPY notebooks /home/jovyan/
USER 10001:10001
CMD ["start-notebook.py"]
`,
    },
    {
      name: 'a Compose service that builds it runs as root too',
      files: {
        Dockerfile: `FROM alpine:3.22
USER «root»
CMD ["/bin/app"]
`,
        'compose.yaml': `services:
  app:
    build: .
`,
      },
      fixed: `FROM alpine:3.22
USER root
RUN addgroup -S app && adduser -S -G app app
USER app
CMD ["/bin/app"]
`,
    },
    {
      name: 'the stage that Compose builds, not the last one',
      files: {
        Dockerfile: `FROM node:22 AS dev
USER «root»
CMD ["node", "server.js"]

FROM node:22 AS prod
USER node
CMD ["node", "server.js"]
`,
        'compose.yaml': `services:\n  api:\n    build:\n      context: .\n      target: dev\n`,
      },
      fixed: `FROM node:22 AS dev
USER node
CMD ["node", "server.js"]

FROM node:22 AS prod
USER node
CMD ["node", "server.js"]
`,
    },
  ],
  good: [
    {
      name: 'Compose builds another stage, or gives the build a user',
      files: {
        Dockerfile: `FROM node:22 AS prod
ARG RUN_AS=root
USER $RUN_AS
CMD ["node", "server.js"]

FROM prod AS debug
USER root
CMD ["node", "--inspect", "server.js"]
`,
        'compose.yaml': `services:
  api:
    build:
      context: .
      target: prod
      args: { RUN_AS: node }
`,
      },
    },
    {
      name: 'root only for a while',
      files: {
        Dockerfile: `FROM jenkins/jenkins:2.504-jdk21
USER root
RUN apt-get update && apt-get install -y docker.io
USER jenkins
`,
      },
    },
    {
      name: 'root in a builder',
      files: {
        Dockerfile: `FROM golang:1.26 AS build
USER root
RUN go build -o /app ./...

FROM gcr.io/distroless/static:nonroot
COPY --from=build /app /app
ENTRYPOINT ["/app"]
`,
      },
    },
    {
      name: 'a user whose name starts with root',
      files: { Dockerfile: `FROM alpine:3.22\nUSER rootless\nCMD ["/bin/app"]\n` },
    },
    {
      name: 'a variable without a default',
      files: { Dockerfile: `FROM alpine:3.22\nARG APP_UID\nUSER $APP_UID\nCMD ["/bin/app"]\n` },
    },
    {
      name: 'the entrypoint changes the user',
      files: {
        Dockerfile: `FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y gosu && useradd -r app
COPY docker-entrypoint.sh /usr/local/bin/
USER root
ENTRYPOINT ["docker-entrypoint.sh"]
`,
      },
    },
    {
      name: 'an entrypoint script and a user that only it can be for',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN adduser -D -H -s /sbin/nologin worker
COPY entrypoint.sh /
USER root
ENTRYPOINT ["/entrypoint.sh"]
`,
      },
    },
    {
      name: 'Compose sets the user',
      files: {
        Dockerfile: `FROM python:3.13-slim
USER root
CMD ["python", "-m", "app"]
`,
        'compose.yaml': `services:
  app:
    build: .
    user: "1000:1000"
`,
      },
    },
    {
      name: 'text that only looks like it',
      files: {
        Dockerfile: `FROM alpine:3.22
# USER root
RUN echo "USER root" > /etc/motd
USER 1000
CMD ["/bin/app"]
`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    const seen = new Set<number>();
    for (const stage of stagesRunAsBuilt(document, context)) {
      const user = effectiveUser(tree, stage);
      if (user.from !== 'instruction' || user.value === undefined || !isRoot(user.value)) continue;
      const script = scriptChangesUser(document, stage, context.facts);
      if (stage.shell === 'other' || changesUser(document, stage, script) || needsRoot(tree, stage)) continue;
      // Two targets may have their user from one stage.
      if (seen.has(user.word.span.start)) continue;
      seen.add(user.word.span.start);
      context.report({
        span: user.word.span,
        message:
          'The image runs as root: whoever takes over the process owns the container and all that is mounted into it.',
        place: `${stagePlace(stage)}.USER`,
        covers: [`dockerfile/user-by-name ${stagePlace(stage)}.USER`],
        fixes: () => [replaceUser(document, stage, user.instruction)],
      });
    }
  },
});
