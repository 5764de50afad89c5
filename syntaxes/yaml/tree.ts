import type { Span } from '../document.ts';

/**
 * A YAML file as hardlint sees it: every node with its exact span, scalars as they were *written*.
 * Nothing is resolved: `0444` stays the text `0444` (YAML 1.1, YAML 1.2 and Compose each read it as another number).
 */
export interface YamlFile {
  /** One node for each document of the stream; an empty document has `root: undefined`. */
  readonly documents: readonly YamlDocument[];
}

export interface YamlDocument {
  readonly root: YamlNode | undefined;
}

export type YamlNode = YamlMap | YamlSeq | YamlScalar | YamlAlias;

/** What a node may carry before its content. */
interface Properties {
  /** The content, with quotes or brackets, without the anchor and the tag before it. */
  readonly span: Span;
  /** The anchor's name without `&`. */
  readonly anchor?: string;
  /** The tag as written, `!reset`. */
  readonly tag?: string;
}

export interface YamlMap extends Properties {
  readonly type: 'map';
  readonly flow: boolean;
  readonly pairs: readonly YamlPair[];
}

/** A key and its value. Pairs whose key is not a scalar (`? [a]`) are left out of the tree. */
export interface YamlPair {
  readonly key: YamlScalar;
  /** Absent where nothing stands behind the colon. */
  readonly value: YamlNode | undefined;
}

export interface YamlSeq extends Properties {
  readonly type: 'seq';
  readonly flow: boolean;
  /** An empty item (`-`) is a plain scalar with the value ''. */
  readonly items: readonly YamlNode[];
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

export interface YamlScalar extends Properties {
  readonly type: 'scalar';
  readonly style: ScalarStyle;
  /** The decoded text: no quotes, escapes resolved, block indentation removed. */
  readonly value: string;
}

export interface YamlAlias extends Properties {
  readonly type: 'alias';
  /** The anchor's name without `*`. */
  readonly name: string;
  /** The node with that anchor that stands last before the alias; absent where there is none. */
  readonly target?: YamlMap | YamlSeq | YamlScalar;
}

/** The node behind an alias, or the node itself. Undefined for an alias without an anchor. */
export function deref(node: YamlNode | undefined): YamlMap | YamlSeq | YamlScalar | undefined {
  return node?.type === 'alias' ? node.target : node;
}

/** The node as a map, through an alias. */
export function asMap(node: YamlNode | undefined): YamlMap | undefined {
  const target = deref(node);
  return target?.type === 'map' ? target : undefined;
}

/** The node as a sequence, through an alias. */
export function asSeq(node: YamlNode | undefined): YamlSeq | undefined {
  const target = deref(node);
  return target?.type === 'seq' ? target : undefined;
}

/** The node as a scalar, through an alias. */
export function asScalar(node: YamlNode | undefined): YamlScalar | undefined {
  const target = deref(node);
  return target?.type === 'scalar' ? target : undefined;
}

/** The pair with this key, the last one where the key stands twice. Merge keys (`<<`) are not followed. */
export function pairOf(node: YamlNode | undefined, key: string): YamlPair | undefined {
  return asMap(node)?.pairs.findLast((pair) => pair.key.value === key);
}

/** The value under a path of keys, through aliases; merge keys are not followed. */
export function valueAt(node: YamlNode | undefined, ...keys: readonly string[]): YamlNode | undefined {
  return keys.reduce<YamlNode | undefined>((at, key) => pairOf(at, key)?.value, node);
}

/** The decoded text under a path of keys; undefined where there is no scalar. */
export function textAt(node: YamlNode | undefined, ...keys: readonly string[]): string | undefined {
  return asScalar(valueAt(node, ...keys))?.value;
}

/** Whether a node stands for null: nothing, `~` or a plain `null`. */
export function isNull(node: YamlNode | undefined): boolean {
  const target = deref(node);
  if (!target) return node === undefined;
  return target.type === 'scalar' && target.style === 'plain' && /^(|~|null|Null|NULL)$/.test(target.value);
}

/**
 * A scalar as a boolean, as YAML 1.1 tools (Docker Compose, Ansible, PyYAML) read it; quoted `"true"` counts, since the
 * tools behind these files convert it. Undefined for everything else.
 */
export function booleanOf(node: YamlNode | undefined): boolean | undefined {
  const value = asScalar(node)?.value.toLowerCase();
  if (value === 'true' || value === 'yes' || value === 'on') return true;
  if (value === 'false' || value === 'no' || value === 'off') return false;
  return undefined;
}

/** Calls `visit` for every pair below a node, depth first, with the keys above it. Aliases are not entered. */
export function walkPairs(
  node: YamlNode | undefined,
  visit: (pair: YamlPair, path: readonly string[], parent: YamlMap) => void,
  path: readonly string[] = [],
): void {
  if (node?.type === 'map') {
    for (const pair of node.pairs) {
      visit(pair, path, node);
      walkPairs(pair.value, visit, [...path, pair.key.value]);
    }
  } else if (node?.type === 'seq') {
    node.items.forEach((item, index) => {
      walkPairs(item, visit, [...path, String(index)]);
    });
  }
}
