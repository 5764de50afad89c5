import { describe, expect, test } from 'vitest';
import { parseImage } from '../../rules/core/image-reference.ts';
import { imageUser } from '../../rules/data/image-users.ts';
import { type DockerfileStagesFact, extractor } from '../../rules/facts/dockerfile-stages.ts';
import { dockerfileSyntax } from '../../syntaxes/dockerfile/syntax.ts';

function factOf(text: string): DockerfileStagesFact | undefined {
  return extractor.extract(dockerfileSyntax.parse('file:///w/Dockerfile', text))[0];
}

describe('the stages of a Dockerfile as a fact', () => {
  test('say who runs each, on what, and whether it is watched', () => {
    const text = `ARG V=22
FROM node:\${V} AS Build
HEALTHCHECK CMD true
FROM build AS run
USER app
FROM gcr.io/distroless/nodejs22:nonroot
COPY --from=run /app /app
`;
    const fact = factOf(text);
    expect(
      fact?.stages.map(({ name, base, user, userIsExplicit, healthcheck }) => [
        name,
        base,
        user.state,
        user.value,
        userIsExplicit,
        healthcheck,
      ]),
    ).toEqual([
      ['build', 'node:22', 'root', undefined, false, true],
      ['run', 'node:22', 'non-root', 'app', true, true],
      [undefined, 'gcr.io/distroless/nodejs22:nonroot', 'non-root', '65532', false, null],
    ]);
    expect(fact?.final).toEqual(fact?.stages[2]);
    expect(JSON.parse(JSON.stringify(fact))).toEqual(fact);
  });

  test('leave open what is not known', () => {
    expect(factOf('FROM $BASE\n')?.final).toMatchObject({
      base: null,
      user: { state: 'unknown' },
      healthcheck: null,
    });
    expect(factOf('FROM alpine:3\nUSER $U\n')?.final).toMatchObject({
      user: { state: 'unknown' },
      userIsExplicit: true,
    });
    expect(factOf('ARG A=1\n')).toBeUndefined();
  });
});

describe('who runs an image', () => {
  test.each([
    ['debian:12-slim', 'root'],
    ['docker.io/library/python:3.13', 'root'],
    ['public.ecr.aws/docker/library/node:22', 'root'],
    ['scratch', 'root'],
    ['gcr.io/distroless/static', 'root'],
    ['gcr.io/distroless/static:debug-nonroot', 'non-root'],
    ['mcr.microsoft.com/dotnet/aspnet:9.0', 'root'],
    ['mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled', 'non-root'],
    ['registry.access.redhat.com/ubi9/ubi-minimal:9.6', 'root'],
    ['registry.access.redhat.com/ubi9/nodejs-22', 'non-root'],
    ['cgr.dev/chainguard/wolfi-base', 'root'],
    ['cgr.dev/chainguard/python', 'non-root'],
    ['bitnami/redis:8', 'non-root'],
    ['ghcr.io/nginxinc/nginx-unprivileged:1.29', 'non-root'],
    ['grafana/grafana:12.0.0', 'non-root'],
    ['postgres:17', 'steps-down'],
    ['php:8.4-fpm', 'steps-down'],
    ['php:8.4-cli', 'root'],
    ['registry.example.com/node:22', undefined],
    ['example/app', undefined],
  ])('%s: %s', (name, state) => {
    const image = parseImage(name);
    expect(image && imageUser(image)?.state).toBe(state);
  });
});
