import type { Document } from '../../syntaxes/document.ts';
import { describeEnd, endOfLife, successorOf } from '../core/end-of-life.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { composeServicesFacts } from '../facts/compose-services.ts';
import { type ExternalImage, externalImages } from './shared/images.ts';

export const rule = defineRule({
  id: 'dockerfile/eol-base',
  title: 'Base image gets no security fixes any more',
  kinds: ['dockerfile'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /from/i,
  docs: {
    why: `When a version has reached its end of life, its known holes stay open: nobody fixes them, and they are public. Packages of an
old distribution often cannot even be installed any more. In a stage that only builds, the compiler and the libraries that it links are old.`,
    fix: 'Change to a version that is supported, and look into its release notes for what the program has to do differently.',
    falsePositives: `The ends come from a table in hardlint that has a date, and they are compared with that date, not with today: the
same version of hardlint always says the same. Versions that the table does not know are not judged, nor are \`latest\` and tags in
variables without a default, or with one that Compose files replace. Vendors sell fixes for longer (Ubuntu Pro, Debian ELTS), which public
images do not have.`,
    cwe: [1104],
    references: [
      'https://endoflife.date/',
      'https://docs.docker.com/build/building/best-practices/#choose-the-right-base-image',
    ],
  },
  bad: [
    {
      name: 'a runtime',
      files: { Dockerfile: `FROM «node:16-alpine»\nCOPY . .\nUSER node\nCMD ["node", "server.js"]\n` },
      fixed: `FROM node:24-alpine\nCOPY . .\nUSER node\nCMD ["node", "server.js"]\n`,
    },
    {
      name: 'a builder, another architecture, a distribution by its number and by its name',
      files: {
        Dockerfile: `FROM --platform=$BUILDPLATFORM «docker.io/library/golang:1.19» AS build
RUN go build -o /app

FROM «ubuntu:18.04» AS test
FROM «debian:buster-slim»
COPY --from=build /app /app
COPY --from=«alpine:3.12» /bin/busybox /bin/
`,
      },
      fixed: `FROM --platform=$BUILDPLATFORM docker.io/library/golang:1.26 AS build
RUN go build -o /app

FROM ubuntu:18.04 AS test
FROM debian:buster-slim
COPY --from=build /app /app
COPY --from=alpine:3.12 /bin/busybox /bin/
`,
    },
    {
      name: 'the default of an argument',
      files: { Dockerfile: `ARG PYTHON=3.7\nfrom «python:\${PYTHON}-slim»\nuser app\n` },
    },
    {
      name: 'the distribution below a version that is supported',
      files: { Dockerfile: `FROM «python:3.12-slim-bullseye»\nUSER app\n` },
      fixed: `FROM python:3.12-slim-bookworm\nUSER app\n`,
    },
    {
      name: 'both have ended, and an image that was given up',
      files: {
        Dockerfile: `FROM «node:14-buster» AS ui\nFROM «mcr.microsoft.com/dotnet/core/aspnet:3.1» AS net\nFROM «openjdk:11-jre-slim»\n`,
      },
    },
    {
      name: 'Java goes on in another image',
      files: { Dockerfile: `FROM «openjdk:17-slim»\nCOPY app.jar /\n` },
      fixed: `FROM eclipse-temurin:17-jdk\nCOPY app.jar /\n`,
    },
  ],
  good: [
    {
      name: 'supported versions',
      files: {
        Dockerfile: `FROM node:22-alpine3.23 AS a\nFROM python:3.13-slim-bookworm AS b\nFROM golang:1.26 AS c\nFROM debian:12 AS d\nFROM ubuntu:24.04 AS e\nFROM eclipse-temurin:17-jre\n`,
      },
    },
    {
      name: 'stages with such names, other images, latest',
      files: {
        Dockerfile: `FROM alpine:latest AS node\nFROM node AS node16\nFROM acme/node:16 AS x\nFROM scratch\nCOPY --from=node16 /a /a\n`,
      },
    },
    {
      name: 'a version in a variable without a default',
      files: { Dockerfile: `ARG TAG\nFROM node:\${TAG}\nFROM python:\${TAG}-buster\n` },
    },
    {
      name: 'a default that Compose replaces',
      files: {
        Dockerfile: `ARG NODE=16\nFROM node:\${NODE}\n`,
        'compose.yaml': `services:\n  web:\n    build:\n      context: .\n      args:\n        NODE: 24\n`,
      },
    },
  ],
  check(document, context) {
    for (const external of externalImages(document.tree)) {
      const { image, span, place, isContext } = external;
      const ended = isContext ? undefined : endOfLife(image);
      if (!ended || isGivenByCompose(document, context, external)) continue;
      context.report({
        span,
        message: `${describeEnd(image, ended)}.`,
        place,
        fixes: () => {
          const successor = successorOf(image, ended);
          if (!successor || !document.text.slice(span.start, span.end).endsWith(successor.from)) return [];
          return [
            {
              title: successor.title,
              safety: 'review',
              edits: [
                { span: { start: span.end - successor.from.length, end: span.end }, text: successor.to },
              ],
              risk: `The program has to work with ${successor.what}, and packages may have other names there.`,
              verify: 'docker build .',
            },
          ];
        },
      });
    }
  },
});

/** Whether each service that is built from this file sets a variable of the image's name. */
function isGivenByCompose(
  document: Document<'dockerfile'>,
  context: Context,
  { span }: ExternalImage,
): boolean {
  const written = document.text.slice(span.start, span.end);
  if (!written.includes('$')) return false;
  const names = [...written.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
  const services = context.facts.about(composeServicesFacts, document.uri).map(({ fact }) => fact);
  return (
    services.length > 0 &&
    services.every(({ build }) => names.some((name) => build?.args?.[name] !== undefined))
  );
}
