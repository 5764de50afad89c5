import type { Span } from '../document.ts';

/**
 * A range of a Dockerfile as one line of equal length: continuations, line endings and the comment lines between become
 * spaces, so every offset in the result is an offset in the file. Words that a continuation cuts in two stay two.
 */
export function maskRange(text: string, range: Span, escapeChar: string): string {
  let out = '';
  for (let at = range.start; at < range.end; ) {
    const end = lineEnd(text, at, range.end);
    const line = text.slice(at, end);
    const first = at === range.start;
    if (!first && isComment(line)) out += ' '.repeat(line.length);
    else {
      const cut = continuation(line, escapeChar);
      out += cut < 0 ? line : line.slice(0, cut) + ' '.repeat(line.length - cut);
    }
    if (end < range.end) out += ' ';
    at = end + 1;
  }
  return out.replaceAll('\r', ' ');
}

function lineEnd(text: string, at: number, limit: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 || newline > limit ? limit : newline;
}

function isComment(line: string): boolean {
  return /^[ \t]*#/.test(line);
}

/** Where the escape character stands that continues a line; -1 where the line ends. */
function continuation(line: string, escapeChar: string): number {
  let at = line.length - 1;
  while (at >= 0 && /[ \t\r]/.test(line.charAt(at))) at--;
  return at >= 0 && line[at] === escapeChar ? at : -1;
}
