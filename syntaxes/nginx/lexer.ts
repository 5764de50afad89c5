import type { Problem, Span } from '../document.ts';
import { isPlaceholder } from './placeholder.ts';
import type { NginxWord } from './tree.ts';

export type Token = WordToken | { readonly type: ';' | '{' | '}' | 'end'; readonly start: number };

export interface WordToken extends NginxWord {
  readonly type: 'word';
  /** Nothing but white space stands before it on its line. */
  readonly first: boolean;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const DOUBLE = 34;
const HASH = 35;
const DOLLAR = 36;
const SINGLE = 39;
const CLOSE_PAREN = 41;
const COMMA = 44;
const SEMICOLON = 59;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/**
 * Splits a configuration into words as `ngx_conf_read_token` does (src/core/ngx_conf_file.c): quotes and comments only at a
 * word's start, `{` ends a bare word unless `$` stands before it, `}` does not.
 */
export class Lexer {
  readonly comments: Span[] = [];
  readonly #text: string;
  readonly #masks: readonly Span[];
  readonly #problems: Problem[];
  #nextMask = 0;
  #at: number;
  /** Quotes that are known to have no closing one further down. */
  readonly #unclosable = new Set<number>();

  constructor(text: string, masks: readonly Span[], problems: Problem[]) {
    this.#text = text;
    this.#masks = masks;
    this.#problems = problems;
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  next(): Token {
    const text = this.#text;
    let first = this.#at <= 1;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === NEWLINE || code === RETURN) first = true;
      else if (code === HASH) this.#skipComment();
      else if (code !== SPACE && code !== TAB) break;
      this.#at++;
    }
    const start = this.#at;
    if (start >= text.length) return { type: 'end', start: text.length };
    const code = text.charCodeAt(start);
    if (code === SEMICOLON || code === OPEN || code === CLOSE) {
      this.#at++;
      return { type: code === SEMICOLON ? ';' : code === OPEN ? '{' : '}', start };
    }
    return code === DOUBLE || code === SINGLE ? this.#quoted(start, code, first) : this.#bare(start, first);
  }

  /** Goes on behind something that the caller has read by itself. */
  jumpTo(offset: number): void {
    this.#at = offset;
  }

  get offset(): number {
    return this.#at;
  }

  /** Leaves the offset at the comment's last character. */
  #skipComment(): void {
    const start = this.#at;
    const newline = this.#text.indexOf('\n', start);
    let end = newline < 0 ? this.#text.length : newline;
    if (this.#text.charCodeAt(end - 1) === RETURN) end--;
    this.comments.push({ start, end });
    this.#at = end - 1;
  }

  #bare(start: number, first: boolean): WordToken {
    const text = this.#text;
    let at = start;
    let variable = false;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === OPEN && variable) continue;
      variable = code === DOLLAR;
      if (code === BACKSLASH) at++;
      else if (code === OPEN) {
        // nginx would end the word here, which can only lead to an error: a quantifier in a regex that lacks its quotes.
        const end = endOfQuantifier(text, at);
        if (end < 0) break;
        at = end;
      } else if (isSpace(code) || code === SEMICOLON) break;
    }
    this.#at = Math.min(at, text.length);
    return this.#word({ start, end: this.#at }, text.slice(start, this.#at), undefined, first);
  }

  #quoted(start: number, code: number, first: boolean): WordToken {
    const quote = code === DOUBLE ? '"' : "'";
    const close = this.#closingQuote(start, code);
    if (close < 0) {
      this.#problem({ start, end: start + 1 }, 'The quote is not closed.');
      this.#at = this.#lineEnd(start);
      return this.#word({ start, end: this.#at }, this.#text.slice(start + 1, this.#at), quote, first);
    }
    this.#at = close + 1;
    this.#expectEndOfWord(close + 1);
    return this.#word({ start, end: close + 1 }, this.#text.slice(start + 1, close), quote, first);
  }

  /** -1 where the quote is never closed; then it ends with its line, so that the rest can still be read. */
  #closingQuote(start: number, quote: number): number {
    const limit = this.#unclosable.has(quote) ? this.#lineEnd(start) : this.#text.length;
    for (let at = start + 1; at < limit; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === BACKSLASH) at++;
      else if (code === quote) return at;
    }
    this.#unclosable.add(quote);
    return -1;
  }

  #lineEnd(from: number): number {
    const newline = this.#text.indexOf('\n', from);
    const end = newline < 0 ? this.#text.length : newline;
    return this.#text.charCodeAt(end - 1) === RETURN && end - 1 > from ? end - 1 : end;
  }

  #expectEndOfWord(at: number): void {
    const code = this.#text.charCodeAt(at);
    if (Number.isNaN(code) || isSpace(code)) return;
    if (code === SEMICOLON || code === OPEN || code === CLOSE_PAREN) return;
    this.#problem(
      { start: at, end: at + 1 },
      'Behind a closing quote nginx wants white space, `;`, `{` or `)`.',
    );
  }

  #word(span: Span, raw: string, quote: '"' | "'" | undefined, first: boolean): WordToken {
    const value = raw.includes('\\') ? withoutEscapes(raw) : raw;
    const opaque = (this.#masks.length > 0 && this.#isMasked(span)) || isPlaceholder(value);
    return { type: 'word', value, span, quote, opaque, first };
  }

  #isMasked(span: Span): boolean {
    while ((this.#masks[this.#nextMask]?.end ?? Infinity) <= span.start) this.#nextMask++;
    const mask = this.#masks[this.#nextMask];
    return mask !== undefined && mask.start < span.end;
  }

  /** Whether nothing but white space stands behind an offset on its line. */
  isLastOnLine(offset: number): boolean {
    let at = offset;
    while (this.#text.charCodeAt(at) === SPACE || this.#text.charCodeAt(at) === TAB) at++;
    const code = this.#text.charCodeAt(at);
    return Number.isNaN(code) || code === NEWLINE || code === RETURN;
  }

  #problem(span: Span, message: string): void {
    this.#problems.push({ span, message });
  }
}

/** Only these escapes are undone; before any other character the backslash stays. */
function withoutEscapes(raw: string): string {
  return raw.replace(/\\(["'\\trn])/g, (_, character: string) => {
    if (character === 't') return '\t';
    if (character === 'r') return '\r';
    return character === 'n' ? '\n' : character;
  });
}

/** `{2}`, `{1,5}`, `{3,}`: the offset of the closing brace; -1 where it is none. */
function endOfQuantifier(text: string, open: number): number {
  let at = open + 1;
  while (isDigit(text.charCodeAt(at)) && at - open < 8) at++;
  if (at === open + 1) return -1;
  if (text.charCodeAt(at) === COMMA) at++;
  while (isDigit(text.charCodeAt(at)) && at - open < 16) at++;
  return text.charCodeAt(at) === CLOSE ? at : -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB || code === NEWLINE || code === RETURN;
}
