import type { ConfigEntry } from '../../../syntaxes/appconfig/tree.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';

/** The scalars that are the value of a key: one, or those of a list. */
export function scalarsOf(entry: ConfigEntry): readonly YamlScalar[] {
  if (entry.scalar) return [entry.scalar];
  const value = entry.pair.value;
  return value?.type === 'seq' ? value.items.filter((item) => item.type === 'scalar') : [];
}

/** A path for a message: its last keys where it is long. */
export function shortPath(path: string): string {
  return path.length <= 60 ? path : `…${path.slice(-58)}`;
}
