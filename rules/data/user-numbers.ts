import type { ImageReference } from '../core/image-reference.ts';
import { imageFamily } from './image-families.ts';
import { officialName } from './image-users.ts';

/*
 * The numbers of users that images bring along, for names that are in the image and that no instruction creates. Compiled by hand
 * on 2026-11-25. To check an entry: `docker run --rm --entrypoint id <image> -u <name>`.
 * - https://github.com/nodejs/docker-node (node, 1000), https://github.com/oven-sh/bun (bun, 1000)
 * - https://github.com/GoogleContainerTools/distroless (nonroot, 65532)
 * - https://sources.debian.org/src/base-passwd/ (www-data 33, nobody 65534), https://gitlab.alpinelinux.org/alpine/aports
 *   (main/alpine-baselayout: nobody 65534; www-data has a group only)
 */

/** The number of a user in an image; undefined where it is not known. */
export function userNumber(image: ImageReference, user: string): string | undefined {
  const name = officialName(image.name);
  if (name.startsWith('gcr.io/distroless/')) return user === 'nonroot' ? '65532' : undefined;
  const own = OWN.get(name);
  if (own?.[0] === user) return own[1];
  const family = imageFamily(image);
  if (user === 'nobody' && (family === 'debian' || family === 'alpine')) return '65534';
  return user === 'www-data' && family === 'debian' ? '33' : undefined;
}

const OWN: ReadonlyMap<string, readonly [user: string, uid: string]> = new Map([
  ['node', ['node', '1000']],
  ['oven/bun', ['bun', '1000']],
]);
