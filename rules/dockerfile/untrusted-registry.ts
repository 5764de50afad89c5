import { isAllowed, REGISTRY_OPTIONS } from '../core/registries.ts';
import { defineRule } from '../core/rule.ts';
import { externalImages } from './shared/images.ts';

export const rule = defineRule({
  id: 'dockerfile/untrusted-registry',
  title: 'Base image comes from a registry that is not allowed',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /from/i,
  options: REGISTRY_OPTIONS,
  docs: {
    why: `Everybody can push to a public registry, under names that look like those of well-known projects. Where a team has agreed on
registries that it trusts, or on a mirror that scans what it hands out, a base image from elsewhere goes past that.`,
    fix: 'Take the image from a registry that is allowed, or add its registry to the option `allowed`.',
    falsePositives: `Silent until the option \`allowed\` names a registry (\`ghcr.io\`), a folder in one (\`ghcr.io/acme\`) or a domain
(\`*.example.com\`); Docker Hub is \`docker.io\`, its official images are \`docker.io/library\`. Silent for stages, \`scratch\`, named build
contexts, and where a variable without a default hides the registry.`,
    cwe: [1357],
    controls: ['CIS Docker 1.6.0 4.2'],
    references: ['https://docs.docker.com/reference/dockerfile/#from'],
  },
  bad: [
    {
      name: 'a base, and an image that is copied from',
      files: {
        Dockerfile: `FROM --platform=$BUILDPLATFORM «golang:1.26» AS build
FROM ghcr.io/acme/base:1
COPY --from=build /app /app
COPY --from=«busybox:1.37» /bin/wget /bin/
RUN --mount=type=bind,from=«docker.io/acme/tools:1»,target=/tools /tools/setup
`,
        '.hardlint.yaml': `rules:
  dockerfile/untrusted-registry: [on, { allowed: [ghcr.io/acme] }]
`,
      },
    },
    {
      name: 'the default of an argument',
      files: {
        Dockerfile: `ARG REGISTRY=docker.io\nFROM «\${REGISTRY}/library/node:24»\n`,
        '.hardlint.yaml': `rules:
  dockerfile/untrusted-registry: [on, { allowed: ["*.example.com"] }]
`,
      },
    },
  ],
  good: [
    { name: 'no list', files: { Dockerfile: `FROM unknown.example.org/base:1\n` } },
    {
      name: 'stages, scratch, what is not known, and what is allowed',
      files: {
        Dockerfile: `ARG REGISTRY
FROM \${REGISTRY}/base:1 AS base
FROM base AS build
FROM registry.example.com:5000/team/run:1 AS run
RUN --mount=from=vendored,target=/vendor make
FROM scratch
COPY --from=build /a /a
`,
        '.hardlint.yaml': `rules:
  dockerfile/untrusted-registry: [on, { allowed: ["registry.example.com:5000"] }]
`,
      },
    },
    {
      name: 'official images',
      files: {
        Dockerfile: `FROM node:24\nCOPY --from=docker.io/library/busybox:1.37 /bin/wget /bin/\n`,
        '.hardlint.yaml': `rules:
  dockerfile/untrusted-registry: [on, { allowed: [docker.io/library] }]
`,
      },
    },
  ],
  check({ tree }, context) {
    if (context.options.allowed.length === 0) return;
    for (const { image, span, place, isContext } of externalImages(tree)) {
      // `…` stands for a registry that is not known.
      if (isContext || image.name === 'scratch' || image.name.startsWith('…')) continue;
      if (isAllowed(image, context.options.allowed)) continue;
      context.report({
        span,
        message: `This image comes from \`${image.registry.slice(0, 60)}\`, a place that is not allowed.`,
        place,
      });
    }
  },
});
