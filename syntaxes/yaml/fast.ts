import { readBlockScalar } from './fast-block-scalar.ts';
import { type Flow, readFlow, readQuoted } from './fast-flow.ts';
import { NotSimple } from './not-simple.ts';
import type { YamlMap, YamlNode, YamlPair, YamlScalar, YamlSeq } from './tree.ts';

/*
 * Most YAML that people write needs little of YAML: block maps and lists, scalars on one line, literal blocks. A reader of that part
 * alone is many times faster than one of the whole language. It gives up at whatever it does not know for certain, mistakes above
 * all, and the full parser reads the file then; where it does not give up, the tree is the same.
 */

/** Deeper nesting is left to the full parser. */
const MAX_DEPTH = 60;

/** The root of a file with one document in simple YAML; undefined where the full parser has to read it. */
export function readSimpleYaml(text: string): YamlNode | undefined {
  // A tab may be white space or a mistake, a return may end a line.
  if (text.includes('\t') || text.includes('\r') || text.charCodeAt(0) === 0xfeff) return undefined;
  try {
    return new SimpleReader(text).document();
  } catch (error) {
    if (error instanceof NotSimple) return undefined;
    throw error;
  }
}

/** A line with content. */
interface Line {
  /** Where its content starts, and in which column. */
  readonly start: number;
  readonly indent: number;
  /** Where its line ends. */
  readonly end: number;
}

class SimpleReader {
  readonly #text: string;
  /** The line that is read next; undefined at the end. */
  #line: Line | undefined;
  /** The deepest column of a comment between the last line and `#line`. */
  #commentIndent = -1;
  /** Where the last node ends with what follows it on its line; undefined where comments behind it have a say in that. */
  #nodeEnd: number | undefined = 0;
  /** Whether comments behind the collection that was just left belong to it. */
  #hasTrailingComment = false;

  constructor(text: string) {
    this.#text = text;
    this.#advance(0);
  }

  document(): YamlNode {
    if (this.#line && this.#isMarker(this.#line)) this.#skipMarker(this.#line);
    const line = this.#line;
    if (line?.indent !== 0) throw new NotSimple();
    const root = this.#block(line, 0);
    if (this.#line) throw new NotSimple();
    return root;
  }

  #skipMarker({ start, end }: Line): void {
    if (this.#text.slice(start, end).trim() !== '---') throw new NotSimple();
    this.#advance(end + 1);
  }

  #isMarker({ indent, start, end }: Line): boolean {
    if (indent !== 0) return false;
    const three = this.#text.slice(start, start + 3);
    return (three === '---' || three === '...') && (start + 3 === end || this.#text[start + 3] === ' ');
  }

  /** Goes to the next line with content. */
  #advance(from: number): void {
    this.#commentIndent = -1;
    const text = this.#text;
    for (let at = from; at < text.length; ) {
      let start = at;
      while (text[start] === ' ') start++;
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      if (start < end && text[start] !== '#') {
        this.#line = { start, indent: start - at, end };
        return;
      }
      if (start < end) this.#commentIndent = Math.max(this.#commentIndent, start - at);
      at = end + 1;
    }
    this.#line = undefined;
  }

  /** A map or list whose first entry stands at the start of a line, or behind dashes. */
  #block(first: Line, depth: number): YamlMap | YamlSeq {
    if (depth > MAX_DEPTH) throw new NotSimple();
    return this.#isDash(first.start, first.end) ? this.#seq(first, depth) : this.#map(first, depth);
  }

