/*
 * nginx's own way of reading words, character by character, as `ngx_conf_read_token` in src/core/ngx_conf_file.c goes: slow, without
 * spans and without recovery. What it reads, the parser has to read the same.
 */

/** `name arg arg ;`, `name arg {` and `}`, in the order of the text; undefined where nginx would stop with an error. */
export function referenceStatements(text: string): readonly string[] | undefined {
  const statements: string[] = [];
  let words: string[] = [];
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (isSpace(character)) at++;
    else if (character === '#') at = endOfLine(text, at);
    else if (character === ';' || character === '{') {
      if (words.length === 0) return undefined;
      statements.push(JSON.stringify([...words, character]));
      words = [];
      if (character === '{') depth++;
      at++;
    } else if (character === '}') {
      if (words.length > 0 || depth === 0) return undefined;
      statements.push('}');
      depth--;
      at++;
    } else {
      const word = readWord(text, at);
      if (!word) return undefined;
      words.push(word.value);
      at = word.end;
    }
  }
  return words.length > 0 || depth > 0 ? undefined : statements;
}

interface Word {
  readonly value: string;
  readonly end: number;
}

function readWord(text: string, start: number): Word | undefined {
  const quote = text.charAt(start);
  return quote === '"' || quote === "'" ? readQuoted(text, start, quote) : readBare(text, start);
}

function readQuoted(text: string, start: number, quote: string): Word | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text.charAt(at) === '\\') at++;
    else if (text.charAt(at) === quote) {
      const next = text.charAt(at + 1);
      if (next !== '' && !isSpace(next) && !';{)'.includes(next)) return undefined;
      return { value: unescaped(text.slice(start + 1, at)), end: at + 1 };
    }
  }
  return undefined;
}

function readBare(text: string, start: number): Word {
  let at = start;
  let afterDollar = false;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '{' && afterDollar) continue;
    afterDollar = character === '$';
    if (character === '\\') at++;
    else if (isSpace(character) || character === ';' || character === '{') break;
  }
  const end = Math.min(at, text.length);
  return { value: unescaped(text.slice(start, end)), end };
}

function unescaped(raw: string): string {
  let value = '';
  for (let at = 0; at < raw.length; at++) {
    const next = raw.charAt(at) === '\\' ? raw.charAt(at + 1) : '';
    const meant = next === '' ? undefined : ESCAPES.get(next);
    value += meant ?? raw.charAt(at);
    if (meant !== undefined) at++;
  }
  return value;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['t', '\t'],
  ['r', '\r'],
  ['n', '\n'],
]);

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

function endOfLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline;
}
