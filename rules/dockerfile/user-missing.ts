import { baseImage, effectiveUser } from '../../syntaxes/dockerfile/effective.ts';
import type { Stage } from '../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { type ImageReference, parseImage } from '../core/image-reference.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { imageUser, isServerImage } from '../data/image-users.ts';
import { stagesRunAsBuilt } from './shared/compose-users.ts';
import { changesUser, isApplication, needsRoot } from './shared/runtime-user.ts';
import { stagePlace } from './shared/stages.ts';
import { scriptChangesUser } from './shared/start-scripts.ts';
import { addUser } from './shared/user-fix.ts';

export const rule = defineRule({
  id: 'dockerfile/user-missing',
  title: 'The image has no USER and runs as root',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Without \`USER\` the container runs as the base image's user, which is root in nearly every distribution and language
image. Whoever takes over the process can install tools, change every file of the image and, with a kernel bug or a mount of the
host, leave the container as root.`,
    fix: `Create an unprivileged user, or use the one that the image has (\`node\`, \`$APP_UID\`), and name it in \`USER\` before
\`ENTRYPOINT\` or \`CMD\`. Give it the directories that the application writes to. For nginx, the unprivileged image listens on 8080
and needs nothing else.`,
    falsePositives: `Reported only where the base image is known to run as root. Silent for images that start nothing of their own
(meant to be built upon), for entrypoints that change the user (gosu, su-exec, setpriv), for daemons that need root, and where every
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
      name: 'node has a user of that name',
      files: {
        Dockerfile: `FROM «node:22-slim»
WORKDIR /app
COPY package*.json ./
RUN npm ci --omit=dev
COPY . .
EXPOSE 3000

# Start the server.
CMD ["node", "server.js"]
`,
      },
      fixed: `FROM node:22-slim
WORKDIR /app
COPY package*.json ./
RUN npm ci --omit=dev
COPY . .
EXPOSE 3000

USER node
# Start the server.
CMD ["node", "server.js"]
`,
    },
    {
      name: 'a user for Debian',
      files: {
        Dockerfile: `FROM python:3.13-slim AS build
RUN pip wheel -r requirements.txt

FROM «python:3.13-slim»
COPY --from=build /wheels /wheels
RUN pip install /wheels/*
ENTRYPOINT ["gunicorn"]
CMD ["app:app"]
`,
      },
      fixed: `FROM python:3.13-slim AS build
RUN pip wheel -r requirements.txt

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN pip install /wheels/*
RUN groupadd -r app && useradd -r -g app app
USER app
ENTRYPOINT ["gunicorn"]
CMD ["app:app"]
`,
    },
    {
      name: 'a user for Alpine, through an argument and a stage',
      files: {
        Dockerfile: `ARG ALPINE=3.22
FROM --platform=linux/amd64 alpine:\${ALPINE} AS base
RUN apk add --no-cache ca-certificates

FROM «base»
COPY app /usr/bin/app
CMD ["app"]
`,
      },
      fixed: `ARG ALPINE=3.22
FROM --platform=linux/amd64 alpine:\${ALPINE} AS base
RUN apk add --no-cache ca-certificates

FROM base
COPY app /usr/bin/app
RUN addgroup -S app && adduser -S -G app app
USER app
CMD ["app"]
`,
    },
    {
      name: 'a number where there is no user file',
      files: {
        Dockerfile: `FROM golang:1.26 AS build
RUN CGO_ENABLED=0 go build -o /server ./cmd/server

FROM «scratch»
COPY --from=build /server /server
ENTRYPOINT ["/server"]
`,
      },
      fixed: `FROM golang:1.26 AS build
RUN CGO_ENABLED=0 go build -o /server ./cmd/server

FROM scratch
COPY --from=build /server /server
USER 65532:65532
ENTRYPOINT ["/server"]
`,
    },
    {
      name: 'a user was created and is not used',
      files: {
        Dockerfile: `FROM «ubuntu:24.04»
RUN groupadd -g 1001 web && useradd -m -u 1001 -g web webapp
COPY --chown=webapp:web . /srv
CMD ["/srv/server"]
`,
      },
      fixed: `FROM ubuntu:24.04
RUN groupadd -g 1001 web && useradd -m -u 1001 -g web webapp
COPY --chown=webapp:web . /srv
USER webapp
CMD ["/srv/server"]
`,
    },
    {
      name: 'nginx serving a built front end',
      files: {
        Dockerfile: `FROM node:22 AS build
RUN npm ci && npm run build

FROM «nginx:1.29-alpine»
COPY --from=build /app/dist /usr/share/nginx/html
EXPOSE 80
`,
      },
      fixed: `FROM node:22 AS build
RUN npm ci && npm run build

FROM nginxinc/nginx-unprivileged:1.29-alpine
COPY --from=build /app/dist /usr/share/nginx/html
EXPOSE 80
`,
    },
    {
      name: '.NET names its user in a variable',
      files: {
        Dockerfile: `FROM «mcr.microsoft.com/dotnet/aspnet:9.0»
WORKDIR /app
COPY ./publish .
ENTRYPOINT ["dotnet", "Shop.dll"]
`,
      },
      fixed: `FROM mcr.microsoft.com/dotnet/aspnet:9.0
WORKDIR /app
COPY ./publish .
USER $APP_UID
ENTRYPOINT ["dotnet", "Shop.dll"]
`,
    },
    {
      name: 'only one of two Compose services sets a user',
      files: {
        'api/Dockerfile': `FROM «node:22»
COPY . .
CMD ["node", "index.js"]
`,
        'compose.yaml': `services:
  api:
    build: ./api
    user: node
  worker:
    build: ./api
`,
      },
      fixed: `FROM node:22
COPY . .
USER node
CMD ["node", "index.js"]
`,
    },
    {
      name: 'a user that is created, its number given by an argument',
      files: {
        Dockerfile: `FROM «python:3.13-slim»
ARG UID=10001
RUN adduser --disabled-password --gecos "" --no-create-home --uid "\${UID}" appuser
COPY . .
CMD ["python", "app.py"]
`,
      },
      fixed: `FROM python:3.13-slim
ARG UID=10001
RUN adduser --disabled-password --gecos "" --no-create-home --uid "\${UID}" appuser
COPY . .
USER appuser
CMD ["python", "app.py"]
`,
    },
    {
      name: 'a user is created, and the script that the container starts does not change to it',
      files: {
        Dockerfile: `FROM «debian:13»
RUN useradd -r app
COPY entrypoint.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
`,
        'entrypoint.sh': `#!/bin/sh
# gosu would be a way
exec app "$@"
`,
      },
      fixed: `FROM debian:13
RUN useradd -r app
COPY entrypoint.sh /entrypoint.sh
USER app
ENTRYPOINT ["/entrypoint.sh"]
`,
    },
  ],
  good: [
    {
      name: 'the script that it starts changes to another user',
      files: {
        Dockerfile: `FROM debian:13
COPY docker/start.sh /usr/local/bin/start
ENTRYPOINT ["/usr/local/bin/start"]
CMD ["app"]
`,
        'docker/start.sh': `#!/bin/sh
chown -R app /data
exec gosu app "$@"
`,
      },
    },
    { name: 'a user', files: { Dockerfile: `FROM node:22\nUSER node\nCMD ["node", "index.js"]\n` } },
    {
      name: 'a user in the stage that it builds on',
      files: {
        Dockerfile: `FROM node:22 AS base
USER node

FROM base
CMD ["node", "index.js"]
`,
      },
    },
    {
      name: 'base images that are not root',
      files: {
        Dockerfile: `FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /app\nENTRYPOINT ["/app"]\n`,
      },
    },
    {
      name: 'Chainguard',
      files: { Dockerfile: `FROM cgr.dev/chainguard/python:latest\nCOPY . /app\nCMD ["/app/main.py"]\n` },
    },
    {
      name: 'Bitnami',
      files: { Dockerfile: `FROM bitnami/node:22\nCOPY . /app\nCMD ["node", "/app/index.js"]\n` },
    },
    {
      name: 'unprivileged nginx',
      files: { Dockerfile: `FROM nginxinc/nginx-unprivileged:1.29\nCOPY dist /usr/share/nginx/html\n` },
    },
    {
      name: 'an unknown base',
      files: { Dockerfile: `FROM registry.example.com/platform/java:21\nCMD ["java", "-jar", "app.jar"]\n` },
    },
    {
      name: 'a base in a variable without a default',
      files: { Dockerfile: `ARG BASE\nFROM $BASE\nCMD ["/app"]\n` },
    },
    {
      name: "a language's image, which starts its interpreter",
      files: { Dockerfile: `FROM buildpack-deps:trixie\nRUN make install\nCMD ["python3"]\n` },
    },
    {
      name: 'a server whose workers change the user',
      files: {
        Dockerfile: `FROM debian:12\nRUN apt-get install -y nginx\nCMD ["nginx", "-g", "daemon off;"]\n`,
      },
    },
    {
      name: 'Apache with PHP',
      files: { Dockerfile: `FROM php:8.4-apache\nCOPY . /var/www/html\nCMD ["apache2-foreground"]\n` },
    },
    {
      name: 'an image to build upon',
      files: {
        Dockerfile: `FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y build-essential\n`,
      },
    },
    {
      name: 'an official image whose entrypoint changes the user',
      files: {
        Dockerfile: `FROM postgres:17\nCOPY init.sql /docker-entrypoint-initdb.d/\nCMD ["postgres"]\n`,
      },
    },
    {
      name: 'su-exec in the entrypoint',
      files: {
        Dockerfile: `FROM alpine:3.22
RUN apk add --no-cache su-exec && adduser -D app
COPY run.sh /run.sh
ENTRYPOINT ["/run.sh"]
`,
      },
    },
    {
      name: 'an s6 overlay',
      files: { Dockerfile: `FROM alpine:3.22\nADD s6-overlay.tar.gz /\nENTRYPOINT ["/init"]\n` },
    },
    {
      name: 'a daemon that needs root',
      files: { Dockerfile: `FROM alpine:3.22\nRUN apk add openssh\nCMD ["/usr/sbin/sshd", "-D"]\n` },
    },
    {
      name: 'Compose sets the user',
      files: {
        Dockerfile: `FROM node:22\nCOPY . .\nCMD ["node", "index.js"]\n`,
        'compose.yaml': `services:\n  api:\n    build: .\n    user: "1000"\n`,
      },
    },
    {
      name: 'Windows',
      files: { Dockerfile: `FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nCMD ["app.exe"]\n` },
    },
    {
      name: 'files that a build exports',
      files: {
        Dockerfile: `FROM golang:1.26 AS build\nRUN go build -o /out/app\n\nFROM scratch\nCOPY --from=build /out /\n`,
      },
    },
  ],
  check(document, context) {
    const seen = new Set<number>();
    for (const stage of stagesRunAsBuilt(document, context)) {
      const image = rootImage(document, stage, context);
      if (!image || !stage.image || seen.has(stage.image.span.start)) continue;
      seen.add(stage.image.span.start);
      context.report({
        span: stage.image.span,
        message: `\`${shown(image)}\` runs as root and no \`USER\` changes that: whoever takes over the process owns the container.`,
        place: `${stagePlace(stage)}.USER`,
        covers: [`dockerfile/user-by-name ${stagePlace(stage)}.USER`],
        fixes: () => (isServerImage(image) ? [unprivilegedNginx(stage, image)] : [addUser(document, stage)]),
      });
    }
  },
});

/** The image whose root runs the application that a stage holds; undefined where another user runs it, or it needs root. */
function rootImage(
  document: Document<'dockerfile'>,
  stage: Stage,
  context: Context<unknown>,
): ImageReference | undefined {
  const { tree } = document;
  if (effectiveUser(tree, stage).from !== 'image' || stage.shell === 'other') return undefined;
  const name = baseImage(tree, stage);
  const image = name === undefined ? undefined : parseImage(name);
  if (!image || imageUser(image)?.state !== 'root') return undefined;
  const runs = isServerImage(image)
    ? servesFiles(stage)
    : isApplication(tree, stage) && !needsRoot(tree, stage);
  return runs && !changesUser(document, stage, scriptChangesUser(document, stage, context.facts))
    ? image
    : undefined;
}

/** Whether a server's image gets what it serves, and so is no base for others. */
function servesFiles(stage: Stage): boolean {
  return stage.instructions.some(({ keyword }) => keyword === 'COPY' || keyword === 'ADD');
}

function shown(image: ImageReference): string {
  const name = image.tag === undefined ? image.name : `${image.name}:${image.tag}`;
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

function unprivilegedNginx(stage: Stage, image: ImageReference): Fix | undefined {
  const word = stage.image;
  if (
    !word ||
    stage.parent !== undefined ||
    image.name !== 'nginx' ||
    image.digest !== undefined ||
    word.text.includes('$')
  )
    return undefined;
  const tag = image.tag === undefined ? '' : `:${image.tag}`;
  return {
    title: `Use nginxinc/nginx-unprivileged${tag}`,
    safety: 'review',
    edits: [{ span: word.span, text: `nginxinc/nginx-unprivileged${tag}` }],
    risk: 'It listens on port 8080 instead of 80, and a configuration of its own must not say `user` or bind a port below 1024.',
    verify: 'docker build .',
  };
}
