import { asMap, deref, pairOf, type YamlPair, type YamlScalar } from '../yaml/tree.ts';
import {
  type ComposeService,
  type ComposeTree,
  type EffectiveEntry,
  type EffectiveItem,
  type EffectiveMap,
  itemsAt,
  lookup,
  scalarAt,
} from './tree.ts';

/** A service's use of a secret. https://docs.docker.com/reference/compose-file/services/#secrets */
export interface SecretUse {
  readonly item: EffectiveItem;
  /** The key of the secret below the file's `secrets`. */
  readonly name: string;
  readonly short: YamlScalar | undefined;
  readonly long: EffectiveMap | undefined;
  readonly mode: EffectiveEntry | undefined;
  readonly uid: EffectiveEntry | undefined;
  readonly gid: EffectiveEntry | undefined;
}

/** Where a secret's content comes from. `unknown`: not defined in this file. */
export type SecretSource = 'file' | 'environment' | 'content' | 'external' | 'unknown';

export function secretsOf(service: ComposeService): readonly SecretUse[] {
  return itemsAt(service.effective, 'secrets').flatMap((item) => secretUse(item) ?? []);
}

export function secretSource(tree: ComposeTree, name: string): SecretSource {
  const definition = asMap(secretDefinition(tree, name)?.value);
  if (!definition) return 'unknown';
  const source = (['external', 'environment', 'file', 'content'] as const).find((key) =>
    pairOf(definition, key),
  );
  return source ?? 'unknown';
}

export function secretDefinition(tree: ComposeTree, name: string): YamlPair | undefined {
  return pairOf(pairOf(tree.root, 'secrets')?.value, name);
}

function secretUse(item: EffectiveItem): SecretUse | undefined {
  const { value } = item;
  if (value?.type === 'scalar') {
    return {
      item,
      name: value.node.value,
      short: value.node,
      long: undefined,
      mode: undefined,
      uid: undefined,
      gid: undefined,
    };
  }
  if (value?.type !== 'map' || deref(item.node)?.type !== 'map') return undefined;
  const name = scalarAt(value, 'source')?.value;
  if (name === undefined) return undefined;
  const [mode, uid, gid] = ['mode', 'uid', 'gid'].map((key) => lookup(value, key));
  return { item, name, short: undefined, long: value, mode, uid, gid };
}
