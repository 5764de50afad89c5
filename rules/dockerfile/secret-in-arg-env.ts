import { defineRule } from '../core/rule.ts';
import { asSecretMount, secretDeclarations, shippedStages } from './shared/secret-variables.ts';

export const rule = defineRule({
  id: 'dockerfile/secret-in-arg-env',
  title: 'A secret is handed over in ARG or ENV',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:arg|env)\b/i,
  docs: {
    why: `\`ENV\` is part of the image: everyone who can pull it reads the value with \`docker inspect\`. \`ARG\` stays in the image's
history and in the provenance that BuildKit attaches, so \`docker history --no-trunc\` shows it.`,
    fix: `Give secrets for the build with \`RUN --mount=type=secret,id=token,env=TOKEN\` and \`docker build --secret id=token,env=TOKEN\`:
they are in no layer. Give secrets for running only when the container starts (Compose \`secrets:\`, an orchestrator's secret store).`,
    falsePositives: `The name decides, or a password in a URL: the name must say that the value is a credential, not that there is one,
where it is, or how long it lives. Silent for URLs of this machine, and for passwords that only repeat the name of the user. \`ENV\` is reported only with a value. Values that call themselves stand-ins (\`dummy\`, \`placeholder\`) are not meant.
Tokens whose form says who has issued them are reported by dockerfile/secret-literal, and stages whose files alone go on, as those of a
builder, by dockerfile/secret-in-builder-arg.`,
    cwe: [538, 798],
    controls: ['CIS Docker 1.6.0 4.10'],
    references: [
      'https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/',
      'https://docs.docker.com/build/building/secrets/',
    ],
  },
  bad: [
    {
      name: 'a build argument that one step names and a package manager may read',
      files: {
        Dockerfile: `FROM node:22 AS build
WORKDIR /app
COPY package*.json .npmrc ./
ARG «NPM_TOKEN»
RUN npm ci
RUN mkdir dist
RUN curl -H "Authorization: Bearer \${NPM_TOKEN}" https://registry.example.com/-/whoami
`,
      },
      fixed: `FROM node:22 AS build
WORKDIR /app
COPY package*.json .npmrc ./
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci
RUN mkdir dist
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN curl -H "Authorization: Bearer \${NPM_TOKEN}" https://registry.example.com/-/whoami
`,
    },
    {
      name: 'a value in the image, in each form',
      files: {
        Dockerfile: `FROM node:22
ENV «DB_PASSWORD»=hunter2hunter2 LOG_LEVEL=info
ENV «API_KEY» abcdef0123456789
ENV NODE_ENV=production \\
    «JWT_SECRET»="not a secret any more"
CMD ["node", "server.js"]
`,
      },
    },
    {
      name: 'an argument that becomes part of the image',
      files: {
        Dockerfile: `FROM python:3.13
ARG «PIP_PASSWORD»
ENV «PIP_PASSWORD»=$PIP_PASSWORD
`,
      },
    },
    {
      name: 'before the first stage, and with a default',
      files: {
        Dockerfile: `ARG «AWS_SECRET_ACCESS_KEY»\nFROM alpine:3.22\nARG «adminPassword»=changeme123\nARG «APP_SECRET_VALUE»\n`,
      },
    },
    {
      name: 'a password in a URL',
      files: {
        Dockerfile: `FROM node:22
ENV PORT=8080 «DATABASE_URL»=postgres://shop:Kx81hQvb@db.internal:5432/shop
ARG «PROXY»="http://build:Kx81hQvb@proxy.internal:3128"
`,
      },
    },
    {
      name: 'as the default of a variable, and for images that build on this one',
      files: {
        Dockerfile: `FROM node:22
ENV «DB_PASSWORD»=\${DB_PASSWORD:-Kx81hQvb}
ONBUILD ARG «NPM_TOKEN»
`,
      },
    },
  ],
  good: [
    {
      name: 'a secret mount',
      files: { Dockerfile: `FROM node:22\nRUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci\n` },
    },
    {
      name: 'names about credentials',
      files: {
        Dockerfile: `FROM postgres:17
ARG PUBLIC_KEY
ARG KMS_KEY_ALIAS
ARG REQUIRE_MFA_AUTH=true
ENV POSTGRES_PASSWORD_FILE=/run/secrets/db
ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568
ENV TOKEN_EXPIRE_MINUTES=30 MAX_TOKENS=4096 NEXT_PUBLIC_API_KEY=abc
ENV PASSWORD_MIN_LENGTH=12 SECRET_NAME=db ALLOW_EMPTY_PASSWORD=yes
ARG KEYCLOAK_VERSION=26.0
`,
      },
    },
    {
      name: 'an empty value, a path, a switch',
      files: {
        Dockerfile: `FROM alpine:3.22\nENV DB_PASSWORD= API_TOKEN="" SSH_KEY=/run/secrets/key USE_SECRET=1 DB_PASS=false\n`,
      },
    },
    {
      name: 'a URL without a password, or with a stand-in',
      files: {
        Dockerfile: `FROM node:22
ENV DATABASE_URL=postgres://build:Kx81hQvb@localhost:5432/build CACHE=redis://cache:6379 GIT=ssh://git@git.internal:22/a
ENV A=postgres://app:app@db/app B=postgres://app:password@db/app C=postgres://app:\${PW}@db/app D=http://a:dummy@b/
ENV IMAGE=https://registry.internal/a@sha256:0123 MAIL=smtp://mail.internal:25/me@b
`,
      },
    },
    {
      name: 'a stand-in for the build',
      files: {
        Dockerfile: `FROM python:3.13\nARG SECRET_KEY=dummy-secret-key-for-build\nENV SECRET_KEY=\${SECRET_KEY:-unset}\nENV SECRET_KEY_BASE_DUMMY=1\n`,
      },
    },
    {
      name: 'a token that another rule reports',
      files: {
        Dockerfile: `FROM alpine:3.22\nENV GITHUB_TOKEN=ghp_q7Rf2mWx9KbTz4Lp8VnYc3Hd6Js1GuEa5NoP\nENV AWS_SECRET_ACCESS_KEY="q7Rf2mWx9K/bTz4Lp8VnYc3Hd6Js1+GuEa5NoPiW"\n`,
      },
    },
    {
      name: 'a builder, which another rule reports',
      files: {
        Dockerfile: `FROM node:22 AS build\nARG NPM_TOKEN\nRUN npm ci\nFROM nginx:1.29\nCOPY --from=build /dist /srv\n`,
      },
    },
    { name: 'a label', files: { Dockerfile: `FROM alpine:3.22\nLABEL password=none\n` } },
    {
      name: 'a value that the container gets later',
      files: { Dockerfile: `FROM alpine:3.22\nENV DB_PASSWORD=\${RUNTIME_PASSWORD}\n` },
    },
  ],
  check(document, context) {
    const declared = secretDeclarations(document);
    if (declared.length === 0) return;
    const shipped = shippedStages(document, context);
    for (const { stage, instruction, pair, place } of declared) {
      if (stage && !shipped.has(stage)) continue;
      const how =
        instruction.keyword === 'ENV'
          ? 'in the image, for `docker inspect` to show'
          : 'in the history and provenance of the image';
      context.report({
        span: pair.nameSpan,
        message: `\`${pair.name.slice(0, 50)}\` is a secret, and \`${instruction.keyword}\` keeps its value ${how}.`,
        place: `${place}.${instruction.keyword}[${pair.name}]`,
        fixes: () => [stage && asSecretMount(document, stage, instruction, pair)],
      });
    }
  },
});
