import { ELSEWHERE } from '../document.ts';
import { deref, type YamlMap, type YamlNode, type YamlScalar } from './tree.ts';

/**
 * A YAML node as plain data, with aliases and merge keys followed and without its place: what one file tells another. Text alone is a
 * plain scalar, `null` nothing at all.
 */
export type PlainYaml =
  | null
  | string
  | { readonly text: string; readonly tag?: string }
  | { readonly items: readonly PlainYaml[]; readonly tag?: string }
  | { readonly map: readonly (readonly [string, PlainYaml])[]; readonly tag?: string };

/** Deeper nodes, and more of them, are left out. */
const MAX_DEPTH = 30;
const MAX_NODES = 20_000;

/** A node as plain data; undefined where it is too large to be told. */
export function toPlain(node: YamlNode | undefined): PlainYaml | undefined {
  const budget = { left: MAX_NODES };
  const plain = plainOf(node, budget, 0);
  return budget.left < 0 ? undefined : plain;
}

function plainOf(node: YamlNode | undefined, budget: { left: number }, depth: number): PlainYaml {
  const target = deref(node);
  if (budget.left-- < 0 || !target || depth > MAX_DEPTH) {
    if (depth > MAX_DEPTH) budget.left = -1;
    return null;
  }
  const tag = target.tag === undefined ? undefined : { tag: target.tag };
  if (target.type === 'scalar') {
    return target.style === 'plain' && !tag ? target.value : { text: target.value, ...tag };
  }
  if (target.type === 'seq')
    return { items: target.items.map((item) => plainOf(item, budget, depth + 1)), ...tag };
  return {
    map: entriesOf(target, budget, depth).map(([key, value]) => [key, plainOf(value, budget, depth + 1)]),
    ...tag,
  };
}

/** The entries with those that merge keys bring; own ones first, so that they win. */
function entriesOf(
  map: YamlMap,
  budget: { left: number },
  depth: number,
): readonly (readonly [string, YamlNode | undefined])[] {
  const entries = new Map<string, YamlNode | undefined>();
  for (const { key, value } of map.pairs) if (key.value !== '<<') entries.set(key.value, value);
  if (depth > MAX_DEPTH) budget.left = -1;
  for (const { key, value } of map.pairs) {
    if (key.value !== '<<') continue;
    const target = deref(value);
    for (const source of target?.type === 'seq' ? target.items : [target]) {
      const merged = deref(source);
      // Maps that merge maps that merge maps may be bombs.
      if (merged?.type !== 'map' || budget.left < 0) continue;
      budget.left -= 1 + merged.pairs.length;
      for (const [name, node] of entriesOf(merged, budget, depth + 1))
        if (!entries.has(name)) entries.set(name, node);
    }
  }
  return [...entries];
}

/** Plain data as a node that stands elsewhere. */
export function fromPlain(plain: PlainYaml): YamlNode | undefined {
  if (plain === null) return undefined;
  if (typeof plain === 'string') return scalar(plain, 'plain');
  const tag = plain.tag === undefined ? undefined : { tag: plain.tag };
  if ('text' in plain) return { ...scalar(plain.text, 'double'), ...tag };
  if ('items' in plain) {
    const items = plain.items.map((item) => fromPlain(item) ?? scalar('', 'plain'));
    return { type: 'seq', flow: false, items, span: ELSEWHERE, ...tag };
  }
  return { ...mapOf(plain.map.map(([key, value]) => [key, fromPlain(value)])), ...tag };
}

/** A map that stands elsewhere. */
export function mapOf(entries: readonly (readonly [string, YamlNode | undefined])[]): YamlMap {
  const pairs = entries.map(([key, value]) => ({ key: scalar(key, 'plain'), value }));
  return { type: 'map', flow: false, pairs, span: ELSEWHERE };
}

function scalar(value: string, style: 'plain' | 'double'): YamlScalar {
  return { type: 'scalar', style, value, span: ELSEWHERE };
}
