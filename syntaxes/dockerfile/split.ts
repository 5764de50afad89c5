import { DockerfileParser } from 'dockerfile-ast';
import type { Span } from '../document.ts';
import { Lines } from '../lines.ts';
import type { Directive } from './tree.ts';

/** One instruction before its arguments are read. */
export interface Piece {
  readonly keyword: string;
  readonly keywordSpan: Span;
  readonly span: Span;
}

export interface Pieces {
  readonly escape: '\\' | '`';
  readonly directives: readonly Directive[];
  readonly pieces: readonly Piece[];
  /** Every line that starts with `#`, those inside heredocs too. */
  readonly hashLines: readonly Span[];
}

/**
 * Finds the instructions of a Dockerfile with `dockerfile-ast`. May throw.
 * Only ranges are taken from it: its arguments keep comments, and reading them grows faster than the text.
 */
export function splitDockerfile(text: string): Pieces {
  const { masked, hashLines } = maskHashLines(text);
  const parsed = DockerfileParser.parse(masked);
  const lines = new Lines(text);
  const spanOf = (range: { start: Point; end: Point }): Span => ({
    start: lines.offset({ line: range.start.line, column: range.start.character }),
    end: lines.offset({ line: range.end.line, column: range.end.character }),
  });
  return {
    escape: parsed.getEscapeCharacter() === '`' ? '`' : '\\',
    directives: parsed.getDirectives().map((directive) => ({
      name: directive.getName().toLowerCase(),
      value: directive.getValue(),
      valueSpan: spanOf(directive.getValueRange()),
    })),
    pieces: parsed.getInstructions().map((instruction) => ({
      keyword: instruction.getKeyword(),
      keywordSpan: spanOf(instruction.getInstructionRange()),
      span: trimEnd(text, spanOf(instruction.getRange())),
    })),
    hashLines,
  };
}

interface Point {
  readonly line: number;
  readonly character: number;
}

/**
 * Comments as spaces: BuildKit drops such lines before it reads anything, and the parser takes quadratic time to hand them
 * to stages. The directives at the top stay, and a heredoc loses nothing that decides where it ends.
 */
function maskHashLines(text: string): { masked: string; hashLines: Span[] } {
  const hashLines: Span[] = [];
  let masked = '';
  let copied = 0;
  let atTop = true;
  const start = text.startsWith('\ufeff') ? 1 : 0;
  for (let at = start; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const hash = skipBlanks(text, at, end);
    if (text[hash] !== '#' || hash >= end) {
      atTop = false;
    } else {
      atTop = atTop && /^#[ \t]*[a-z]+[ \t]*=/i.test(text.slice(hash, Math.min(end, hash + 100)));
      const stop = text[end - 1] === '\r' ? end - 1 : end;
      hashLines.push({ start: hash, end: stop });
      if (!atTop) {
        masked += text.slice(copied, hash) + ' '.repeat(stop - hash);
        copied = stop;
      }
    }
    at = end + 1;
  }
  return { masked: masked + text.slice(copied), hashLines };
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && (text[at] === ' ' || text[at] === '\t')) at++;
  return at;
}

function trimEnd(text: string, span: Span): Span {
  let end = span.end;
  while (end > span.start && /\s/.test(text.charAt(end - 1))) end--;
  return { start: span.start, end };
}
