import { defineRule } from '../core/rule.ts';
import { asSecretMount, secretDeclarations, shippedStages } from './shared/secret-variables.ts';

export const rule = defineRule({
  id: 'dockerfile/secret-in-builder-arg',
  title: 'A secret is handed over to a builder stage in ARG or ENV',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:arg|env)\b/i,
  docs: {
    why: `The image has none of a builder's settings, but the build cache has them, and everyone who can read it: \`--cache-to\` pushes
it to a registry. With \`mode=max\` the provenance that BuildKit attaches to the image names all build arguments, too.`,
    fix: 'Give the secret to the step that needs it: `RUN --mount=type=secret,id=token,env=TOKEN` and `docker build --secret id=token,env=TOKEN`.',
    falsePositives:
      'The name decides, as in dockerfile/secret-in-arg-env, which has the stages that become an image.',
    cwe: [538],
    references: [
      'https://docs.docker.com/build/building/secrets/',
      'https://docs.docker.com/build/metadata/attestations/slsa-provenance/',
    ],
  },
  bad: [
    {
      name: 'a token for packages',
      files: {
        Dockerfile: `FROM node:22 AS build
WORKDIR /app
COPY . .
ARG «NPM_TOKEN»
RUN npm ci && npm run build
FROM nginx:1.29
COPY --from=build /app/dist /usr/share/nginx/html
`,
      },
      fixed: `FROM node:22 AS build
WORKDIR /app
COPY . .
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci && npm run build
FROM nginx:1.29
COPY --from=build /app/dist /usr/share/nginx/html
`,
    },
    {
      name: 'a value',
      files: {
        Dockerfile: `FROM maven:3.9 AS build\nENV «REPO_PASSWORD»=hunter2hunter2\nRUN mvn package\nFROM scratch\nCOPY --from=build /a /a\n`,
      },
    },
  ],
  good: [
    {
      name: 'a mount',
      files: {
        Dockerfile: `FROM node:22 AS build\nRUN --mount=type=secret,id=t,env=NPM_TOKEN npm ci\nFROM scratch\nCOPY --from=build /a /a\n`,
      },
    },
    {
      name: 'an image, which another rule reports',
      files: {
        Dockerfile: `FROM node:22 AS base\nARG NPM_TOKEN\nFROM base AS build\nFROM base\nRUN npm ci\n`,
      },
    },
    {
      name: 'names about credentials, and a stand-in',
      files: {
        Dockerfile: `FROM node:22 AS build\nARG KMS_KEY_ALIAS\nARG NEXT_PUBLIC_API_KEY\nARG SECRET_KEY=dummy-for-build\nFROM scratch\nCOPY --from=build /a /a\n`,
      },
    },
    {
      name: 'a stage that Compose builds',
      files: {
        Dockerfile: `FROM node:22 AS web\nARG NPM_TOKEN\nRUN npm ci\nFROM scratch\nCOPY --from=web /a /a\n`,
        'compose.yaml': `services:\n  web:\n    build:\n      context: .\n      target: web\n`,
      },
    },
  ],
  check(document, context) {
    const declared = secretDeclarations(document);
    if (declared.length === 0) return;
    const shipped = shippedStages(document, context);
    for (const { stage, instruction, pair, place } of declared) {
      if (!stage || shipped.has(stage)) continue;
      context.report({
        span: pair.nameSpan,
        message: `\`${pair.name.slice(0, 50)}\` is a secret, and \`${instruction.keyword}\` keeps its value in the build cache and in detailed provenance.`,
        place: `${place}.${instruction.keyword}[${pair.name}]`,
        fixes: () => [asSecretMount(document, stage, instruction, pair)],
      });
    }
  },
});
