import { basename } from '../uri.ts';
import { deref, pairOf, type YamlMap, type YamlNode, type YamlPair, type YamlSeq } from '../yaml/tree.ts';
import type {
  ComposeService,
  Effective,
  EffectiveEntry,
  EffectiveItem,
  EffectiveMap,
  EffectiveSeq,
  Via,
} from './tree.ts';
import { scalarAt } from './tree.ts';

/** Files that copy more entries than this through anchors are bombs; what is over the limit counts as unknown. */
const MAX_COPIES = 200_000;
/** Aliases in aliases in aliases: deeper than this counts as unknown. */
const MAX_DEPTH = 250;

/** Sequences that a service replaces instead of adding to those of the service it extends. */
const REPLACED: ReadonlySet<string> = new Set(['command', 'entrypoint', 'healthcheck.test']);

/** The services of a file in effect. */
export function effectiveServices(uri: string, services: YamlMap): readonly ComposeService[] {
  const resolver = new Resolver(uri, services);
  return uniquePairs(services).map((pair) => resolver.service(pair));
}

interface Layers {
  readonly layers: readonly EffectiveMap[];
  readonly complete: boolean;
}

class Resolver {
  readonly #fileName: string;
  readonly #services: YamlMap;
  readonly #expanded = new Map<YamlNode, Effective>();
  readonly #layers = new Map<YamlPair, Layers>();
  #copies = 0;

  constructor(uri: string, services: YamlMap) {
    this.#fileName = basename(uri);
    this.#services = services;
  }

  service(pair: YamlPair): ComposeService {
    const { layers, complete } = this.#layersOf(pair, new Set());
    const body = deref(pair.value);
    const effective = withoutReset(layers.reduce((base, own) => this.#extend(base, own, '')));
    return {
      name: pair.key.value,
      key: pair.key,
      body: body?.type === 'map' ? body : undefined,
      aliased: pair.value?.type === 'alias',
      effective,
      layers,
      complete: complete && layers.every((layer) => layer.complete),
      standalone: effective.entries.has('image') || effective.entries.has('build'),
    };
  }

  #layersOf(pair: YamlPair, seen: Set<YamlPair>): Layers {
    const known = this.#layers.get(pair);
    if (known) return known;
    seen.add(pair);
    const own = this.#ownLayer(pair);
    const base = this.#baseOf(own, seen);
    const layers = { layers: [...(base?.layers ?? []), own], complete: base?.complete ?? true };
    this.#layers.set(pair, layers);
    return layers;
  }

  #ownLayer(pair: YamlPair): EffectiveMap {
    const expanded = pair.value && this.#expand(pair.value, 0);
    if (expanded?.type === 'map') return expanded;
    const node: YamlMap = { type: 'map', flow: false, pairs: [], span: pair.key.span };
    return { type: 'map', node, entries: new Map(), complete: pair.value?.type !== 'alias' };
  }

