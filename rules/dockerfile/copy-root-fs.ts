import { baseImage, stageNamed } from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule } from '../core/rule.ts';
import { imageFamily } from '../data/image-families.ts';
import { copyOf, pathInImage } from './shared/copies.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/copy-root-fs',
  title: 'A whole system is copied over another one',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\bcopy\b/i,
  docs: {
    why: `\`COPY --from=build / /\` brings everything along that the builder has: compilers, sources, package caches, credentials that
its steps wrote. It also lays one distribution over another, whose package database then knows nothing of the files.`,
    fix: 'Copy what the application needs: `COPY --from=build /app /app`.',
    falsePositives: `Silent where the target is \`scratch\`, which squashes an image into one layer, where the source is built from
\`scratch\` and so is a set of files that was put together on purpose, and where the source's base image is not known.`,
    cwe: [1104],
    references: ['https://docs.docker.com/build/building/multi-stage/'],
  },
  bad: [
    {
      name: 'a builder',
      files: {
        Dockerfile: `FROM golang:1.26 AS build
RUN go build -o /app .
FROM alpine:3.22
COPY --from=build «/» /
CMD ["/app"]
`,
      },
    },
    {
      name: 'an image, by number, and other spellings',
      files: {
        Dockerfile: `FROM debian:12
FROM ubuntu:24.04
WORKDIR /
COPY --from=alpine:3.22 «/.» /
COPY --link --from=0 ["«/»", "/"]
COPY --from=0 "«/»" '/'
COPY --from=0 «/*» ./
`,
      },
    },
  ],
  good: [
    {
      name: 'one layer',
      files: {
        Dockerfile: `FROM debian:12 AS build\nRUN apt-get update\nFROM scratch\nCOPY --from=build / /\nCMD ["/bin/bash"]\n`,
      },
    },
    {
      name: 'files that were put together',
      files: {
        Dockerfile: `FROM scratch AS rootfs
COPY root/ /
FROM alpine:3.22
COPY --from=rootfs / /
`,
      },
    },
    {
      name: 'an image that is a set of files',
      files: {
        Dockerfile: `FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.7.0 AS xx\nFROM alpine:3.22\nCOPY --from=xx / /\nCOPY --from=ghcr.io/example/overlay / /\n`,
      },
    },
    {
      name: 'a part of it, and the build context',
      files: {
        Dockerfile: `FROM golang:1.26 AS build\nFROM alpine:3.22\nCOPY --from=build /out/ /\nCOPY --from=build / /rootfs\nCOPY . /\nCOPY / /\n`,
      },
    },
    {
      name: 'one layer of a stage that builds on scratch',
      files: {
        Dockerfile: `FROM debian:12 AS build\nFROM scratch AS empty\nFROM empty\nCOPY --from=build / /\n`,
      },
    },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      if (baseImage(tree, stage) === 'scratch') continue;
      for (const instruction of stage.instructions) {
        const copy = copyOf(instruction);
        const source = copy?.sources.find(({ path }) => /^\/(?:\.?\/?|\*)$/.test(path));
        if (!copy?.from || !source || pathInImage(tree, stage, instruction, copy.destination) !== '/')
          continue;
        if (!isSystem(tree, stage, copy.from)) continue;
        context.report({
          span: source.span,
          message: `All of \`${copy.from.slice(0, 40)}\` is copied over this image, with its tools, caches and whatever its steps left behind.`,
          place: `${stagePlace(stage)}.COPY[/]`,
        });
      }
    }
  },
});

/** Whether the stage or image is a whole distribution. */
function isSystem(tree: DockerfileTree, stage: Stage, from: string): boolean {
  const source = stageNamed(tree, from);
  const name = source && source.index < stage.index ? baseImage(tree, source) : from;
  const image = name === undefined ? undefined : parseImage(name);
  return image !== undefined && imageFamily(image) !== undefined;
}
