import { NotSimple } from './not-simple.ts';

export interface BlockScalar {
  readonly value: string;
  /** Behind its last line, with blank lines where they are kept. */
  readonly end: number;
  /** The start of the line behind it. */
  readonly next: number;
}

/** A literal or folded block without an indentation of its own choice; `indent` is that of its key or dash. */
export function readBlockScalar(
  text: string,
  start: number,
  { indent, lineEnd }: { readonly indent: number; readonly lineEnd: number },
): BlockScalar {
  const header = /^[|>]([+-]?)(?: +#.*| *)$/.exec(text.slice(start, lineEnd));
  if (!header) throw new NotSimple();
  const { lines, blanks, contentEnd, next } = readLines(text, lineEnd + 1, indent);
  const body = text[start] === '|' ? lines.join('\n') : folded(lines);
  if (header[1] === '-') return { value: body, end: contentEnd, next };
  if (header[1] === '+') return { value: `${body}\n${'\n'.repeat(blanks)}`, end: next, next };
  return { value: `${body}\n`, end: contentEnd, next };
}

function readLines(
  text: string,
  from: number,
  parent: number,
): { lines: string[]; blanks: number; contentEnd: number; next: number } {
  const lines: string[] = [];
  let indent = -1;
  let blanks = 0;
  let contentEnd = from;
  let at = from;
  while (at < text.length) {
    let first = at;
    while (text[first] === ' ') first++;
    const end = text.indexOf('\n', first);
    // Without a line break at the end, and with blanks in lines that hold nothing else, it depends.
    if (end < 0) throw new NotSimple();
    if (first === end) {
      if (first > at && (indent < 0 || first - at > indent)) throw new NotSimple();
      blanks++;
    } else {
      const column = first - at;
      if (column <= parent) break;
      if (indent < 0) indent = column;
      if (column < indent) throw new NotSimple();
      for (; blanks > 0; blanks--) lines.push('');
      lines.push(text.slice(at + indent, end));
      contentEnd = end + 1;
    }
    at = end + 1;
  }
  if (indent < 0) throw new NotSimple();
  return { lines, blanks, contentEnd, next: at };
}

/** Line breaks as spaces, and one less for each row of empty lines. */
function folded(lines: readonly string[]): string {
  let value = '';
  let blanks = 0;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith(' ')) throw new NotSimple();
    if (line === '') {
      blanks++;
      continue;
    }
    value += index === 0 ? line : (blanks > 0 ? '\n'.repeat(blanks) : ' ') + line;
    blanks = 0;
  }
  return value;
}
