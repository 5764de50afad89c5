import type { Span } from '../document.ts';
import { type HeredocLines, readHeredocs } from './heredocs.ts';
import { maskRange } from './mask.ts';
import type { Directive, Heredoc } from './tree.ts';

/** One instruction before its arguments are read. */
export interface Piece {
  readonly keyword: string;
  readonly keywordSpan: Span;
  readonly span: Span;
  /** What stands behind the keyword, continuations followed, as one line of equal length (see `mask.ts`). */
  readonly header: string;
  readonly heredocs: readonly Heredoc[];
}

export interface Pieces {
  readonly escape: '\\' | '`';
  readonly directives: readonly Directive[];
  readonly pieces: readonly Piece[];
  /** Every line that is a comment, those inside of continued instructions too. */
  readonly comments: readonly Span[];
}

/**
 * Finds the instructions of a Dockerfile as BuildKit's parser does: line by line, a line that ends with the escape character goes
 * on in the next one, comments and empty lines between do not count, and the lines of heredocs belong to their instruction.
 * https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go
 */
export function splitDockerfile(text: string): Pieces {
  const directives = readDirectives(text);
  const escapeChar = directives.find(({ name }) => name === 'escape')?.value === '`' ? '`' : '\\';
  const pieces: Piece[] = [];
  const comments: Span[] = [];
  for (let at = startOf(text); at < text.length; ) {
    const end = lineEnd(text, at);
    const first = skipBlanks(text, at, end);
    if (first === end) at = end + 1;
    else if (text[first] === '#') {
      comments.push({ start: first, end: withoutReturn(text, first, end) });
      at = end + 1;
    } else {
      const { piece, next } = readPiece(text, first, escapeChar, comments);
      pieces.push(piece);
      at = next;
    }
  }
  return { escape: escapeChar, directives, pieces, comments };
}

/** `# name=value` at the very top; the first line that is none ends them. */
function readDirectives(text: string): Directive[] {
  const directives: Directive[] = [];
  for (let at = startOf(text); at < text.length; ) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const head = /^[ \t]*#[ \t]*([a-z][a-z\d]*)[ \t]*=/i.exec(line);
    const value = head ? line.slice(head[0].length).trim() : '';
    if (!head || value === '') return directives;
    const start = at + line.indexOf(value, head[0].length);
    const valueSpan = { start, end: start + value.length };
    directives.push({ name: (head[1] ?? '').toLowerCase(), value, valueSpan });
    at = end + 1;
  }
  return directives;
}

const WITH_HEREDOCS = new Set(['RUN', 'COPY', 'ADD']);

function readPiece(
  text: string,
  start: number,
  escapeChar: string,
  comments: Span[],
): { readonly piece: Piece; readonly next: number } {
  const { keyword, end: keywordEnd } = readKeyword(text, start, escapeChar);
  const { end, next } = readHeaderEnd(text, keywordEnd, escapeChar, comments);
  const header = maskRange(text, { start: keywordEnd, end }, escapeChar);
  const lines = heredocsOf(text, keyword, header, { from: keywordEnd, next });
  const piece = {
    keyword,
    keywordSpan: { start, end: keywordEnd },
    span: { start, end: trimEnd(text, lines?.end ?? end, start) },
    header,
    heredocs: lines?.heredocs ?? [],
  };
  return { piece, next: lines ? lineEnd(text, lines.end) + 1 : next };
}

/** A keyword ends at white space; one that a continuation cuts in two is one word, as in `FR\` and `OM` in the next line. */
function readKeyword(text: string, start: number, escapeChar: string): { keyword: string; end: number } {
  let keyword = text.charAt(start);
  let end = start + 1;
  for (let at = end; at < text.length; at++) {
    const char = text.charAt(at);
    if (isSpace(char)) break;
    if (char === escapeChar) {
      const stop = lineEnd(text, at);
      if (skipBlanks(text, at + 1, stop) === stop) {
        if (stop >= text.length || isSpace(text.charAt(stop + 1)) || text[stop + 1] === '#') break;
        at = stop;
        continue;
      }
    }
    keyword += char;
    end = at + 1;
  }
  return { keyword: keyword.toUpperCase(), end };
}

/**
 * Where the instruction's own line ends, continuations followed: `end` behind the last character that counts. Comment lines between
 * are noted.
 */
function readHeaderEnd(
  text: string,
  from: number,
  escapeChar: string,
  comments: Span[],
): { readonly end: number; readonly next: number } {
  let continued = false;
  let end = from;
  for (let at = from; at < text.length; ) {
    const stop = lineEnd(text, at);
    const first = skipBlanks(text, at, stop);
    if (continued && first < stop && text[first] === '#') {
      comments.push({ start: first, end: withoutReturn(text, first, stop) });
    } else if (!continued || first < stop) {
      end = trimEnd(text, stop, at);
      continued = end > at && text[end - 1] === escapeChar;
      if (!continued) return { end: Math.max(end, from), next: stop + 1 };
    }
    at = stop + 1;
  }
  return { end, next: text.length };
}

function heredocsOf(
  text: string,
  keyword: string,
  header: string,
  place: { readonly from: number; readonly next: number },
): HeredocLines | undefined {
  if (!header.includes('<<')) return undefined;
  const trigger = keyword === 'ONBUILD' ? /^\s*(\S+)/.exec(header)?.[1]?.toUpperCase() : keyword;
  return WITH_HEREDOCS.has(trigger ?? '') ? readHeredocs(text, header, place) : undefined;
}

function startOf(text: string): number {
  return text.startsWith('\ufeff') ? 1 : 0;
}

function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline;
}

function withoutReturn(text: string, from: number, end: number): number {
  return end > from && text[end - 1] === '\r' ? end - 1 : end;
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(text.charAt(at))) at++;
  return at;
}

function trimEnd(text: string, end: number, start: number): number {
  let at = end;
  while (at > start && isSpace(text.charAt(at - 1))) at--;
  return at;
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
