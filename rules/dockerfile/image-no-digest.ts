import { defineRule } from '../core/rule.ts';
import { isKeptUpToDate } from '../core/update-bots.ts';
import { externalImages, isMovingTag } from './shared/images.ts';

export const rule = defineRule({
  id: 'dockerfile/image-no-digest',
  title: 'Base image has a tag but no digest',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'medium',
  profile: 'strict',
  since: '0.1.0',
  mentions: /from/i,
  dev: 'off',
  docs: {
    why: `A tag can be moved: whoever may push to the repository, by right or not, can give the same version another content. A digest
names the content itself, so two builds of one commit start from the same bytes.`,
    fix: `Put the digest behind the tag, \`node:24.1.0@sha256:…\`; \`docker buildx imagetools inspect node:24.1.0\` tells it. Let Renovate or
Dependabot raise both, or known holes stay.`,
    falsePositives: `Only in the strict profile. Silent where Renovate or Dependabot is configured, for stages, \`scratch\`, images without a
tag (\`dockerfile/image-untagged\`) or with \`latest\` (\`dockerfile/image-latest\`), and where a variable without a default hides the name.`,
    cwe: [1357],
    references: ['https://docs.docker.com/build/building/best-practices/#pin-base-image-versions'],
  },
  bad: [
    {
      name: 'a builder and a base',
      files: {
        Dockerfile: `FROM «golang:1.26» AS build\nRUN go build -o /app\nFROM --platform=linux/amd64 «registry.example.com:5000/base:1»\nCOPY --from=build /app /app\n`,
      },
    },
    {
      name: 'the default of an argument, and an image that is copied from',
      files: {
        Dockerfile: `ARG TAG=24\nFROM «node:\${TAG}»\nCOPY --from=«busybox:1.37» /bin/wget /bin/\n`,
      },
    },
  ],
  good: [
    { name: 'a digest', files: { Dockerfile: `FROM node:24@sha256:${'0'.repeat(64)}\n` } },
    {
      name: 'stages, scratch, no tag, a variable',
      files: {
        Dockerfile: `ARG TAG\nFROM node AS a\nFROM a AS b\nFROM node:latest AS l\nFROM node:\${TAG} AS c\nFROM scratch\nCOPY --from=b /a /a\n`,
      },
    },
    {
      name: 'Dependabot raises versions',
      files: { 'app/Dockerfile': `FROM node:24\n`, '.github/dependabot.yml': `version: 2\n` },
    },
  ],
  check({ uri, tree }, context) {
    if (isKeptUpToDate(uri, context)) return;
    for (const { image, span, place, isContext } of externalImages(tree)) {
      const { tag, digest, name } = image;
      if (isContext || tag === undefined || digest !== undefined || name === 'scratch' || isMovingTag(tag))
        continue;
      context.report({
        span,
        message:
          'This image has no digest: its tag can be moved, and the same Dockerfile then builds on another content.',
        place,
      });
    }
  },
});
