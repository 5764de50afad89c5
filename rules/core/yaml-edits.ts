import type { Span } from '../../syntaxes/document.ts';
import { lineEndAt, lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';
import type { YamlMap, YamlNode, YamlPair, YamlScalar, YamlSeq } from '../../syntaxes/yaml/tree.ts';
import type { Edit } from './rule.ts';

/*
 * Edits of YAML text. Each copies indentation, quotes, flow or block style and line endings from its neighbours, and gives
 * `undefined` where that cannot be done cleanly; then no fix is offered. Nothing is ever serialised anew.
 */

/** A key to add: `value` for one line, or `block` for lines below the key, indented relative to it in steps of two spaces. */
export interface NewKey {
  readonly key: string;
  /** What stands behind the colon, ready to be written: quoted where it must be. */
  readonly value?: string;
  /** Lines below the key: `['limits:', '  memory: 512M']`. */
  readonly block?: readonly string[];
  /** The same value in flow style, for a map that is written `{a: 1}`; without it such a map gets no edit. */
  readonly flow?: string;
  /** The new key goes behind the last of these that the map has; else to the map's end. */
  readonly after?: readonly string[];
}

/** Replaces a scalar's text and keeps its quotes. Undefined for block scalars, and where the quotes cannot hold the text. */
export function setScalar(scalar: YamlScalar, value: string): Edit | undefined {
  if (scalar.style === 'literal' || scalar.style === 'folded') return undefined;
  if (scalar.style === 'single') return { span: scalar.span, text: `'${value.replaceAll("'", "''")}'` };
  if (scalar.style === 'double') return { span: scalar.span, text: doubleQuoted(value) };
  return { span: scalar.span, text: isPlainSafe(value) ? value : doubleQuoted(value) };
}

/** A text in double quotes, with the escapes that YAML needs. */
export function doubleQuoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** Adds a key to a map. Undefined where the key is there already, or the map's layout leaves no clean place. */
export function addKey(text: string, map: YamlMap, added: NewKey): Edit | undefined {
  if (map.pairs.some((pair) => pair.key.value === added.key)) return undefined;
  if (map.flow) return addFlowKey(text, map, added);
  const anchor = placeFor(map, added.after);
  const indent = keyIndent(text, map);
  if (!anchor || indent === undefined) return undefined;
  const at = endOfDeeperComments(text, lineEndAt(text, endOfPair(text, anchor)), indent.length);
  return { span: { start: at, end: at }, text: lineEndingOf(text) + pairText(text, map, indent, added) };
}

/** Gives a pair without a value (`logging:`) a block of lines below it, indented relative to the key in steps of two spaces. */
export function setBlock(
  text: string,
  map: YamlMap,
  pair: YamlPair,
  block: readonly string[],
): Edit | undefined {
  const indent = map.flow ? undefined : keyIndent(text, map);
  if (pair.value || indent === undefined) return undefined;
  const at = lineEndAt(text, pair.key.span.end);
  return { span: { start: at, end: at }, text: blockText(text, map, indent, block) };
}

/**
 * Removes a pair with its line or lines. Undefined for the only pair of a map, for one that shares its line, and for one that
 * holds an anchor, which other places may need.
 */
export function removePair(text: string, map: YamlMap, pair: YamlPair): Edit | undefined {
  const index = map.pairs.indexOf(pair);
  if (index < 0 || map.pairs.length < 2 || hasAnchor(pair.value)) return undefined;
  if (map.flow) return removeFlowEntry(map.pairs.map(pairSpan), index);
  return removeLines(text, pair.key.span.start, endOfPair(text, pair));
}

/** Adds an item, ready to be written, to the end of a sequence. */
export function appendItem(text: string, seq: YamlSeq, item: string): Edit | undefined {
  const last = seq.items.at(-1);
  if (seq.flow) {
    if (!last) return { span: { start: seq.span.start + 1, end: seq.span.end - 1 }, text: item };
    const at = endOfNode(text, last);
    return { span: { start: at, end: at }, text: `, ${item}` };
  }
  if (!last) return undefined;
  const indent = dashIndent(text, last);
  if (indent === undefined) return undefined;
  const at = lineEndAt(text, endOfNode(text, last));
  return { span: { start: at, end: at }, text: `${lineEndingOf(text)}${indent}- ${item}` };
}

/** Removes an item with its line or lines. Undefined for the only item. */
export function removeItem(text: string, seq: YamlSeq, index: number): Edit | undefined {
  const item = seq.items[index];
  if (!item || seq.items.length < 2) return undefined;
  if (seq.flow)
    return removeFlowEntry(
      seq.items.map((entry) => entry.span),
      index,
    );
  const dash = text.lastIndexOf('-', startOfNode(item) - 1);
  return dash < 0 ? undefined : removeLines(text, dash, endOfNode(text, item));
}

/** Where a node's own text ends: behind the last character of its last line that is not white space. */
export function endOfNode(text: string, node: YamlNode): number {
  if (node.type === 'map' && !node.flow) {
    const last = node.pairs.at(-1);
    return last ? endOfPair(text, last) : node.span.end;
  }
  if (node.type === 'seq' && !node.flow) {
    const last = node.items.at(-1);
    return last ? endOfNode(text, last) : node.span.end;
  }
  // The empty lines behind a block scalar with `+` belong to it.
  if (node.type === 'scalar' && /^[|>]\d?\+/.test(text.slice(node.span.start, node.span.start + 3))) {
    return lineEndBefore(text, node.span.end);
  }
  let end = node.span.end;
  while (end > node.span.start && /\s/.test(text.charAt(end - 1))) end--;
  return end;
}

/** Where a pair's text ends, its value with it. */
export function endOfPair(text: string, pair: YamlPair): number {
  if (pair.value) return Math.max(endOfNode(text, pair.value), pair.key.span.end);
  const colon = /^[ \t]*:/.exec(text.slice(pair.key.span.end, lineEndAt(text, pair.key.span.end)));
  return pair.key.span.end + (colon?.[0].length ?? 0);
}

/** The spaces before the keys of a block map; undefined where they do not stand in one column. */
export function keyIndent(text: string, map: YamlMap): string | undefined {
  const own = map.pairs.find((pair) => isBlank(linePrefix(text, pair.key.span.start)));
  if (own) return linePrefix(text, own.key.span.start);
  const first = map.pairs[0];
  const prefix = first && linePrefix(text, first.key.span.start);
  return prefix !== undefined && /^[ -]*$/.test(prefix) ? prefix.replaceAll('-', ' ') : undefined;
}

/** By how many spaces this file indents a level: the first step that it takes, 2 where it takes none. */
export function indentStep(text: string): number {
  return (
    /^[^\s#-][^\n]*:[ \t]*(?:&\S+)?[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( +)[^\s#-]/m.exec(
      text,
    )?.[1]?.length ?? 2
  );
}

/** Whether a text can stand unquoted as a plain scalar and still be a string to every YAML version that matters here. */
export function isPlainSafe(value: string): boolean {
  // `22:30` is a number in base 60 to YAML 1.1.
  if (/^\d+(?::\d+)+$/.test(value)) return false;
  return (
    /^[A-Za-z0-9_./$][^\n]*$/.test(value) &&
    !/: |:$| #|\s$/.test(value) &&
    !/[{}[\],&!|>'"%@`]/.test(value.replaceAll(/\$\{[^}]*\}/g, ''))
  );
}

function addFlowKey(text: string, map: YamlMap, added: NewKey): Edit | undefined {
  const given = added.flow ?? added.value;
  if (given === undefined) return undefined;
  // Where the braces of this map are tight, those of the value are too.
  const tight = /^\{\S/.test(text.slice(map.span.start, map.span.start + 2)) && map.pairs.length > 0;
  const value = tight && added.flow ? given.replaceAll('{ ', '{').replaceAll(' }', '}') : given;
  const pair = `${keyText(map, added.key)}: ${value}`;
  const last = map.pairs.at(-1);
  if (!last) return { span: { start: map.span.start, end: map.span.end }, text: `{ ${pair} }` };
  const at = endOfPair(text, last);
  const indent = linePrefix(text, last.key.span.start);
  const end = lineEndAt(text, at);
  // A map with a line for each pair, as JSON is written: a comment stays behind its pair.
  const behind = isBlank(indent) ? /^[ \t]*(,?)([ \t]*(?:#.*)?)$/.exec(text.slice(at, end)) : null;
  if (!behind) return { span: { start: at, end: at }, text: `, ${pair}` };
  const [, comma = '', comment = ''] = behind;
  return { span: { start: at, end }, text: `,${comment}${lineEndingOf(text)}${indent}${pair}${comma}` };
}

function placeFor(map: YamlMap, after: readonly string[] = []): YamlPair | undefined {
  return map.pairs.findLast((pair) => after.includes(pair.key.value)) ?? map.pairs.at(-1);
}

/** A key in quotes where all keys of the map are. */
function keyText(map: YamlMap, key: string): string {
  return map.pairs.length > 0 && map.pairs.every((pair) => pair.key.style === 'double') ? `"${key}"` : key;
}

function pairText(text: string, map: YamlMap, indent: string, added: NewKey): string {
  const key = keyText(map, added.key);
  const head = added.value === undefined ? `${key}:` : `${key}: ${added.value}`;
  return indent + head + (added.block ? blockText(text, map, indent, added.block) : '');
}

function blockText(text: string, map: YamlMap, indent: string, block: readonly string[]): string {
  const step = stepIn(text, map, indent);
  const eol = lineEndingOf(text);
  // Some files write the dash of a list right below the first letter of its key.
  const first = block[0]?.startsWith('- ') && hasIndentlessLists(text) ? 0 : 1;
  return block
    .map((line) => {
      const depth = (line.length - line.trimStart().length) / 2;
      return `${eol}${indent}${' '.repeat(step * (depth + first))}${line.trimStart()}`;
    })
    .join('');
}

/** By how many spaces a map's neighbours indent what is below them; what the file does where they tell nothing. */
function stepIn(text: string, map: YamlMap, indent: string): number {
  for (const { value } of map.pairs) {
    const inner = value?.type === 'map' && !value.flow ? keyIndent(text, value) : undefined;
    if (inner !== undefined && inner.length > indent.length) return inner.length - indent.length;
  }
  return indentStep(text);
}

function hasIndentlessLists(text: string): boolean {
  const list = /^( *)(?:- )*[^\s#-][^\n]*:[ \t]*\r?\n( *)- /m.exec(text);
  return list !== null && list[1] === list[2];
}

/** Behind the comment lines that stand deeper than `indent` below an offset: they belong to what is above them. */
function endOfDeeperComments(text: string, offset: number, indent: number): number {
  let end = offset;
  for (let at = offset; ; ) {
    const newline = text.indexOf('\n', at);
    if (newline < 0) return end;
    const line = /^( *)#/.exec(text.slice(newline + 1, lineEndAt(text, newline + 1)));
    if (!line || (line[1]?.length ?? 0) <= indent) return end;
    at = end = lineEndAt(text, newline + 1);
  }
}

function lineEndBefore(text: string, offset: number): number {
  if (text[offset - 1] !== '\n') return offset;
  return text[offset - 2] === '\r' ? offset - 2 : offset - 1;
}

function hasAnchor(node: YamlNode | undefined): boolean {
  if (!node || node.type === 'alias') return false;
  if (node.anchor) return true;
  if (node.type === 'map') return node.pairs.some((pair) => hasAnchor(pair.value));
  return node.type === 'seq' && node.items.some(hasAnchor);
}

function pairSpan(pair: YamlPair): Span {
  return { start: pair.key.span.start, end: pair.value?.span.end ?? pair.key.span.end };
}

function removeFlowEntry(spans: readonly Span[], index: number): Edit | undefined {
  const own = spans[index];
  const next = spans[index + 1];
  const previous = spans[index - 1];
  if (!own) return undefined;
  if (next) return { span: { start: own.start, end: next.start }, text: '' };
  return previous && { span: { start: previous.end, end: own.end }, text: '' };
}

function removeLines(text: string, from: number, to: number): Edit | undefined {
  const lineStart = lineStartAt(text, from);
  const start = text[lineStart] === '\ufeff' ? lineStart + 1 : lineStart;
  if (!isBlank(text.slice(start, from))) return undefined;
  const end = lineEndAt(text, to);
  const next = text.indexOf('\n', end);
  if (next >= 0) return { span: { start, end: next + 1 }, text: '' };
  // The last line of a file without a line ending at its end: take the line ending before it instead.
  const before = start > 0 && text[start - 1] === '\n' ? start - (text[start - 2] === '\r' ? 2 : 1) : start;
  return { span: { start: before, end }, text: '' };
}

function startOfNode(node: YamlNode): number {
  const first = node.type === 'map' ? node.pairs[0]?.key.span.start : undefined;
  return first ?? node.span.start;
}

function dashIndent(text: string, item: YamlNode): string | undefined {
  const prefix = linePrefix(text, startOfNode(item));
  const dash = /^( *)- *(?:[&!]\S+ +)*$/.exec(prefix);
  return dash ? dash[1] : undefined;
}

function linePrefix(text: string, offset: number): string {
  return text.slice(lineStartAt(text, offset), offset);
}

function isBlank(text: string): boolean {
  return /^[ \t]*$/.test(text);
}
