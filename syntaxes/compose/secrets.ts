import {
  asMap,
  booleanOf,
  deref,
  pairOf,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
} from '../yaml/tree.ts';
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

/** Where a secret's content comes from. `unknown`: not defined in a file that is known. */
export type SecretSource = 'file' | 'environment' | 'content' | 'external' | 'unknown';

/** Merge keys in merged maps: deeper than this is no definition that someone wrote. */
const MAX_MERGES = 5;

/** What a service is given of the file's `secrets`, or of its `configs`, which are written alike. */
export function secretsOf(
  service: ComposeService,
  section: 'secrets' | 'configs' = 'secrets',
): readonly SecretUse[] {
  return itemsAt(service.effective, section).flatMap((item) => secretUse(item) ?? []);
}

export function secretSource(tree: ComposeTree, name: string): SecretSource {
  const definition = secretDefinition(tree, name)?.value ?? tree.project.secrets.get(name);
  const external = definedAs(definition, 'external');
  if (external && booleanOf(external.value) !== false) return 'external';
  const source = (['environment', 'file', 'content'] as const).find((key) => definedAs(definition, key));
  return source ?? 'unknown';
}

/** Where the file itself defines a secret. */
export function secretDefinition(tree: ComposeTree, name: string): YamlPair | undefined {
  return pairOf(pairOf(tree.root, 'secrets')?.value, name);
}

/** A key of a definition, its own or one that it merges in. */
export function definedAs(definition: YamlNode | undefined, key: string, depth = 0): YamlPair | undefined {
  const map = asMap(definition);
  const own = pairOf(map, key);
  if (own || !map || depth > MAX_MERGES) return own;
  for (const { key: name, value } of map.pairs) {
    if (name.value !== '<<') continue;
    const target = deref(value);
    for (const source of target?.type === 'seq' ? target.items : [target]) {
      const merged = definedAs(source, key, depth + 1);
      if (merged) return merged;
    }
  }
  return undefined;
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