  /** What the service extends; undefined where it extends nothing, incomplete where that is not in this file. */
  #baseOf(own: EffectiveMap, seen: Set<YamlPair>): Layers | undefined {
    const entry = own.entries.get('extends');
    if (!entry) return undefined;
    const unknown: Layers = { layers: [], complete: false };
    const name = entry.value?.type === 'scalar' ? entry.value.node.value : mapScalar(entry.value, 'service');
    const file = mapScalar(entry.value, 'file');
    if (name === undefined || (file !== undefined && file.replace(/^\.\//, '') !== this.#fileName))
      return unknown;
    const pair = pairOf(this.#services, name);
    if (!pair || seen.has(pair) || seen.size > 50) return unknown;
    return this.#layersOf(pair, seen);
  }

  /** A node with its merge keys and aliases followed. Each node is expanded once, so shared ones stay shared. */
  #expand(node: YamlNode, depth: number): Effective | undefined {
    const target = deref(node);
    if (!target || depth > MAX_DEPTH) return undefined;
    const known = this.#expanded.get(target);
    if (known) return known;
    const expanded: Effective =
      target.type === 'map'
        ? this.#expandMap(target, depth)
        : target.type === 'seq'
          ? this.#expandSeq(target, depth)
          : { type: 'scalar', node: target };
    this.#expanded.set(target, expanded);
    return expanded;
  }

  #expandSeq(node: YamlSeq, depth: number): EffectiveSeq {
    const items = node.items.map((item, index): EffectiveItem => {
      return { node: item, seq: node, index, via: 'own', value: this.#expand(item, depth + 1) };
    });
    return { type: 'seq', node, items };
  }

  #expandMap(node: YamlMap, depth: number): EffectiveMap {
    const entries = new Map<string, EffectiveEntry>();
    for (const pair of node.pairs) {
      const key = pair.key.value;
      if (key === '<<') continue;
      const value = pair.value && this.#expand(pair.value, depth + 1);
      entries.set(key, { key, pair, map: node, via: pair.value?.type === 'alias' ? 'merge' : 'own', value });
    }
    let complete = true;
    for (const pair of node.pairs) {
      if (pair.key.value !== '<<' || pair.key.style !== 'plain') continue;
      // Of a list the earlier maps win (https://yaml.org/type/merge.html), and the map's own keys win over all.
      for (const source of mergeSources(pair.value))
        complete = this.#mergeInto(entries, source, depth) && complete;
    }
    return { type: 'map', node, entries, complete };
  }

  #mergeInto(entries: Map<string, EffectiveEntry>, source: YamlNode, depth: number): boolean {
    const merged = this.#expand(source, depth + 1);
    if (merged?.type !== 'map') return false;
    this.#copies += merged.entries.size;
    if (this.#copies > MAX_COPIES) return false;
    for (const [key, entry] of merged.entries) {
      if (!entries.has(key)) entries.set(key, { ...entry, via: 'merge' });
    }
    return merged.complete;
  }

  /** Lays a service over the one that it extends: maps merge, lists are joined, the rest is replaced. */
  #extend(base: EffectiveMap, own: EffectiveMap, path: string): EffectiveMap {
    this.#copies += base.entries.size + own.entries.size;
    if (this.#copies > MAX_COPIES) return { ...own, complete: false };
    const entries = new Map<string, EffectiveEntry>();
    for (const [key, entry] of base.entries) {
      if (key !== 'extends') entries.set(key, { ...entry, via: 'extends' });
    }
    for (const [key, entry] of own.entries) {
      const below = entries.get(key);
      if (entry.pair.value && deref(entry.pair.value)?.tag === '!reset') entries.delete(key);
      else
        entries.set(
          key,
          below ? this.#extendEntry(below, entry, path === '' ? key : `${path}.${key}`) : entry,
        );
    }
    return { type: 'map', node: own.node, entries, complete: base.complete && own.complete };
  }

  #extendEntry(base: EffectiveEntry, own: EffectiveEntry, path: string): EffectiveEntry {
    if (!own.value) return own.pair.value ? own : base;
    if (deref(own.pair.value)?.tag === '!override' || REPLACED.has(path)) return own;
    if (own.value.type === 'map' && base.value?.type === 'map') {
      return { ...own, value: this.#extend(base.value, own.value, path) };
    }
    if (own.value.type === 'seq' && base.value?.type === 'seq') {
      this.#copies += base.value.items.length + own.value.items.length;
      if (this.#copies > MAX_COPIES) return own;
      const inherited = base.value.items.map((item) => ({ ...item, via: 'extends' as Via }));
      return { ...own, value: { ...own.value, items: [...inherited, ...own.value.items] } };
    }
    return own;
  }
}

/** `privileged: !reset true` takes the key away, also where nothing below has it. */
function withoutReset(map: EffectiveMap): EffectiveMap {
  const entries = [...map.entries].filter(([, entry]) => deref(entry.pair.value)?.tag !== '!reset');
  return entries.length === map.entries.size ? map : { ...map, entries: new Map(entries) };
}

function mergeSources(value: YamlNode | undefined): readonly YamlNode[] {
  const target = deref(value);
  if (target?.type === 'seq') return target.items;
  return value ? [value] : [];
}

function mapScalar(value: Effective | undefined, key: string): string | undefined {
  return value?.type === 'map' ? scalarAt(value, key)?.value : undefined;
}

/** The pairs of a map without those that a later pair of the same key replaces, and without merge keys. */
function uniquePairs(map: YamlMap): readonly YamlPair[] {
  const last = new Map<string, YamlPair>();
  for (const pair of map.pairs) last.set(pair.key.value, pair);
  return map.pairs.filter(
    (pair) =>
      last.get(pair.key.value) === pair && pair.key.value !== '<<' && !pair.key.value.startsWith('x-'),
  );
}

/** By offset of a key, an item or a scalar: the names of the services that it is in effect for, where there are several. */
export function sharingOf(services: readonly ComposeService[]): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>();
  let left = MAX_COPIES;
  for (const service of services) {
    const seen = new Set<Effective>();
    const note = (offset: number): void => {
      const list = names.get(offset);
      if (!list) names.set(offset, [service.name]);
      else if (list.at(-1) !== service.name) list.push(service.name);
    };
    const visit = (value: Effective | undefined): void => {
      if (!value || seen.has(value) || left-- <= 0) return;
      seen.add(value);
      if (value.type === 'scalar') note(value.node.span.start);
      for (const entry of value.type === 'map' ? value.entries.values() : []) {
        note(entry.pair.key.span.start);
        visit(entry.value);
      }
      for (const item of value.type === 'seq' ? value.items : []) {
        note(item.node.span.start);
        visit(item.value);
      }
    };
    visit(service.effective);
  }
  for (const [offset, list] of names) if (list.length < 2) names.delete(offset);
  return names;
}
