import type { ImageReference } from '../core/image-reference.ts';
import { knownImage } from './images.ts';

/*
 * Who runs the container of well-known images when nothing sets a user, and which unprivileged user they bring along. Compiled by
 * hand in 2026-11 from what these projects document; not every entry has been compared with an image. An image that is not here
 * is unknown, and nothing is said of it.
 *
 * To check an entry: `docker image inspect -f '{{.Config.User}}' <image>`, and `docker run --rm --entrypoint id <image>` for the
 * numeric id. The projects say it here:
 * - https://github.com/docker-library/official-images (root; some change the user in their entrypoint)
 * - https://github.com/GoogleContainerTools/distroless (root; 65532 with the tag `nonroot`)
 * - https://edu.chainguard.dev/chainguard/chainguard-images/ (65532, but for wolfi-base)
 * - https://github.com/bitnami/containers (1001)
 * - https://github.com/nginxinc/docker-nginx-unprivileged (101)
 * - https://github.com/dotnet/dotnet-docker/blob/main/documentation/ (user `app`, 1654, from .NET 8 on)
 * - https://github.com/oven-sh/bun, https://github.com/denoland/deno_docker (users `bun` 1000, `deno` 1993, not in force)
 * - https://github.com/jupyter/docker-stacks (jovyan, 1000)
 */

export interface ImageUser {
  /** `steps-down`: the entrypoint starts as root and hands over to a user of its own. */
  readonly state: 'root' | 'non-root' | 'steps-down';
  /** The numeric user, where it is fixed. */
  readonly uid?: string;
}

/** Who runs an image's container by default; undefined for images that are not known. */
export function imageUser(image: ImageReference): ImageUser | undefined {
  const name = officialName(image.name);
  const tag = image.tag ?? '';
  if (/(?:^|-)(?:nonroot|rootless)(?:-|$)/.test(tag)) {
    return name.startsWith('gcr.io/distroless/')
      ? { state: 'non-root', uid: '65532' }
      : { state: 'non-root' };
  }
  if (name.startsWith('gcr.io/distroless/')) return { state: 'root' };
  if (isDotnet(name))
    return /chiseled|distroless/.test(tag) ? { state: 'non-root', uid: '1654' } : { state: 'root' };
  if (name === 'php' && /apache|fpm/.test(tag)) return { state: 'steps-down' };
  if (ROOT_IMAGES.has(name)) return { state: 'root' };
  const known = knownImage(name, image.tag);
  if (known) return { state: known.user, ...(known.uid !== undefined && { uid: known.uid }) };
  return NON_ROOT.find(([pattern]) => pattern.test(name))?.[1];
}

/** An unprivileged user that an image has but does not use, as `USER` takes it. */
export function presetUser(image: ImageReference): string | undefined {
  const name = officialName(image.name);
  if (isDotnet(name)) return Number.parseInt(image.tag ?? '', 10) >= 8 ? '$APP_UID' : undefined;
  return PRESET_USERS.get(name);
}

/** Whether an image is a server that serves what is copied into it; it needs no `CMD` to be an application. */
export function isServerImage(image: ImageReference): boolean {
  return SERVER_IMAGES.has(officialName(image.name));
}

/** How users are added in an image: `numeric` where it has no tool for it. */
export type UserTools = 'shadow' | 'busybox' | 'numeric';

export function userTools(image: ImageReference): UserTools {
  const name = officialName(image.name);
  const tag = image.tag ?? '';
  if (name === 'alpine' || /alpine/.test(tag)) return 'busybox';
  if (/(?:^|-)(?:nanoserver|windowsservercore|minimal|micro|al\d+|ubi\d*|oracle\w*)(?:-|$)/.test(tag))
    return 'numeric';
  return SHADOW_IMAGES.has(name) ? 'shadow' : 'numeric';
}

