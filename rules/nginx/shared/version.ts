import type { Document } from '../../../syntaxes/document.ts';
import type { Context } from '../../core/rule.ts';
import { containersOf, nginxVersionOf } from './containers.ts';

/**
 * The version of nginx that reads a file: as configured, else that of the containers that have the file. Undefined where it is
 * not known, or where they differ.
 */
export function nginxVersion(
  document: Document<'nginx'>,
  { versions, facts }: Pick<Context, 'versions' | 'facts'>,
): readonly number[] | undefined {
  if (versions.nginx) return versions.nginx;
  const [first, ...others] = containersOf(facts, document.uri).map(({ image }) =>
    image === undefined ? undefined : nginxVersionOf(image),
  );
  return first && others.every((other) => other?.join('.') === first.join('.')) ? first : undefined;
}

/** Whether a version is the given one or newer; undefined where it is not known. */
export function isAtLeast(
  version: readonly number[] | undefined,
  wanted: readonly number[],
): boolean | undefined {
  if (version === undefined) return undefined;
  for (const [index, number] of wanted.entries()) {
    const own = version[index] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}
