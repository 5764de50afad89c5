import type { YamlScalar } from './tree.ts';

/** A language inside a scalar (PromQL in `expr`, shell in `command`): its text and where each offset lies in the file. */
export interface Embedded {
  readonly text: string;
  /** The file's offset of an offset in `text`; the end of `text` maps to the end of the scalar's content. */
  at(offset: number): number;
}

/**
 * The text of a scalar with a map back to the file. A block scalar keeps its indentation and its line ends, which the languages
 * that are embedded this way read as white space; so every offset is the file's offset plus a constant.
 * Only a quoted scalar with escapes needs a real map.
 */
export function embeddedIn(fileText: string, scalar: YamlScalar): Embedded {
  if (scalar.style === 'plain')
    return shifted(fileText.slice(scalar.span.start, scalar.span.end), scalar.span.start);
  if (scalar.style === 'literal' || scalar.style === 'folded') return blockBody(fileText, scalar);
  const start = scalar.span.start + 1;
  const end = Math.max(start, scalar.span.end - 1);
  const raw = fileText.slice(start, end);
  const escaped = scalar.style === 'single' ? raw.includes("''") : raw.includes('\\');
  return escaped ? unescaped(raw, start, scalar.style) : shifted(raw, start);
}

function shifted(text: string, start: number): Embedded {
  return { text, at: (offset) => start + Math.min(Math.max(offset, 0), text.length) };
}

function blockBody(fileText: string, scalar: YamlScalar): Embedded {
  const newline = fileText.indexOf('\n', scalar.span.start);
  if (newline < 0 || newline >= scalar.span.end) return shifted('', scalar.span.end);
  return shifted(fileText.slice(newline + 1, scalar.span.end), newline + 1);
}

function unescaped(raw: string, start: number, style: 'single' | 'double'): Embedded {
  const offsets: number[] = [];
  let text = '';
  for (let i = 0; i < raw.length; ) {
    const length = escapeLength(raw, i, style);
    const piece = length === 1 ? raw.charAt(i) : decodeEscape(raw.slice(i, i + length), style);
    for (let k = 0; k < piece.length; k++) offsets.push(start + i);
    text += piece;
    i += length;
  }
  offsets.push(start + raw.length);
  return { text, at: (offset) => offsets[Math.min(Math.max(offset, 0), text.length)] ?? start };
}

function escapeLength(raw: string, at: number, style: 'single' | 'double'): number {
  if (style === 'single') return raw.startsWith("''", at) ? 2 : 1;
  if (raw[at] !== '\\') return 1;
  const kind = raw[at + 1];
  if (kind === 'x') return 4;
  if (kind === 'u') return 6;
  if (kind === 'U') return 10;
  return 2;
}

/** The escapes of YAML 1.2.2 section 5.7 that can stand in an embedded language. */
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
  '\n': '',
};

function decodeEscape(sequence: string, style: 'single' | 'double'): string {
  if (style === 'single') return "'";
  const kind = sequence[1] ?? '';
  if (kind === 'x' || kind === 'u' || kind === 'U') {
    const code = Number.parseInt(sequence.slice(2), 16);
    return Number.isNaN(code) || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  }
  return SIMPLE_ESCAPES[kind] ?? kind;
}
