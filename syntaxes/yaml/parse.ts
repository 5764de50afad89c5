import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Problem } from '../document.ts';
import { readSimpleYaml } from './fast.ts';
import type { ScalarStyle, YamlFile, YamlMap, YamlNode, YamlPair, YamlScalar, YamlSeq } from './tree.ts';

/** A file nested deeper than this is cut there, so that no walk over the tree can overflow the stack. */
const MAX_DEPTH = 200;

/**
 * Reads a YAML stream. Never throws: what is broken becomes a problem, and the rest of the tree is there.
 * Scalars keep their text (the `failsafe` schema), so nothing here decides what `0444` or `no` means.
 */
export function parseYaml(text: string): { readonly file: YamlFile; readonly problems: readonly Problem[] } {
  const simple = readSimpleYaml(text);
  if (simple) return { file: { documents: [{ root: simple }] }, problems: [] };
  return parseAnyYaml(text);
}

/** The same with the full parser, whatever the text. */
export function parseAnyYaml(text: string): {
  readonly file: YamlFile;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  try {
    const parsed = parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      strict: true,
      logLevel: 'silent',
      prettyErrors: false,
      keepSourceTokens: false,
    });
    const list = Array.isArray(parsed) ? parsed : [];
    const documents = list.map((document) => {
      for (const error of document.errors) {
        problems.push({ span: clampSpan(error.pos, text.length), message: firstSentence(error.message) });
      }
      return { root: document.contents ? convert(document.contents as ParsedNode, new Map(), 0) : undefined };
    });
    return { file: { documents }, problems };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({
      span: { start: 0, end: 0 },
      message: `The file cannot be read as YAML: ${firstSentence(message)}`,
    });
    return { file: { documents: [] }, problems };
  }
}

type Anchors = Map<string, YamlMap | YamlSeq | YamlScalar>;

function convert(node: ParsedNode, anchors: Anchors, depth: number): YamlNode | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (isAlias(node)) return convertAlias(node, anchors);
  const converted = isMap(node)
    ? convertMap(node, anchors, depth)
    : isSeq(node)
      ? convertSeq(node, anchors, depth)
      : isScalar(node)
        ? convertScalar(node)
        : undefined;
  // Set after the children: an alias inside a node cannot mean that node.
  if (converted && node.anchor) anchors.set(node.anchor, converted);
  return converted;
}

function convertAlias(node: Alias, anchors: Anchors): YamlNode {
  const target = anchors.get(node.source);
  return { type: 'alias', span: spanOf(node), name: node.source, ...(target && { target }) };
}

function convertMap(node: YAMLMap, anchors: Anchors, depth: number): YamlMap {
  const pairs: YamlPair[] = [];
  for (const item of node.items) {
    const key = item.key as ParsedNode | null;
    const value = item.value as ParsedNode | null;
    if (!isScalar(key)) continue;
    pairs.push({
      key: convertScalar(key),
      value: value === null || isEmpty(value) ? undefined : convert(value, anchors, depth + 1),
    });
  }
  return { type: 'map', flow: node.flow === true, pairs, ...properties(node) };
}

function convertSeq(node: YAMLSeq, anchors: Anchors, depth: number): YamlSeq {
  const items: YamlNode[] = [];
  for (const item of node.items) {
    const converted = convert(item as ParsedNode, anchors, depth + 1);
    if (converted) items.push(converted);
  }
  return { type: 'seq', flow: node.flow === true, items, ...properties(node) };
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

function convertScalar(node: Scalar): YamlScalar {
  return {
    type: 'scalar',
    style: STYLES[node.type ?? 'PLAIN'] ?? 'plain',
    value: typeof node.value === 'string' ? node.value : String(node.value ?? ''),
    ...properties(node),
  };
}

/** Nothing behind the colon. A tag or an anchor there makes it a value (`!reset`). */
function isEmpty(node: ParsedNode): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.source === '' && !node.tag && !node.anchor;
}

function properties(node: YAMLMap | YAMLSeq | Scalar): Pick<YamlMap, 'span' | 'anchor' | 'tag'> {
  return {
    span: spanOf(node),
    ...(node.anchor && { anchor: node.anchor }),
    ...(node.tag?.startsWith('!') && { tag: node.tag }),
  };
}

function spanOf(node: { range?: readonly [number, number, number] | null }): { start: number; end: number } {
  return { start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 0 };
}

function clampSpan([start, end]: readonly [number, number], length: number): { start: number; end: number } {
  return { start: Math.min(start, length), end: Math.min(Math.max(end, start), length) };
}

function firstSentence(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
