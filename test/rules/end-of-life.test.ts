import { describe, expect, test } from 'vitest';
import { describeEnd, endOfLife, successorOf } from '../../rules/core/end-of-life.ts';
import { parseImage } from '../../rules/core/image-reference.ts';
import { CHECKED, PRODUCTS } from '../../rules/data/end-of-life.ts';

const ISO = /^\d{4}-\d\d-\d\d$/;

describe('the table', () => {
  test.each(PRODUCTS)('of $label is sound', ({ ends, names, next }) => {
    for (const [version, end] of ends) {
      expect(end, version).toMatch(ISO);
      expect(Number.isNaN(Date.parse(end)), version).toBe(false);
    }
    for (const version of next ?? []) {
      expect(ends.get(version) ?? '9999-12-31', `${version} has ended`).toSatisfy(
        (end: string) => end > CHECKED,
      );
    }
    for (const version of names?.values() ?? []) expect(version).toMatch(/^\d/);
  });

  test('names each image once', () => {
    const images = PRODUCTS.flatMap((product) => product.images);
    expect(new Set(images).size).toBe(images.length);
    for (const image of images) expect(parseImage(image)?.name).toBe(image);
  });

  test('has a short version only where all longer ones have ended', () => {
    for (const { label, ends } of PRODUCTS) {
      for (const [version, end] of ends) {
        const longer = [...ends].filter(([other]) => other.startsWith(`${version}.`));
        for (const [other, last] of longer)
          expect(last <= end, `${label} ${version} before ${other}`).toBe(true);
      }
    }
  });
});

test.each([
  ['postgres:9', 'PostgreSQL', '9'],
  ['docker.io/library/postgres:9.6.24-alpine', 'PostgreSQL', '9.6'],
  ['public.ecr.aws/docker/library/node:16', 'Node.js', '16'],
  ['node:lts-hydrogen', 'Node.js', '18'],
  ['openjdk:8u342-jre', 'openjdk', '8'],
  ['centos', 'CentOS', '8'],
  ['centos:centos7.9.2009', 'CentOS', '7'],
  ['amazonlinux:2018.03', 'Amazon Linux', '2018'],
  ['pgvector/pgvector:pg13', 'PostgreSQL', '13'],
  ['python:3.12-slim-buster', 'Debian', '10'],
  ['python:slim-buster', 'Debian', '10'],
  ['redis:7.4-alpine3.18', 'Alpine', '3.18'],
])('%s rests on %s %s, which has ended', (image, label, version) => {
  const reference = parseImage(image);
  const ended = reference && endOfLife(reference);
  expect([ended?.product.label, ended?.version]).toEqual([label, version]);
});

test.each([
  'postgres',
  'postgres:18',
  'mysql:8',
  'mysql:8.4.5',
  'mariadb:10.11',
  'redis:7',
  'python:3',
  'amazonlinux:2023',
  'alpine:3',
  'alpine:20210804',
  'debian:stable-slim',
  'node:7f3a9c2',
  'acme/app:1-buster',
  'acme/app:1.0-alpine-2',
  'registry.example.com/postgres:9',
])('%s is not judged', (image) => {
  const reference = parseImage(image);
  expect(reference && endOfLife(reference)).toBe(undefined);
});

test.each([
  ['node:16.20.2-alpine', ':24-alpine'],
  ['node:25-slim', ':26-slim'],
  ['node:16-bullseye', undefined],
  ['node:16@sha256:0', undefined],
  ['debian:buster-slim', ':trixie-slim'],
  ['python:3.12.1-bullseye', undefined],
  ['php:8.3-fpm-bullseye', ':8.3-fpm-bookworm'],
  ['openjdk:11', 'eclipse-temurin:11-jdk'],
  ['openjdk:14', undefined],
  ['postgres:12', undefined],
])('%s changes to %s', (image, to) => {
  const reference = parseImage(image);
  const ended = reference && endOfLife(reference);
  expect(reference && ended && successorOf(reference, ended)?.to).toBe(to);
});

test('a message fits, however long the name is', () => {
  const reference = parseImage(`mcr.microsoft.com/dotnet/runtime-deps:6.0-${'x'.repeat(200)}`);
  const ended = reference && endOfLife(reference);
  expect(reference && ended && `${describeEnd(reference, ended)}.`.length).toBeLessThan(161);
});
