import * as z from 'zod';
import type { ImageReference } from './image-reference.ts';
import type { RuleOptions } from './rule.ts';

/** Which registries images may come from. */
export interface RegistryOptions {
  readonly allowed: readonly string[];
}

/** With an empty list, which is the default, nothing is said. */
export const REGISTRY_OPTIONS: RuleOptions<RegistryOptions> = {
  defaults: { allowed: [] },
  schema: () =>
    z.object({
      allowed: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Registries, or folders in them, that images may come from: `ghcr.io`, `ghcr.io/acme`, `*.example.com`, `docker.io/library`.',
        ),
    }),
};

/** Whether an image comes from one of the places; always so where none is named. */
export function isAllowed({ registry, path }: ImageReference, allowed: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((place) => isFrom(registry.toLowerCase(), path, place));
}

function isFrom(registry: string, path: string, place: string): boolean {
  const clean = place.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  const slash = clean.indexOf('/');
  const host = (slash < 0 ? clean : clean.slice(0, slash)).toLowerCase();
  const folder = slash < 0 ? '' : clean.slice(slash + 1).replace(/\/\*+$/, '');
  const sameHost = host.startsWith('*.')
    ? registry.endsWith(host.slice(1))
    : registry === host ||
      (registry === 'docker.io' && /^(?:index\.|registry-1\.|hub\.)docker\.(?:io|com)$/.test(host));
  return sameHost && (folder === '' || folder === '*' || path === folder || path.startsWith(`${folder}/`));
}
