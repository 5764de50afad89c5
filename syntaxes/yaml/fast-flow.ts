import { NotSimple } from './not-simple.ts';
import type { YamlMap, YamlNode, YamlPair, YamlScalar, YamlSeq } from './tree.ts';

/** A node on one line, and where it ends. */
export interface Flow {
  readonly node: YamlNode;
  readonly end: number;
}

export interface Quoted {
  readonly style: 'single' | 'double';
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const MAX_DEPTH = 20;

/** A map or a list in flow style that ends on its line. */
export function readFlow(text: string, start: number, lineEnd: number, depth = 0): Flow {
  if (depth > MAX_DEPTH) throw new NotSimple();
  return text[start] === '[' ? readSeq(text, start, lineEnd, depth) : readMap(text, start, lineEnd, depth);
}

/** A quoted scalar that ends on its line. */
export function readQuoted(text: string, start: number, lineEnd: number): Quoted {
  return text[start] === '"' ? readDouble(text, start, lineEnd) : readSingle(text, start, lineEnd);
}

function readSeq(text: string, start: number, lineEnd: number, depth: number): Flow {
  const items: YamlNode[] = [];
  let at = skipSpaces(text, start + 1, lineEnd);
  while (text[at] !== ']') {
    const { node, end } = readValue(text, at, lineEnd, depth);
    items.push(node);
    at = nextEntry(text, end, lineEnd, ']');
  }
  const node: YamlSeq = { type: 'seq', flow: true, items, span: { start, end: at + 1 } };
  return { node, end: at + 1 };
}

function readMap(text: string, start: number, lineEnd: number, depth: number): Flow {
  const pairs: YamlPair[] = [];
  let at = skipSpaces(text, start + 1, lineEnd);
  while (text[at] !== '}') {
    const { key, end: keyEnd } = readKey(text, at, lineEnd);
    if (text[keyEnd] !== ':' || text[keyEnd + 1] !== ' ') throw new NotSimple();
    const { node, end } = readValue(text, skipSpaces(text, keyEnd + 1, lineEnd), lineEnd, depth);
    pairs.push({ key, value: node });
    at = nextEntry(text, end, lineEnd, '}');
  }
  const node: YamlMap = { type: 'map', flow: true, pairs, span: { start, end: at + 1 } };
  return { node, end: at + 1 };
}

/** The start of the next entry, or the closing bracket. */
function nextEntry(text: string, end: number, lineEnd: number, close: string): number {
  const at = skipSpaces(text, end, lineEnd);
  if (at < lineEnd && text[at] === close) return at;
  if (at >= lineEnd || text[at] !== ',') throw new NotSimple();
  const next = skipSpaces(text, at + 1, lineEnd);
  if (next >= lineEnd || text[next] === close) throw new NotSimple();
  return next;
}

function readKey(text: string, at: number, lineEnd: number): { key: YamlScalar; end: number } {
  const first = text[at];
  if (first === '"' || first === "'") {
    const { style, value, start, end } = readQuoted(text, at, lineEnd);
    return { key: { type: 'scalar', style, value, span: { start, end } }, end };
  }
  return readPlain(text, at, lineEnd);
}

function readValue(text: string, at: number, lineEnd: number, depth: number): Flow {
  const first = text[at];
  if (at < lineEnd && (first === '[' || first === '{')) return readFlow(text, at, lineEnd, depth + 1);
  const { key, end } = readKey(text, at, lineEnd);
  return { node: key, end };
}

const INDICATORS = ',[]{}#&*!|>\'"%@`?:-';

function readPlain(text: string, start: number, lineEnd: number): { key: YamlScalar; end: number } {
  if (start >= lineEnd) throw new NotSimple();
  const first = text.charAt(start);
  if (INDICATORS.includes(first) && !(first === '-' && /[\w./]/.test(text.charAt(start + 1))))
    throw new NotSimple();
  let end = start;
  for (; end < lineEnd; end++) {
    const char = text[end];
    if (char === ',' || char === ']' || char === '}') break;
    if (char === '[' || char === '{' || char === '#') throw new NotSimple();
    if (char === ':' && ' ,]}['.includes(text.charAt(end + 1))) break;
  }
  if (end >= lineEnd) throw new NotSimple();
  const stop = end;
  while (text[end - 1] === ' ') end--;
  if (text[stop] === ':' && end !== stop) throw new NotSimple();
  return {
    key: { type: 'scalar', style: 'plain', value: text.slice(start, end), span: { start, end } },
    end,
  };
}

function readSingle(text: string, start: number, lineEnd: number): Quoted {
  for (let at = text.indexOf("'", start + 1); at >= 0 && at < lineEnd; at = text.indexOf("'", at + 1)) {
    if (text[at + 1] === "'") {
      at++;
      continue;
    }
    const value = text.slice(start + 1, at).replaceAll("''", "'");
    return { style: 'single', value, start, end: at + 1 };
  }
  throw new NotSimple();
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\', '/': '/' };

function readDouble(text: string, start: number, lineEnd: number): Quoted {
  let value = '';
  let copied = start + 1;
  for (let at = start + 1; at < lineEnd; at++) {
    const char = text[at];
    if (char === '"') {
      return { style: 'double', value: value + text.slice(copied, at), start, end: at + 1 };
    }
    if (char !== '\\') continue;
    const escaped = ESCAPES[text.charAt(at + 1)];
    if (escaped === undefined) throw new NotSimple();
    value += text.slice(copied, at) + escaped;
    at++;
    copied = at + 1;
  }
  throw new NotSimple();
}

function skipSpaces(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text[at] === ' ') at++;
  return at;
}