/** Docker's own images under the names of their mirrors. */
export function officialName(name: string): string {
  return name.replace(/^(?:public\.ecr\.aws\/docker|mirror\.gcr\.io|docker\.m\.daocloud\.io)\/library\//, '');
}

function isDotnet(name: string): boolean {
  return /^mcr\.microsoft\.com\/dotnet\/(?:aspnet|runtime|runtime-deps|sdk)$/.test(name);
}

/** Based on Debian, Ubuntu or a distribution with the shadow tools, so `useradd` is there. */
const SHADOW_IMAGES: ReadonlySet<string> = new Set([
  'debian',
  'ubuntu',
  'buildpack-deps',
  'python',
  'pypy',
  'node',
  'golang',
  'ruby',
  'php',
  'perl',
  'rust',
  'eclipse-temurin',
  'maven',
  'elixir',
  'erlang',
  'gcc',
  'dart',
  'swift',
  'haskell',
  'r-base',
  'julia',
  'mono',
  'fedora',
  'centos',
  'rockylinux',
  'almalinux',
  'rockylinux/rockylinux',
  'denoland/deno',
  'oven/bun',
  'nvidia/cuda',
  'pytorch/pytorch',
  'tensorflow/tensorflow',
]);

const ROOT_IMAGES: ReadonlySet<string> = new Set([
  ...SHADOW_IMAGES,
  'scratch',
  'alpine',
  'busybox',
  'openjdk',
  'amazoncorretto',
  'ibm-semeru-runtimes',
  'sapmachine',
  'clojure',
  'composer',
  'docker',
  'bash',
  'amazonlinux',
  'oraclelinux',
  'archlinux',
  'opensuse/leap',
  'opensuse/tumbleweed',
  'photon',
  'continuumio/miniconda3',
  'condaforge/miniforge3',
  'nginx',
  'caddy',
  'tomcat',
  'mcr.microsoft.com/playwright',
  'mcr.microsoft.com/playwright/python',
  'redhat/ubi8',
  'redhat/ubi9',
  'redhat/ubi8-minimal',
  'redhat/ubi9-minimal',
  ...['ubi8', 'ubi9', 'ubi10'].flatMap((ubi) =>
    ['', '-minimal', '-micro', '-init'].map(
      (variant) => `registry.access.redhat.com/${ubi}/${ubi.replace(/\d+/, '')}${variant}`,
    ),
  ),
  'cgr.dev/chainguard/wolfi-base',
  'bitnami/minideb',
  'quay.io/centos/centos',
  'public.ecr.aws/amazonlinux/amazonlinux',
]);

/** Whole families of images with a `USER`; single images are in `images.ts`. */
const NON_ROOT: readonly (readonly [RegExp, ImageUser])[] = [
  [/^cgr\.dev\//, { state: 'non-root', uid: '65532' }],
  [/^(?:[^/]+\/)?bitnami(?:legacy|secure)?\//, { state: 'non-root', uid: '1001' }],
  [/^ghcr\.io\/nginx(?:inc)?\/nginx-unprivileged$/, { state: 'non-root', uid: '101' }],
  [/-unprivileged$|-nonroot$|-rootless$/, { state: 'non-root' }],
  [/^(?:quay\.io\/)?prometheuscommunity\/postgres-exporter$/, { state: 'non-root', uid: '65534' }],
  [/^(?:apache\/kafka|confluentinc\/cp-[\w-]+)$/, { state: 'non-root', uid: '1000' }],
  [/^apache\/airflow$/, { state: 'non-root', uid: '50000' }],
  [/^(?:quay\.io\/)?jupyter\/[\w-]+-notebook$/, { state: 'non-root', uid: '1000' }],
  [/^selenium\//, { state: 'non-root', uid: '1200' }],
  [/^(?:docker\.n8n\.io\/)?n8nio\/n8n$/, { state: 'non-root', uid: '1000' }],
  [/^mambaorg\/micromamba$|^ghcr\.io\/puppeteer\/puppeteer$|^jetty$/, { state: 'non-root' }],
  [/^registry\.(?:access\.redhat\.com|redhat\.io)\/ubi\d+\/(?!ubi)[\w-]+$/, { state: 'non-root' }],
];

const PRESET_USERS: ReadonlyMap<string, string> = new Map([
  ['node', 'node'],
  ['oven/bun', 'bun'],
  ['denoland/deno', 'deno'],
  ['mcr.microsoft.com/playwright', 'pwuser'],
  ['mcr.microsoft.com/playwright/python', 'pwuser'],
]);

const SERVER_IMAGES: ReadonlySet<string> = new Set(['nginx', 'caddy', 'tomcat']);
