/**
 * The offset of the `}` that closes a Lua block, -1 where none does. `from` is the offset behind the `{`. Braces in strings and
 * comments do not count. https://github.com/openresty/lua-nginx-module#content_by_lua_block
 */
export function endOfLuaBlock(text: string, from: number): number {
  const closers = new LongBrackets(text);
  let depth = 1;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '{') depth++;
    else if (character === '}') {
      depth--;
      if (depth === 0) return at;
    } else if (character === '"' || character === "'") at = endOfString(text, at, character);
    else if (character === '-' && text[at + 1] === '-') at = endOfComment(text, at + 2, closers);
    else if (character === '[') at = closers.endAt(at) ?? at;
    at++;
  }
  return -1;
}

/** Offset of the last character of a string; an unclosed one ends with its line. */
function endOfString(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === quote) return at;
    else if (character === '\n') return at;
  }
  return text.length;
}

function endOfComment(text: string, from: number, closers: LongBrackets): number {
  const end = text[from] === '[' ? closers.endAt(from) : undefined;
  if (end !== undefined) return end;
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline;
}

/** Finds the ends of `[[…]]` and `[==[…]==]`. A closer that was not found once is not looked for again, which keeps it linear. */
class LongBrackets {
  readonly #text: string;
  readonly #absent = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The offset of the last character of the long bracket that starts at `from`; undefined where none starts or it never ends. */
  endAt(from: number): number | undefined {
    let at = from + 1;
    while (this.#text[at] === '=' && at - from < 20) at++;
    if (this.#text[at] !== '[') return undefined;
    const closer = `]${'='.repeat(at - from - 1)}]`;
    if (this.#absent.has(closer)) return undefined;
    const end = this.#text.indexOf(closer, at);
    if (end >= 0) return end + closer.length - 1;
    this.#absent.add(closer);
    return undefined;
  }
}
