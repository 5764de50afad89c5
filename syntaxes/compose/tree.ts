import type { YamlFile, YamlMap, YamlNode, YamlPair, YamlScalar, YamlSeq } from '../yaml/tree.ts';

/**
 * A Compose file with its services as they are in effect: merge keys, aliases and `extends` within the file are followed,
 * and every value keeps the node that it was written as, so that findings and edits sit where the value comes from.
 */
export interface ComposeTree {
  readonly file: YamlFile;
  /** The map at the top, absent where the file is empty or no map. */
  readonly root: YamlMap | undefined;
  /** In the order of the file. */
  readonly services: readonly ComposeService[];
  /**
   * By the start of a key or of a list's item: the services that get it, where more than one do. Such a value stands in an
   * anchor, or in a service that others extend.
   */
  readonly sharing: ReadonlyMap<number, readonly string[]>;
  /** Names of services whose end another one waits for: jobs, not programs that keep running. */
  readonly awaited: ReadonlySet<string>;
  /** The file together with those that Compose reads with it. */
  readonly project: ComposeProject;
}

/** What is defined in a file and in those that Compose reads with it: its base, its override files, what they include. */
export interface ComposeProject {
  /** False where a part is not known: a file that is not in the workspace, an address, a template. */
  readonly complete: boolean;
  readonly services: ReadonlyMap<string, ComposeService>;
  /** What stands below each name; undefined where nothing does. */
  readonly volumes: ReadonlyMap<string, YamlNode | undefined>;
  readonly networks: ReadonlyMap<string, YamlNode | undefined>;
  readonly secrets: ReadonlyMap<string, YamlNode | undefined>;
  readonly configs: ReadonlyMap<string, YamlNode | undefined>;
}

export interface ComposeService {
  readonly name: string;
  /** The name as it is written below `services`. */
  readonly key: YamlScalar;
  /** The map below the name, as written, through an alias; absent where there is none. */
  readonly body: YamlMap | undefined;
  /** Whether `body` stands elsewhere and the name is given an alias (`web: *base`). */
  readonly aliased: boolean;
  /** The services that merge `body` in, so that what is added to it is added to them; empty where none does. */
  readonly mergedBy: readonly string[];
  /** All that is in effect. */
  readonly effective: EffectiveMap;
  /** What `effective` is made of, the most general first; the last one is the service's own. */
  readonly layers: readonly EffectiveMap[];
  /** False where a part cannot be seen from this file (`extends` of another file, an alias without an anchor). */
  readonly complete: boolean;
  /** What was worked out of the service before (see `remembered`). */
  readonly memory: Map<string, unknown>;
  /** Whether there is an `image` or a `build`; without one the file only adds to a service of another file. */
  readonly standalone: boolean;
}

/** How a value came to a service. `merge` stands for `<<` and aliases, `override` for a file that goes over this one. */
export type Via = 'own' | 'merge' | 'extends' | 'override';

export type Effective = EffectiveMap | EffectiveSeq | EffectiveScalar;

export interface EffectiveMap {
  readonly type: 'map';
  readonly node: YamlMap;
  readonly entries: ReadonlyMap<string, EffectiveEntry>;
  /** False where a merge key could not be followed. */
  readonly complete: boolean;
}

/** A key in effect, with the pair that it was written as and the map which holds that pair. */
export interface EffectiveEntry {
  readonly key: string;
  readonly pair: YamlPair;
  readonly map: YamlMap;
  readonly via: Via;
  /** Absent for null, and for an alias without an anchor. */
  readonly value: Effective | undefined;
}

export interface EffectiveSeq {
  readonly type: 'seq';
  readonly node: YamlSeq;
  readonly items: readonly EffectiveItem[];
}

export interface EffectiveItem {
  readonly node: YamlNode;
  readonly seq: YamlSeq;
  readonly index: number;
  readonly via: Via;
  readonly value: Effective | undefined;
}

export interface EffectiveScalar {
  readonly type: 'scalar';
  readonly node: YamlScalar;
}

/**
 * A view of a service that many rules ask for: worked out once. It may depend on the service and its file alone; `id` names it.
 */
export function remembered<T>(service: ComposeService, id: string, make: () => T): T {
  const { memory } = service;
  if (memory.has(id)) return memory.get(id) as T;
  const made = make();
  memory.set(id, made);
  return made;
}

/** The entry under a path of keys. */
export function lookup(
  map: EffectiveMap | undefined,
  ...keys: readonly string[]
): EffectiveEntry | undefined {
  let entry: EffectiveEntry | undefined;
  let at: Effective | undefined = map;
  for (const key of keys) {
    entry = at?.type === 'map' ? at.entries.get(key) : undefined;
    if (!entry) return undefined;
    at = entry.value;
  }
  return entry;
}

/** The scalar under a path of keys. */
export function scalarAt(map: EffectiveMap | undefined, ...keys: readonly string[]): YamlScalar | undefined {
  const value = lookup(map, ...keys)?.value;
  return value?.type === 'scalar' ? value.node : undefined;
}

/** The map under a path of keys. */
export function mapAt(map: EffectiveMap | undefined, ...keys: readonly string[]): EffectiveMap | undefined {
  const value = lookup(map, ...keys)?.value;
  return value?.type === 'map' ? value : undefined;
}

/** The items under a path of keys; empty where there is no list. */
export function itemsAt(map: EffectiveMap | undefined, ...keys: readonly string[]): readonly EffectiveItem[] {
  const value = lookup(map, ...keys)?.value;
  return value?.type === 'seq' ? value.items : [];
}

/** The services that get what starts at an offset, at least the one that was asked for. */
export function servicesSharing(
  tree: ComposeTree,
  offset: number,
  service: ComposeService,
): readonly string[] {
  return tree.sharing.get(offset) ?? [service.name];
}