  #isDash(at: number, end: number): boolean {
    return this.#text[at] === '-' && (at + 1 >= end || this.#text[at + 1] === ' ');
  }

  #seq(first: Line, depth: number): YamlSeq {
    const items: YamlNode[] = [];
    let line: Line | undefined = first;
    while (line?.indent === first.indent && this.#isDash(line.start, line.end)) {
      items.push(this.#item(line, depth));
      line = this.#line;
    }
    this.#leave(first.indent);
    return { type: 'seq', flow: false, items, span: { start: first.start, end: this.#end() } };
  }

  #item(line: Line, depth: number): YamlNode {
    const at = this.#skipSpaces(line.start + 1, line.end);
    if (this.#isLineOver(at, line.end)) {
      return this.#below(line, at, depth) ?? scalar('plain', '', at, at);
    }
    const inner: Line = { start: at, indent: line.indent + at - line.start, end: line.end };
    const isBlock = this.#isDash(at, line.end) || this.#colonAfterKey(inner) >= 0;
    return isBlock ? this.#block(inner, depth + 1) : this.#inline(at, line);
  }

  #map(first: Line, depth: number): YamlMap {
    const pairs: YamlPair[] = [];
    let line: Line | undefined = first;
    while (line?.indent === first.indent) {
      if (this.#isDash(line.start, line.end) || this.#isMarker(line)) throw new NotSimple();
      pairs.push(this.#pair(line, depth));
      line = this.#line;
    }
    this.#leave(first.indent);
    return { type: 'map', flow: false, pairs, span: { start: first.start, end: this.#end() } };
  }

  #pair(line: Line, depth: number): YamlPair {
    const colon = this.#colonAfterKey(line);
    if (colon < 0 || colon - line.start > 1000) throw new NotSimple();
    const key = this.#key(line.start, colon);
    const at = this.#skipSpaces(colon + 1, line.end);
    if (!this.#isLineOver(at, line.end)) return { key, value: this.#inline(at, line) };
    return { key, value: this.#below(line, at, depth, 'key') };
  }

  #key(start: number, colon: number): YamlScalar {
    const first = this.#text[start];
    if (first === '"' || first === "'") return quoted(readQuoted(this.#text, start, colon));
    return scalar('plain', this.#text.slice(start, colon), start, colon);
  }

  /** The colon behind the key at the start of a line; -1 where there is none. */
  #colonAfterKey({ start, end }: Line): number {
    const text = this.#text;
    const first = text[start] ?? '';
    if (first === '"' || first === "'") {
      const { end: close } = readQuoted(text, start, end);
      return text[close] === ':' && (close + 1 >= end || text[close + 1] === ' ') ? close : -1;
    }
    if (first === '[' || first === '{' || first === '|' || first === '>') return -1;
    checkPlainStart(text, start, end);
    const line = text.slice(start, end);
    for (let at = line.indexOf(':'); at >= 0; at = line.indexOf(':', at + 1)) {
      if (at + 1 < line.length && line[at + 1] !== ' ') continue;
      const hash = line.indexOf(' #');
      if (hash >= 0 && hash < at) return -1;
      // `a : b` is a key too, which nobody writes.
      if (line[at - 1] === ' ') throw new NotSimple();
      return start + at;
    }
    return -1;
  }

  /** What stands below a key or a dash; undefined where nothing does. */
  #below(line: Line, at: number, depth: number, owner?: 'key'): YamlNode | undefined {
    this.#advance(line.end + 1);
    const next = this.#line;
    const isSeqAtKey = owner === 'key' && next?.indent === line.indent && this.#isDash(next.start, next.end);
    if (next && (next.indent > line.indent || isSeqAtKey)) {
      const isBlock = this.#isDash(next.start, next.end) || this.#colonAfterKey(next) >= 0;
      if (!isBlock) throw new NotSimple();
      return this.#block(next, depth + 1);
    }
    const hasComment = at < line.end || this.#commentIndent >= 0;
    this.#nodeEnd = hasComment ? undefined : at;
    return undefined;
  }

  /** A value on the line of its key or dash. */
  #inline(at: number, line: Line): YamlNode {
    const text = this.#text;
    const first = text[at] ?? '';
    if (first === '|' || first === '>') {
      const { value, end, next } = readBlockScalar(text, at, { indent: line.indent, lineEnd: line.end });
      this.#nodeEnd = end;
      this.#advance(next);
      return scalar(first === '|' ? 'literal' : 'folded', value, at, end);
    }
    const { node, end } = this.#flowNode(at, first, line.end);
    if (!this.#isLineOver(this.#skipSpaces(end, line.end), line.end)) throw new NotSimple();
    if (text[end] === '#') throw new NotSimple();
    this.#nodeEnd = Math.min(line.end + 1, text.length);
    this.#advance(line.end + 1);
    return node;
  }

  #flowNode(at: number, first: string, lineEnd: number): Flow {
    if (first === '[' || first === '{') return readFlow(this.#text, at, lineEnd);
    if (first === '"' || first === "'") {
      const read = readQuoted(this.#text, at, lineEnd);
      return { node: quoted(read), end: read.end };
    }
    return this.#plain(at, lineEnd);
  }

  #plain(at: number, lineEnd: number): Flow {
    const text = this.#text;
    checkPlainStart(text, at, lineEnd);
    const line = text.slice(at, lineEnd);
    const hash = line.indexOf(' #');
    const value = (hash < 0 ? line : line.slice(0, hash)).trimEnd();
    const end = at + value.length;
    // A map in a value's place, which is a mistake.
    if (value.includes(': ') || value.endsWith(':')) throw new NotSimple();
    return { node: scalar('plain', value, at, end), end };
  }

  /** Behind a collection nothing may be indented deeper; comments in its columns are part of it, in a way of their own. */
  #leave(indent: number): void {
    const next = this.#line;
    if (next && next.indent > indent) throw new NotSimple();
    if (indent === 0 && this.#commentIndent > 0) throw new NotSimple();
    this.#hasTrailingComment = this.#commentIndent >= indent && indent > 0;
  }

  #end(): number {
    const end = this.#nodeEnd;
    if (end === undefined) throw new NotSimple();
    if (this.#hasTrailingComment) this.#nodeEnd = undefined;
    return end;
  }

  #skipSpaces(from: number, end: number): number {
    let at = from;
    while (at < end && this.#text[at] === ' ') at++;
    return at;
  }

  /** Whether only a comment is left on a line. */
  #isLineOver(at: number, end: number): boolean {
    return at >= end || this.#text[at] === '#';
  }
}

/** What a plain scalar cannot start with, or what means something else there: anchors, aliases, tags, directives. */
function checkPlainStart(text: string, at: number, end: number): void {
  if (at >= end || ',[]{}#&*!|>\'"%@`?:'.includes(text.charAt(at))) throw new NotSimple();
  if (text[at] === '-' && (at + 1 >= end || text[at + 1] === ' ')) throw new NotSimple();
}

function scalar(style: YamlScalar['style'], value: string, start: number, end: number): YamlScalar {
  return { type: 'scalar', style, value, span: { start, end } };
}

function quoted(read: { style: 'single' | 'double'; value: string; start: number; end: number }): YamlScalar {
  return scalar(read.style, read.value, read.start, read.end);
}
