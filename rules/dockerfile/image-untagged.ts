import { defineRule } from '../core/rule.ts';
import { externalImages } from './shared/images.ts';

export const rule = defineRule({
  id: 'dockerfile/image-untagged',
  title: 'Base image has no tag',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `An image without a tag is \`latest\`: whatever was pushed last. Two builds of one commit give two images, and a new major
version arrives without a change in the repository.`,
    fix: 'Name the version that the image was tested with, with at least its minor number; a digest (`@sha256:…`) fixes it for good.',
    falsePositives: `Silent for stages of the file, \`scratch\`, digests, images of \`localhost\`, and names that depend on a variable
without a default.`,
    cwe: [1357],
    references: ['https://docs.docker.com/build/building/best-practices/#pin-base-image-versions'],
  },
  bad: [
    { name: 'an official image', files: { Dockerfile: `FROM «ubuntu»\nRUN apt-get update\n` } },
    { name: 'a registry with a port', files: { Dockerfile: `FROM «registry.example.com:5000/team/base»\n` } },
    {
      name: 'a builder',
      files: { Dockerfile: `FROM «golang» AS build\nFROM scratch\nCOPY --from=build /app /app\n` },
    },
    { name: 'an argument with a default', files: { Dockerfile: `ARG BASE=node\nFROM «$BASE»\n` } },
    {
      name: 'from a registry that is not known',
      files: { Dockerfile: `ARG REGISTRY\nFROM «\${REGISTRY}/node»\n` },
    },
    {
      name: 'copied from',
      files: { Dockerfile: `FROM alpine:3.22\nCOPY --from=«busybox» /bin/wget /bin/wget\n` },
    },
  ],
  good: [
    { name: 'a tag', files: { Dockerfile: `FROM ubuntu:24.04\n` } },
    { name: 'a digest', files: { Dockerfile: `FROM ubuntu@sha256:${'0'.repeat(64)}\n` } },
    { name: 'scratch', files: { Dockerfile: `FROM scratch\nCOPY app /\n` } },
    {
      name: 'stages, whatever their case and platform',
      files: {
        Dockerfile: `FROM golang:1.26 AS Build\nFROM --platform=linux/arm64 build AS test\nFROM scratch\nCOPY --from=0 /a /a\n`,
      },
    },
    {
      name: 'a stage in a variable',
      files: { Dockerfile: `ARG FROM_STAGE=build\nFROM golang:1.26 AS build\nFROM \${FROM_STAGE}\n` },
    },
    {
      name: 'an argument without a default',
      files: { Dockerfile: `ARG BASE\nFROM $BASE\nFROM \${BASE}-slim\n` },
    },
    { name: 'an empty argument', files: { Dockerfile: `ARG TAG=\nFROM node:$TAG\n` } },
    { name: 'an image that was built here', files: { Dockerfile: `FROM localhost/base\n` } },
    {
      name: 'a build context that the command line names',
      files: { Dockerfile: `FROM golang:1.26\nRUN --mount=from=vendored,target=/vendor go build\n` },
    },
  ],
  check({ tree }, context) {
    for (const { image, span, place, isContext } of externalImages(tree)) {
      if (image.digest !== undefined || image.tag !== undefined || image.name === 'scratch' || isContext)
        continue;
      if (/^localhost[:/]/.test(image.name)) continue;
      context.report({
        span,
        message: `\`${image.name}\` without a tag is \`latest\`, whatever was pushed last: two builds can give two different images.`,
        place,
      });
    }
  },
});
