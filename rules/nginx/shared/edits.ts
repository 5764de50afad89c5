import { indentAt, lineEndAt, lineEndingOf, lineStartAt } from '../../../syntaxes/lines.ts';
import type { NginxBlock, NginxDirective, NginxWord } from '../../../syntaxes/nginx/tree.ts';
import type { Edit } from '../../core/rule.ts';

/*
 * Edits of nginx configuration. New lines copy the indentation and the line endings of their neighbours; a block that is written
 * on one line stays on it.
 */

/** Replaces a word and keeps its quotes. */
export function replaceWord(word: NginxWord, value: string): Edit {
  if (word.quote) return { span: word.span, text: word.quote + value + word.quote };
  return { span: word.span, text: /[\s;{}'"\\#]/.test(value) ? `"${value}"` : value };
}

/** Adds a text behind a word: further words of the same directive. */
export function insertBehindWord({ span: { end } }: NginxWord, text: string): Edit {
  return { span: { start: end, end }, text };
}

/** Adds directives, ready to be written, behind one. */
export function insertAfter(text: string, directive: NginxDirective, lines: readonly string[]): Edit {
  const end = directive.span.end;
  const lineEnd = lineEndAt(text, end);
  if (!isFirstOnLine(text, directive.span.start) || !isBlankOrComment(text.slice(end, lineEnd))) {
    return { span: { start: end, end }, text: ` ${lines.join(' ')}` };
  }
  const separator = lineEndingOf(text) + indentAt(text, directive.span.start);
  return { span: { start: lineEnd, end: lineEnd }, text: separator + lines.join(separator) };
}

/** Adds directives before one, below the comment that belongs to it. */
export function insertBefore(text: string, directive: NginxDirective, lines: readonly string[]): Edit {
  const { start } = directive.span;
  if (!isFirstOnLine(text, start)) return { span: { start, end: start }, text: `${lines.join(' ')} ` };
  const separator = lineEndingOf(text) + indentAt(text, start);
  return { span: { start, end: start }, text: lines.join(separator) + separator };
}

/** Adds directives at the start of a block. */
export function insertFirst(text: string, block: NginxBlock, lines: readonly string[]): Edit {
  const { start } = block.inner;
  const lineEnd = lineEndAt(text, start);
  if (block.inner.end <= lineEnd || !isBlankOrComment(text.slice(start, lineEnd))) {
    return { span: { start, end: start }, text: ` ${lines.join(' ')}${text[start] === '}' ? ' ' : ''}` };
  }
  const separator = lineEndingOf(text) + indentIn(text, block);
  return { span: { start: lineEnd, end: lineEnd }, text: separator + lines.join(separator) };
}

/** Removes a directive; with its line where it stands alone on it. A comment behind it stays. */
export function removeDirective(text: string, { span }: NginxDirective): Edit {
  const lineEnd = lineEndAt(text, span.end);
  if (isFirstOnLine(text, span.start) && text.slice(span.end, lineEnd).trim() === '') {
    const next = text.indexOf('\n', lineEnd);
    return {
      span: { start: lineStartAt(text, span.start), end: next < 0 ? text.length : next + 1 },
      text: '',
    };
  }
  if (isFirstOnLine(text, span.start) && isBlankOrComment(text.slice(span.end, lineEnd))) {
    return { span: { start: span.start, end: text.indexOf('#', span.end) }, text: '' };
  }
  let start = span.start;
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start--;
  return { span: { start, end: span.end }, text: '' };
}

/**
 * The same edit as a replacement of the character beside it, so that it overlaps with others at its place: two fixes that bring the
 * same line are then not made at once.
 */
export function alone(text: string, edit: Edit): Edit {
  const { start, end } = edit.span;
  if (start > 0)
    return { ...edit, span: { start: start - 1, end }, text: text.charAt(start - 1) + edit.text };
  return { ...edit, span: { start, end: end + 1 }, text: edit.text + text.charAt(end) };
}

/** The indentation of directives in a block. */
export function indentIn(text: string, block: NginxBlock): string {
  const child = block.directives.find((directive) => isFirstOnLine(text, directive.span.start));
  if (child) return indentAt(text, child.span.start);
  return indentAt(text, block.span.start) + indentUnit(text);
}

/** One step of indentation: that of the first indented line. */
export function indentUnit(text: string): string {
  return /^(?:\t| {2,8})(?=[^\s#])/m.exec(text)?.[0] ?? '    ';
}

/** Whether only white space stands before an offset on its line. */
export function isFirstOnLine(text: string, offset: number): boolean {
  return indentAt(text, offset).length === offset - lineStartAt(text, offset);
}

function isBlankOrComment(rest: string): boolean {
  return /^\s*(?:#.*)?$/.test(rest);
}
