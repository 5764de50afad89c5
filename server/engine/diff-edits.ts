import { diffLines } from 'diff';
import type { Edit } from '../../rules/core/rule.ts';

/**
 * The edits that turn one text into another, as small as a comparison of lines and their common ends allows: an editor keeps
 * cursors, folds and marks outside of them.
 */
export function editsBetween(before: string, after: string): readonly Edit[] {
  const edits: Edit[] = [];
  let at = 0;
  let removed = '';
  let added = '';
  const flush = () => {
    if (removed !== '' || added !== '') edits.push(trimmed(at, removed, added));
    at += removed.length;
    removed = '';
    added = '';
  };
  for (const part of diffLines(before, after)) {
    if (part.removed) removed += part.value;
    else if (part.added) added += part.value;
    else {
      flush();
      at += part.value.length;
    }
  }
  flush();
  return edits;
}

function trimmed(at: number, removed: string, added: string): Edit {
  const shorter = Math.min(removed.length, added.length);
  let start = 0;
  while (start < shorter && removed[start] === added[start]) start++;
  if (isInsidePair(removed, start) || isInsidePair(added, start)) start--;
  let end = 0;
  while (end < shorter - start && removed.at(-1 - end) === added.at(-1 - end)) end++;
  if (isInsidePair(removed, removed.length - end) || isInsidePair(added, added.length - end)) end--;
  return {
    span: { start: at + start, end: at + removed.length - end },
    text: added.slice(start, added.length - end),
  };
}

/** Between the halves of a character outside the basic plane, or of a CRLF: no editor likes an edit there. */
function isInsidePair(text: string, at: number): boolean {
  return /^(?:[\ud800-\udbff][\udc00-\udfff]|\r\n)$/.test(text.slice(Math.max(at - 1, 0), at + 1));
}
