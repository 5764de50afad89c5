import type { Edit } from '../../rules/core/rule.ts';

/**
 * Edits of one file, sorted, or undefined where two of them overlap or one lies outside the text. Insertions at one place keep their
 * order, but what belongs to the line there stays on it: lines go before or behind it.
 */
export function orderedEdits(edits: readonly Edit[], length: number): readonly Edit[] | undefined {
  const sorted = edits
    .map((edit, index) => ({ edit, index }))
    .sort(
      (a, b) =>
        a.edit.span.start - b.edit.span.start ||
        a.edit.span.end - b.edit.span.end ||
        rankOf(a.edit) - rankOf(b.edit) ||
        a.index - b.index,
    )
    .map(({ edit }) => edit);
  let end = 0;
  for (const { span } of sorted) {
    if (span.start < end || span.end < span.start || span.end > length) return undefined;
    end = span.end;
  }
  return sorted;
}

/** Lines that end before the place, what is put into its line, lines that begin behind it. */
function rankOf({ text }: Edit): number {
  if (/^\r?\n/.test(text)) return 2;
  return /\n[ \t]*$/.test(text) ? 0 : 1;
}

/** The text after some edits, every character outside them untouched; undefined where the edits overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string | undefined {
  const sorted = orderedEdits(edits, text.length);
  if (!sorted) return undefined;
  let out = '';
  let at = 0;
  for (const edit of sorted) {
    out += text.slice(at, edit.span.start) + edit.text;
    at = edit.span.end;
  }
  return out + text.slice(at);
}

/** The edits by the file that they change; `uri` is the file of those that name none. */
export function editsByFile<E extends Edit>(
  uri: string,
  edits: readonly E[],
): ReadonlyMap<string, readonly E[]> {
  const byFile = new Map<string, E[]>();
  for (const edit of edits) {
    const target = edit.uri ?? uri;
    byFile.set(target, [...(byFile.get(target) ?? []), edit]);
  }
  return byFile;
}
