import type { Span } from './document.ts';

/** A place as editors show it. Both numbers are 0-based; `column` counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Converts between offsets and lines of one text. `\n`, `\r\n` and a lone `\r` each end a line, as in LSP. */
export class Lines {
  readonly #starts: readonly number[];
  readonly #length: number;

  constructor(text: string) {
    this.#starts = lineStarts(text);
    this.#length = text.length;
  }

  /** How many lines the text has; an empty text has one. */
  get count(): number {
    return this.#starts.length;
  }

  /** The position of an offset; offsets outside the text are clamped. */
  position(offset: number): Position {
    const clamped = Math.min(Math.max(offset, 0), this.#length);
    const line = lastAtOrBefore(this.#starts, clamped);
    return { line, column: clamped - (this.#starts[line] ?? 0) };
  }

  /** The offset of a position; a column behind the line's end is clamped to the start of the next line. */
  offset(position: Position): number {
    if (position.line >= this.#starts.length) return this.#length;
    const start = this.#starts[Math.max(position.line, 0)] ?? 0;
    const next = this.#starts[position.line + 1] ?? this.#length;
    return Math.min(start + Math.max(position.column, 0), next);
  }

  /** Start offset of a line, 0-based; the text's length behind the last line. */
  start(line: number): number {
    return this.#starts[line] ?? this.#length;
  }

  range(span: Span): { readonly start: Position; readonly end: Position } {
    return { start: this.position(span.start), end: this.position(span.end) };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return starts;
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Offset of the first character of the line that holds `offset`. */
export function lineStartAt(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset behind the last character of the line that holds `offset`, before its line ending. */
export function lineEndAt(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** The white space at the start of the line that holds `offset`. */
export function indentAt(text: string, offset: number): string {
  const start = lineStartAt(text, offset);
  let end = start;
  while (text[end] === ' ' || text[end] === '\t') end++;
  return text.slice(start, end);
}

/** The line ending that a text uses: that of its first line, `\n` where it has only one line. */
export function lineEndingOf(text: string): '\n' | '\r\n' {
  const newline = text.indexOf('\n');
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}
