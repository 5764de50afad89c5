import { contentSpan } from '../../syntaxes/compose/environment.ts';
import { describeEnd, endOfLife, successorOf } from '../core/end-of-life.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, withSharers } from './shared/origin.ts';
import { type PulledImage, pulledImages } from './shared/pulled-images.ts';

export const rule = defineRule({
  id: 'compose/eol-image',
  title: 'Image gets no security fixes any more',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /image/,
  docs: {
    why: `When a version has reached its end of life, its known holes stay open: nobody fixes them, and they are public. That is true
of the program and of the distribution that the image rests on.`,
    fix: `Change to a version that is supported. A database does not start with the files of another major version: make a dump with
the old one and read it into the new one, or follow the vendor's upgrade guide, before the tag is changed.`,
    falsePositives: `The ends come from a table in hardlint that has a date, and they are compared with that date, not with today: the
same version of hardlint always says the same. Versions that the table does not know are not judged, nor are images that are built here,
\`latest\`, and tags in variables without a default. Vendors sell fixes for longer (Ubuntu Pro, Debian ELTS), which public images do
not have.`,
    cwe: [1104],
    references: ['https://endoflife.date/', 'https://www.postgresql.org/docs/current/upgrading.html'],
  },
  bad: [
    {
      name: 'databases, with variants, defaults and short versions: nothing is changed for them',
      files: {
        'compose.yaml': `services:
  db:
    image: «postgres:11.9-alpine»
  old:
    image: "«docker.io/library/postgres:9»"
  sql:
    image: '«mysql:\${MYSQL_TAG:-5.7}»'
  search:
    image: «docker.elastic.co/elasticsearch/elasticsearch:7.17.28»
  queue: { image: «rabbitmq:3-management» }
  vectors:
    image: «pgvector/pgvector:pg13»
  shards:
    image: «mongo:4.4.22@sha256:${'0'.repeat(64)}»
`,
      },
    },
    {
      name: 'a runtime',
      files: {
        'compose.yaml': `services:
  web:
    image: «node:16.20.2-alpine»
    command: node server.js
`,
      },
      fixed: `services:
  web:
    image: node:24-alpine
    command: node server.js
`,
    },
    {
      name: 'code names',
      files: {
        'compose.yaml': `services:
  shell:
    image: "«debian:buster-slim»"
  node:
    image: «node:lts-hydrogen»
  ubuntu:
    image: «ubuntu:bionic-20210222»
`,
      },
      fixed: `services:
  shell:
    image: "debian:trixie-slim"
  node:
    image: node:lts-hydrogen
  ubuntu:
    image: ubuntu:bionic-20210222
`,
    },
    {
      name: 'the distribution below it',
      files: {
        'compose.yaml': `services:
  app:
    image: «python:3.12-slim-bullseye»
  cache:
    image: «redis:7.4-alpine3.19»
  gpu:
    image: «nvidia/cuda:11.4.3-base-ubuntu18.04»
`,
      },
      fixed: `services:
  app:
    image: python:3.12-slim-bookworm
  cache:
    image: redis:7.4-alpine3.19
  gpu:
    image: nvidia/cuda:11.4.3-base-ubuntu18.04
`,
    },
    {
      name: 'an image that was given up',
      files: {
        'compose.yaml': `services:
  java:
    image: «openjdk:8-jre-alpine»
  centos:
    image: «centos»
`,
      },
      fixed: `services:
  java:
    image: eclipse-temurin:8-jre-alpine
  centos:
    image: centos
`,
    },
    {
      name: 'shared by an anchor',
      files: {
        'compose.yaml': `x-app: &app
  image: «php:7.4-fpm»
services:
  web:
    <<: *app
  worker:
    <<: *app
    command: work
`,
      },
      fixed: `x-app: &app
  image: php:8.4-fpm
services:
  web:
    <<: *app
  worker:
    <<: *app
    command: work
`,
    },
  ],
  good: [
    {
      name: 'versions that are supported, also where only a part of them is',
      files: {
        'compose.yaml': `services:
  a: { image: "postgres:17" }
  b: { image: "mysql:8" }
  c: { image: "mariadb:10.11" }
  d: { image: "redis:7-alpine" }
  e: { image: "node:22-slim" }
  f: { image: "python:3.14-slim-bookworm" }
  g: { image: "golang:1" }
  h: { image: "elasticsearch:8.19.19" }
  i: { image: "tomcat:10-jdk17" }
  j: { image: "mcr.microsoft.com/dotnet/aspnet:10.0" }
`,
      },
    },
    {
      name: 'not known: latest, variables, no version, a number that is none',
      files: {
        'compose.yaml': `services:
  a: { image: postgres }
  b: { image: "node:latest" }
  c: { image: "node:alpine" }
  d: { image: "postgres:\${PG}" }
  e: { image: "\${IMAGE:-acme/app}:11" }
  f: { image: "alpine:20210804" }
  g: { image: "debian:stable-slim" }
  h: { image: "postgres@sha256:${'0'.repeat(64)}" }
`,
      },
    },
    {
      name: 'other images with the same last name or the same words in their tag',
      files: {
        'compose.yaml': `services:
  a: { image: "acme/postgres:9.6" }
  b: { image: "registry.example.com:5000/node:16" }
  c: { image: "acme/app:1.0-buster" }
  d: { image: "vulhub/elasticsearch:1.4.2" }
  e: { image: "acme/app:1.2-alpine-2" }
`,
      },
    },
    {
      name: 'the name of what is built here',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    image: node:16
  worker:
    image: node:16
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of pulledImages(document.tree)) {
      const ended = endOfLife(subject.reference);
      if (!ended) continue;
      context.report({
        span: contentSpan(subject.scalar, document.text),
        message: withSharers(describeEnd(subject.reference, ended), sharers),
        place: `services.${service.name}.image`,
        fixes: () => [atOrigin(fixFor(document.text, subject), sharers)],
      });
    }
  },
});

function fixFor(text: string, { scalar, reference }: PulledImage): Fix | undefined {
  const ended = endOfLife(reference);
  const successor = ended && successorOf(reference, ended);
  const span = contentSpan(scalar, text);
  if (!successor || !text.slice(span.start, span.end).endsWith(successor.from)) return undefined;
  return fixOf(
    { span: { start: span.end - successor.from.length, end: span.end }, text: successor.to },
    {
      title: successor.title,
      safety: 'review',
      risk: `What runs in the image has to work with ${successor.what}; its release notes say what has changed.`,
    },
  );
}
