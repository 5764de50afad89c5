import { isElsewhere } from '../document.ts';
import type { YamlScalar } from './tree.ts';

/** A language inside a scalar (PromQL in `expr`, shell in `command`): its text and where each offset lies in the file. */
export interface Embedded {
  readonly text: string;
  /** The file's offset of an offset in `text`; the end of `text` maps to the end of the scalar's content. */
  at(offset: number): number;
}

/**
 * The text of a scalar with a map back to the file. A literal block keeps its indentation and its line ends, which the languages
 * that are embedded this way read as white space, so its offsets are the file's plus a constant. Everywhere else the line breaks
 * are folded and the escapes resolved as YAML does it: a comment or a string may go on in the next line of the file.
 */
export function embeddedIn(fileText: string, scalar: YamlScalar): Embedded {
  const { style, span } = scalar;
  if (isElsewhere(span)) return { text: scalar.value, at: () => span.start };
  if (style === 'literal' || style === 'folded') return blockBody(fileText, scalar);
  if (style === 'plain') return flowText(fileText.slice(span.start, span.end), span.start, style);
  const start = span.start + 1;
  const end = Math.max(start, span.end - 1);
  return flowText(fileText.slice(start, end), start, style);
}

/**
 * The content of a literal block as YAML has it, without the indentation: for languages in which a line's start matters. Where
 * something reads it before, `doubled` is what that takes for one (`$` of Compose). Undefined for every other style.
 */
export function literalIn(
  fileText: string,
  scalar: YamlScalar,
  doubled?: string,
): (Embedded & { readonly indent: string }) | undefined {
  if (scalar.style !== 'literal' || isElsewhere(scalar.span)) return undefined;
  const newline = fileText.indexOf('\n', scalar.span.start);
  if (newline < 0 || newline >= scalar.span.end) return undefined;
  const body = fileText.slice(newline + 1, scalar.span.end);
  const indent = /^(?:[ \t]*\r?\n)*( *)/.exec(body)?.[1] ?? '';
  const out = new Mapped();
  let offset = newline + 1;
  for (const line of body.split(/(?<=\n)/)) {
    const cut = Math.min(indent.length, /^ */.exec(line)?.[0].length ?? 0);
    const pieces = doubled === undefined ? [line.slice(cut)] : line.slice(cut).split(doubled + doubled);
    let at = offset + cut;
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) out.add(doubled ?? '', at - 1, 1);
      out.add(piece, at, 1);
      at += piece.length + 2;
    }
    offset += line.length;
  }
  return { ...out.embedded(scalar.span.end), indent };
}

function shifted(text: string, start: number): Embedded {
  return { text, at: (offset) => start + Math.min(Math.max(offset, 0), text.length) };
}

function blockBody(fileText: string, scalar: YamlScalar): Embedded {
  const newline = fileText.indexOf('\n', scalar.span.start);
  if (newline < 0 || newline >= scalar.span.end) return shifted('', scalar.span.end);
  const body = fileText.slice(newline + 1, scalar.span.end);
  return scalar.style === 'folded' ? foldedBlock(body, newline + 1) : shifted(body, newline + 1);
}

/** A text that is put together piece by piece, each character with its offset in the file. */
class Mapped {
  readonly #characters: string[] = [];
  readonly #offsets: number[] = [];

  get length(): number {
    return this.#characters.length;
  }

  /** Adds a piece whose characters stand one after the other in the file (`step` 1) or all come from one place (0). */
  add(piece: string, offset: number, step: 0 | 1): void {
    for (let i = 0; i < piece.length; i++) {
      this.#characters.push(piece.charAt(i));
      this.#offsets.push(offset + i * step);
    }
  }

