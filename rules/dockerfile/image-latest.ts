import { defineRule } from '../core/rule.ts';
import { externalImages, isMovingTag } from './shared/images.ts';

export const rule = defineRule({
  id: 'dockerfile/image-latest',
  title: 'Base image has the tag latest',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `\`latest\` is whatever was pushed last. Two builds of one commit give two images, a new major version arrives without a
change in the repository, and a rollback does not bring back what ran before.`,
    fix: 'Name the version that the image was tested with, with at least its minor number; a digest (`@sha256:…`) fixes it for good.',
    falsePositives:
      'Silent for stages of the file, digests, and names that depend on a variable without a default.',
    cwe: [1357],
    references: ['https://docs.docker.com/build/building/best-practices/#pin-base-image-versions'],
  },
  bad: [
    { name: 'written out', files: { Dockerfile: `FROM «alpine:latest»\nRUN apk add --no-cache curl\n` } },
    {
      name: 'in a builder, with a registry and a platform',
      files: {
        Dockerfile: `FROM --platform=$BUILDPLATFORM «registry.example.com:5000/tools/go:latest» AS build
RUN go build -o /app

FROM scratch
COPY --from=build /app /app
`,
      },
    },
    {
      name: 'as the default of an argument',
      files: { Dockerfile: `ARG TAG=latest\nFROM «node:\${TAG}»\nUSER node\n` },
    },
    {
      name: 'from a registry that is not known',
      files: { Dockerfile: `ARG REGISTRY\nFROM «\${REGISTRY}/team/node:latest»\n` },
    },
    {
      name: 'copied from',
      files: {
        Dockerfile: `FROM python:3.13-slim\nCOPY --from=«ghcr.io/astral-sh/uv:latest» /uv /usr/local/bin/uv\n`,
      },
    },
  ],
  good: [
    { name: 'a version', files: { Dockerfile: `FROM alpine:3.22\n` } },
    {
      name: 'a digest next to latest',
      files: { Dockerfile: `FROM alpine:latest@sha256:${'0'.repeat(64)}\n` },
    },
    {
      name: 'a stage of that name',
      files: { Dockerfile: `FROM alpine:3.22 AS latest\nFROM latest\nCOPY --from=latest /a /b\n` },
    },
    { name: 'a variable without a default', files: { Dockerfile: `ARG TAG\nFROM node:\${TAG}\n` } },
    {
      name: 'a tag that only starts so',
      files: { Dockerfile: `FROM registry.example.com/app:latest-2026.1\n` },
    },
    { name: 'a comment', files: { Dockerfile: `# FROM alpine:latest\nFROM alpine:3.22\n` } },
  ],
  check({ tree }, context) {
    for (const { image, span, place } of externalImages(tree)) {
      if (image.digest !== undefined || image.tag === undefined || !isMovingTag(image.tag)) continue;
      context.report({
        span,
        message: `\`${image.name}:${image.tag}\` is whatever was pushed last: two builds of one commit can give two different images.`,
        place,
      });
    }
  },
});
