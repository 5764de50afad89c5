import type { Heredoc } from './tree.ts';

/** Heredocs that an instruction's line opens, and where the last one ends. */
export interface HeredocLines {
  readonly heredocs: readonly Heredoc[];
  /** The end of the last closing line; of the text where one is not closed. */
  readonly end: number;
}

/**
 * Reads the heredocs that a masked line opens. `from` is the line's offset in the text, `next` that of the line
 * behind it, where their bodies start, one after the other. Undefined where there are none, or no line that could be theirs.
 */
export function readHeredocs(
  text: string,
  line: string,
  { from, next }: { readonly from: number; readonly next: number },
): HeredocLines | undefined {
  if (next > text.length) return undefined;
  const heredocs: Heredoc[] = [];
  let at = next;
  let last = next;
  for (const match of line.matchAll(/(?<!\S)<<(-?)(["']?)([^\s"'<]+)\2(?!\S)/g)) {
    const [whole, dash = '', quote = '', name = ''] = match;
    const opener = { start: from + match.index, end: from + match.index + whole.length };
    const closing = closingLine(text, at, name, dash !== '');
    const body = { start: at, end: closing?.start ?? text.length };
    heredocs.push({ name, quoted: quote !== '', opener, body, closed: closing !== undefined });
    last = closing?.end ?? text.length;
    at = Math.min(closing?.next ?? text.length, text.length);
  }
  return heredocs.length > 0 ? { heredocs, end: last } : undefined;
}

function closingLine(
  text: string,
  from: number,
  name: string,
  tabs: boolean,
): { start: number; end: number; next: number } | undefined {
  for (let at = from; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 ? text.length : newline;
    const end = text[stop - 1] === '\r' ? stop - 1 : stop;
    let start = at;
    while (tabs && text[start] === '\t') start++;
    if (end - start === name.length && text.startsWith(name, start))
      return { start: at, end, next: stop + 1 };
    at = stop + 1;
  }
  return undefined;
}
