import { basename } from '../uri.ts';
import {
  deref,
  isNull,
  pairOf,
  type YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
  type YamlSeq,
} from '../yaml/tree.ts';
import { joinItems, mapScalar, namesOf } from './join.ts';
import type {
  ComposeService,
  Effective,
  EffectiveEntry,
  EffectiveItem,
  EffectiveMap,
  EffectiveSeq,
} from './tree.ts';

/** Files that copy more entries than this through anchors are bombs; what is over the limit counts as unknown. */
const MAX_COPIES = 200_000;
/** Aliases in aliases in aliases: deeper than this counts as unknown. */
const MAX_DEPTH = 250;

/** Sequences that a service replaces instead of adding to those of the service it extends. */
const REPLACED: ReadonlySet<string> = new Set(['command', 'entrypoint', 'healthcheck.test']);

/** The services of one file. */
export interface ServicesOf {
  readonly uri: string;
  /** What stands below `services`. */
  readonly services: YamlMap;
}

/** What other files give to one. Their nodes stand `ELSEWHERE`. */
export interface Outside {
  /** The file that `extends` names, seen from another file; undefined where it is not known. */
  extended(path: string, from: string): ServicesOf | undefined;
  /** The file that this one goes over. */
  readonly below?: ServicesOf;
  /** The file that goes over this one. */
  readonly above?: ServicesOf;
  /** Replaces variables that are known, in a value whose key is `key`; `key` is '' in a list. */
  substitute(text: string, key: string): string;
}

const NOTHING_OUTSIDE: Outside = { extended: () => undefined, substitute: (text) => text };

/** The services of a file in effect. */
export function effectiveServices(
  file: ServicesOf,
  outside: Outside = NOTHING_OUTSIDE,
): readonly ComposeService[] {
  const resolver = new Resolver(file, outside);
  const services = uniquePairs(file.services).map((pair) => resolver.service(pair));
  return services.map((service) => {
    const mergedBy = service.body?.anchor === undefined ? [] : thoseThatMerge(services, service);
    return mergedBy.length > 0 ? { ...service, mergedBy } : service;
  });
}

/** The services that have something of another one's body by a merge key. */
function thoseThatMerge(
  services: readonly ComposeService[],
  { body, name }: ComposeService,
): readonly string[] {
  return services.flatMap((other) => {
    const merges = other.layers.some((layer) => [...layer.entries.values()].some(({ map }) => map === body));
    return other.name !== name && merges ? [other.name] : [];
  });
}

interface Layers {
  readonly layers: readonly EffectiveMap[];
  readonly complete: boolean;
}

const NO_LAYERS: Layers = { layers: [], complete: true };

class Resolver {
  readonly #file: ServicesOf;
  readonly #outside: Outside;
  readonly #expanded = new Map<YamlNode, Effective>();
  readonly #layers = new Map<YamlPair, Layers>();
  #copies = 0;

  constructor(file: ServicesOf, outside: Outside) {
    this.#file = file;
    this.#outside = outside;
  }

  service(pair: YamlPair): ComposeService {
    const name = pair.key.value;
    const below = this.#layersIn(this.#outside.below, name);
    const own = this.#layersOf(this.#file, pair, new Set());
    const above = this.#layersIn(this.#outside.above, name);
    const lower = [...below.layers, ...own.layers].reduce((base, next) =>
      this.#lay(base, next, '', 'extends'),
    );
    const whole = above.layers.reduce((base, next) => this.#lay(base, next, '', 'override'), lower);
    const body = deref(pair.value);
    const layers = [...below.layers, ...own.layers, ...above.layers];
    const complete = below.complete && own.complete && above.complete;
    return {
      name,
      key: pair.key,
      body: body?.type === 'map' ? body : undefined,
      aliased: pair.value?.type === 'alias',
      mergedBy: [],
      memory: new Map(),
      effective: withoutReset(whole),
      layers,
      complete: complete && layers.every((layer) => layer.complete),
      // A file that repeats the image of what it goes over adds to it all the same.
      standalone: own.layers.some(hasImage) && !below.layers.some(hasImage),
    };
  }

  #layersIn(file: ServicesOf | undefined, name: string): Layers {
    const pair = file && pairOf(file.services, name);
    return pair ? this.#layersOf(file, pair, new Set()) : NO_LAYERS;
  }

  #layersOf(file: ServicesOf, pair: YamlPair, seen: Set<YamlPair>): Layers {
    const known = this.#layers.get(pair);
    if (known) return known;
    seen.add(pair);
    const own = this.#ownLayer(pair);
    const base = this.#baseOf(file, own, seen);
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

  /** What the service extends; undefined where it extends nothing, incomplete where that is not known. */
  #baseOf(file: ServicesOf, own: EffectiveMap, seen: Set<YamlPair>): Layers | undefined {
    const entry = own.entries.get('extends');
    if (!entry) return undefined;
    const unknown: Layers = { layers: [], complete: false };
    const name = entry.value?.type === 'scalar' ? entry.value.node.value : mapScalar(entry.value, 'service');
    if (name === undefined) return unknown;
    const path = mapScalar(entry.value, 'file');
    const within = path === undefined || path.replace(/^\.\//, '') === basename(file.uri);
    const other = within ? file : this.#outside.extended(path, file.uri);
    const pair = other && pairOf(other.services, name);
    if (!pair || seen.has(pair) || seen.size > 50) return unknown;
    return this.#layersOf(other, pair, seen);
  }

