import type { ImageReference } from '../core/image-reference.ts';

/*
 * Which distribution well-known images are built on, and so what their `/bin/sh` is. None of these images sets `SHELL`,
 * `NODE_ENV` or another variable that changes what a package manager installs. Compiled by hand on 2026-11-25 from what the
 * projects document; not every entry has been compared with an image. An image that is not here is unknown.
 *
 * To check an entry: `docker run --rm --entrypoint sh <image> -c 'cat /etc/os-release; readlink -f /bin/sh'`, and
 * `docker image inspect -f '{{.Config.Shell}} {{.Config.Env}}' <image>`. The images of Docker itself are listed in
 * https://github.com/docker-library/official-images.
 */

/** `debian`: apt, and a `/bin/sh` that is dash, with bash beside it. `alpine`: apk and BusyBox. `fedora`: dnf, yum, bash. */
export type ImageFamily = 'debian' | 'alpine' | 'fedora';

/** The family of an image from outside; undefined for images that are not known. */
export function imageFamily(image: ImageReference): ImageFamily | undefined {
  const name = image.name.replace(
    /^(?:public\.ecr\.aws\/docker|mirror\.gcr\.io|docker\.m\.daocloud\.io)\/library\//,
    '',
  );
  const tag = image.tag ?? '';
  if (/windows|nanoserver|servercore/.test(tag)) return undefined;
  if (name === 'alpine' || ALPINE.has(name)) return 'alpine';
  if (FEDORA.has(name) || /^registry\.access\.redhat\.com\/ubi\d+\/ubi(?:-minimal)?$/.test(name))
    return 'fedora';
  if (LANGUAGES.has(name)) {
    if (/alpine/.test(tag)) return 'alpine';
    return /(?:^|-)(?:ubi\d*|oracle\w*|al\d+|amazonlinux\d*)(?:-|$)/.test(tag) ? 'fedora' : 'debian';
  }
  return DEBIAN.has(name) ? 'debian' : undefined;
}

/** Images whose environment sets nothing but `PATH`. */
export function isBareDistribution(image: ImageReference): boolean {
  return BARE.has(image.name);
}

const BARE: ReadonlySet<string> = new Set([
  'scratch',
  'alpine',
  'busybox',
  'debian',
  'ubuntu',
  'rockylinux',
  'almalinux',
  'amazonlinux',
  'archlinux',
]);

const ALPINE: ReadonlySet<string> = new Set(['docker', 'caddy', 'traefik']);

const FEDORA: ReadonlySet<string> = new Set([
  'fedora',
  'centos',
  'rockylinux',
  'rockylinux/rockylinux',
  'almalinux',
  'amazonlinux',
  'oraclelinux',
  'redhat/ubi8',
  'redhat/ubi9',
  'redhat/ubi8-minimal',
  'redhat/ubi9-minimal',
  'quay.io/centos/centos',
  'public.ecr.aws/amazonlinux/amazonlinux',
]);

/** Images that have variants on Alpine; on Debian or Ubuntu where the tag names no other distribution. */
const LANGUAGES: ReadonlySet<string> = new Set([
  'node',
  'python',
  'pypy',
  'golang',
  'ruby',
  'php',
  'perl',
  'rust',
  'eclipse-temurin',
  'maven',
  'gradle',
  'elixir',
  'erlang',
  'haskell',
  'dart',
  'swift',
  'gcc',
  'julia',
  'nginx',
  'httpd',
  'redis',
  'postgres',
  'mariadb',
  'mongo',
  'tomcat',
  'rabbitmq',
  'memcached',
  'haproxy',
  'wordpress',
  'oven/bun',
  'mcr.microsoft.com/dotnet/aspnet',
  'mcr.microsoft.com/dotnet/runtime',
  'mcr.microsoft.com/dotnet/sdk',
]);

const DEBIAN: ReadonlySet<string> = new Set([
  'debian',
  'ubuntu',
  'buildpack-deps',
  'bitnami/minideb',
  'r-base',
  'nvidia/cuda',
  'pytorch/pytorch',
  'tensorflow/tensorflow',
  'mcr.microsoft.com/playwright',
  'mcr.microsoft.com/playwright/python',
]);
