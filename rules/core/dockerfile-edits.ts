import type { DockerfileTree, Instruction } from '../../syntaxes/dockerfile/tree.ts';
import { indentAt, lineEndAt, lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';
import type { Edit } from './rule.ts';

/*
 * Edits of Dockerfiles. Each copies the case of the keywords, indentation and line endings from the neighbours, and gives
 * `undefined` where that cannot be done cleanly; then no fix is offered.
 */

/** Instructions to add, in the order of the file: `{ keyword: 'USER', text: 'app' }`. */
export interface NewInstruction {
  readonly keyword: string;
  readonly text: string;
}

/** Puts instructions on lines of their own before another one, and before the comment that belongs to it. */
export function insertBefore(
  document: { readonly text: string; readonly tree: DockerfileTree },
  anchor: Instruction,
  added: readonly NewInstruction[],
): Edit | undefined {
  const { text, tree } = document;
  let start = lineStartAt(text, anchor.span.start);
  if (text.slice(start, anchor.span.start).trim() !== '') return undefined;
  for (const comment of tree.comments.toReversed()) {
    if (lineEndAt(text, comment.start) + lineEndingOf(text).length !== start) continue;
    if (
      tree.directives.some(
        ({ valueSpan }) => comment.start <= valueSpan.start && valueSpan.end <= comment.end,
      )
    )
      break;
    start = lineStartAt(text, comment.start);
  }
  const eol = lineEndingOf(text);
  const indent = indentAt(text, anchor.span.start);
  const lines = added.map((each) => indent + render(text, anchor, each) + eol);
  return { span: { start, end: start }, text: lines.join('') };
}

/** Puts instructions on lines of their own behind another one. */
export function insertAfter(text: string, anchor: Instruction, added: readonly NewInstruction[]): Edit {
  const eol = lineEndingOf(text);
  const indent = indentAt(text, anchor.span.start);
  const at = lineEndAt(text, anchor.span.end);
  const lines = added.map((each) => eol + indent + render(text, anchor, each));
  return { span: { start: at, end: at }, text: lines.join('') };
}

/** Another keyword in the case of the old one. */
export function replaceKeyword(text: string, instruction: Instruction, keyword: string): Edit {
  return { span: instruction.keywordSpan, text: inCaseOf(text, instruction, keyword) };
}

/** Removes an instruction with its lines. Undefined where it shares its line. */
export function removeInstruction(text: string, instruction: Instruction): Edit | undefined {
  const start = lineStartAt(text, instruction.span.start);
  if (text.slice(start, instruction.span.start).trim() !== '') return undefined;
  const end = lineEndAt(text, instruction.span.end);
  const next = text.indexOf('\n', end);
  if (next >= 0) return { span: { start, end: next + 1 }, text: '' };
  // The last line has no line ending: take the one before it.
  const before = start > 0 ? start - (text[start - 2] === '\r' ? 2 : 1) : start;
  return { span: { start: before, end }, text: '' };
}

/** Adds an option behind the keyword, or behind the options that are there. */
export function addFlag(instruction: Instruction, flag: string): Edit {
  const at = instruction.flags.at(-1)?.span.end ?? instruction.keywordSpan.end;
  return { span: { start: at, end: at }, text: ` ${flag}` };
}

/** Words as the exec form has them: `["node", "server.js"]`. */
export function execForm(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

function render(text: string, neighbour: Instruction, { keyword, text: rest }: NewInstruction): string {
  return `${inCaseOf(text, neighbour, keyword)} ${rest}`;
}

function inCaseOf(text: string, neighbour: Instruction, keyword: string): string {
  const written = text.slice(neighbour.keywordSpan.start, neighbour.keywordSpan.end);
  return written === written.toLowerCase() ? keyword.toLowerCase() : keyword;
}