  /**
   * A node with its merge keys and aliases followed, below the key `key`. Each node is expanded once, so shared ones stay shared.
   */
  #expand(node: YamlNode, depth: number, key = ''): Effective | undefined {
    const target = deref(node);
    if (!target || depth > MAX_DEPTH) return undefined;
    // A variable is not put in everywhere, so what an alias gives to several keys is not the same for all.
    if (target.type === 'scalar' && target.value.includes('$'))
      return { type: 'scalar', node: this.#substituted(target, key) };
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

  #substituted(scalar: YamlScalar, key: string): YamlScalar {
    const value = this.#outside.substitute(scalar.value, key);
    return value === scalar.value ? scalar : { ...scalar, value };
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
      const value = pair.value && this.#expand(pair.value, depth + 1, key);
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

  /**
   * Lays one layer over another: maps merge, lists are joined, the rest is replaced. `by` tells which of the two is the service's
   * own: the upper one, which `extends` the lower, or the lower one, which another file goes over.
   * https://docs.docker.com/reference/compose-file/merge/
   */
  #lay(base: EffectiveMap, upper: EffectiveMap, path: string, by: 'extends' | 'override'): EffectiveMap {
    this.#copies += base.entries.size + upper.entries.size;
    const main = by === 'override' ? base : upper;
    if (this.#copies > MAX_COPIES) return { ...main, complete: false };
    const entries = new Map<string, EffectiveEntry>();
    for (const [key, entry] of base.entries) {
      if (key !== 'extends') entries.set(key, by === 'extends' ? { ...entry, via: by } : entry);
    }
    for (const [key, entry] of upper.entries) {
      const below = entries.get(key);
      const over = by === 'override' ? { ...entry, via: by } : entry;
      if (entry.pair.value && deref(entry.pair.value)?.tag === '!reset') entries.delete(key);
      else
        entries.set(
          key,
          below ? this.#layEntry(below, over, path === '' ? key : `${path}.${key}`, by) : over,
        );
    }
    return { type: 'map', node: main.node, entries, complete: base.complete && upper.complete };
  }

  #layEntry(
    base: EffectiveEntry,
    upper: EffectiveEntry,
    path: string,
    by: 'extends' | 'override',
  ): EffectiveEntry {
    const main = by === 'override' ? base : upper;
    // Where nothing stands, what is below stays; only a scalar is taken back by a null.
    if (!upper.pair.value || (isNull(upper.pair.value) && base.value?.type !== 'scalar')) return base;
    if (deref(upper.pair.value)?.tag === '!override' || REPLACED.has(path)) return upper;
    const [lower, over] = inOneForm(path, base.value, upper.value);
    if (path === 'logging' && isOtherDriver(lower, over)) return upper;
    if (over?.type === 'map' && lower?.type === 'map') {
      return { ...main, value: this.#lay(lower, over, path, by) };
    }
    if (over?.type === 'seq' && lower?.type === 'seq') {
      this.#copies += lower.items.length + over.items.length;
      if (this.#copies > MAX_COPIES) return main;
      const first = lower.items.map((item) => (by === 'extends' ? { ...item, via: by } : item));
      const then = over.items.map((item) => (by === 'override' ? { ...item, via: by } : item));
      const node = (by === 'override' ? lower : over).node;
      return { ...main, value: { type: 'seq', node, items: joinItems(path, first, then) } };
    }
    return upper;
  }
}

/** Two values of `networks`, both as maps where one is a list of names. */
function inOneForm(
  path: string,
  base: Effective | undefined,
  upper: Effective | undefined,
): readonly [Effective | undefined, Effective | undefined] {
  if (path !== 'networks') return [base, upper];
  if (base?.type === 'seq' && upper?.type === 'map') return [namesOf(base), upper];
  return base?.type === 'map' && upper?.type === 'seq' ? [base, namesOf(upper)] : [base, upper];
}

/** The options of one log driver are none of another's. */
function isOtherDriver(base: Effective | undefined, upper: Effective | undefined): boolean {
  const [below, above] = [mapScalar(base, 'driver'), mapScalar(upper, 'driver')];
  return below !== undefined && above !== undefined && below !== above;
}

function hasImage({ entries }: EffectiveMap): boolean {
  return entries.has('image') || entries.has('build');
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

/** The pairs of a map without those that a later pair of the same key replaces, and without merge keys. */
function uniquePairs(map: YamlMap): readonly YamlPair[] {
  const last = new Map<string, YamlPair>();
  for (const pair of map.pairs) last.set(pair.key.value, pair);
  return map.pairs.filter(
    (pair) =>
      last.get(pair.key.value) === pair && pair.key.value !== '<<' && !pair.key.value.startsWith('x-'),
  );
}