  /** Takes white space off the end, as long as more than `keep` characters are left. */
  trimEnd(keep: number): void {
    while (this.length > keep && /[ \t]/.test(this.#characters.at(-1) ?? '')) {
      this.#characters.pop();
      this.#offsets.pop();
    }
  }

  /** `end`: where the scalar's content ends in the file. */
  embedded(end: number): Embedded {
    const text = this.#characters.join('');
    const offsets = [...this.#offsets, end];
    return { text, at: (offset) => offsets[Math.min(Math.max(offset, 0), text.length)] ?? end };
  }
}

/** Plain and quoted scalars, YAML 1.2.2 sections 6.5 and 7.3. */
function flowText(raw: string, start: number, style: 'plain' | 'single' | 'double'): Embedded {
  const plain =
    !raw.includes('\n') &&
    !(style === 'single' && raw.includes("''")) &&
    !(style === 'double' && raw.includes('\\'));
  if (plain) return shifted(raw, start);
  const out = new Mapped();
  // White space that an escape has made is content and is not folded away.
  let content = 0;
  const breaks = /(?:[ \t]*\r?\n)+[ \t]*/y;
  for (let i = 0; i < raw.length; ) {
    breaks.lastIndex = i;
    const fold = /[ \t\r\n]/.test(raw.charAt(i)) ? breaks.exec(raw)?.[0] : undefined;
    if (fold !== undefined) {
      out.trimEnd(content);
      const lines = fold.split('\n').length - 1;
      out.add(lines === 1 ? ' ' : '\n'.repeat(lines - 1), start + i, 0);
      i += fold.length;
      continue;
    }
    const length = style === 'plain' ? 1 : escapeLength(raw, i, style);
    if (style === 'plain' || length === 1) {
      out.add(raw.charAt(i), start + i, 1);
    } else {
      out.add(decodeEscape(raw.slice(i, i + length), style), start + i, 0);
      content = out.length;
    }
    i += length;
  }
  return out.embedded(start + raw.length);
}

/** YAML 1.2.2 section 8.1.3: single line breaks become spaces, but those around blank and more-indented lines. */
function foldedBlock(body: string, start: number): Embedded {
  const out = new Mapped();
  const indent = /^(?:[ \t]*\r?\n)*( *)/.exec(body)?.[1]?.length ?? 0;
  let previous: { readonly blank: boolean; readonly deeper: boolean } | undefined;
  let offset = 0;
  let contentEnd = 0;
  for (const line of body.split('\n')) {
    const text = line.slice(Math.min(indent, line.length - line.trimStart().length)).replace(/\r$/, '');
    const current = { blank: text.trim() === '', deeper: /^[ \t]/.test(text) };
    if (previous) {
      const keep = current.blank || previous.blank || current.deeper || previous.deeper;
      out.add(keep ? '\n' : ' ', start + contentEnd, 0);
    }
    out.add(text, start + offset + line.replace(/\r$/, '').length - text.length, 1);
    contentEnd = offset + line.replace(/\r$/, '').length;
    offset += line.length + 1;
    previous = current;
  }
  return out.embedded(start + body.length);
}

function escapeLength(raw: string, at: number, style: 'single' | 'double'): number {
  if (style === 'single') return raw.startsWith("''", at) ? 2 : 1;
  if (raw[at] !== '\\') return 1;
  const kind = raw[at + 1];
  if (kind === 'x') return 4;
  if (kind === 'u') return 6;
  if (kind === 'U') return 10;
  // An escaped line break goes together with the indentation of the next line.
  if (kind === '\n' || kind === '\r') return /^\\\r?\n[ \t]*/.exec(raw.slice(at))?.[0].length ?? 2;
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
};

function decodeEscape(escaped: string, style: 'single' | 'double'): string {
  if (style === 'single') return "'";
  const kind = escaped[1] ?? '';
  if (kind === '\n' || kind === '\r') return '';
  if (kind === 'x' || kind === 'u' || kind === 'U') {
    const code = Number.parseInt(escaped.slice(2), 16);
    return Number.isNaN(code) || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  }
  return SIMPLE_ESCAPES[kind] ?? kind;
}
