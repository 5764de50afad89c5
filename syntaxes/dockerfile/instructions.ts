import type { Problem, Span } from '../document.ts';
import type { Piece } from './split.ts';
import type { Flag, Heredoc, Instruction, JsonString, Pair, Word } from './tree.ts';

/** What reading an instruction needs besides its text. */
export interface ReadOptions {
  readonly escape: '\\' | '`';
  readonly problems: Problem[];
}

const FLAGGED = new Set(['FROM', 'COPY', 'ADD', 'RUN', 'HEALTHCHECK']);
const PAIRED = new Set(['ENV', 'ARG', 'LABEL']);
const EXEC_FORM = new Set(['RUN', 'CMD', 'ENTRYPOINT', 'SHELL', 'COPY', 'ADD', 'VOLUME']);

/** Reads the arguments of an instruction: flags, words, pairs, exec form, heredocs. The shell code comes later. */
export function readInstruction(piece: Piece, options: ReadOptions): Instruction {
  for (const { name, opener, closed } of piece.heredocs) {
    if (!closed) options.problems.push({ span: opener, message: `The heredoc \`${name}\` is not closed.` });
  }
  const { header, heredocs, keywordSpan } = piece;
  return readHeader({ piece, header, from: keywordSpan.end, heredocs }, options);
}

interface Header {
  readonly piece: Pick<Piece, 'keyword' | 'keywordSpan' | 'span'>;
  /** The masked text behind the keyword, and where it starts. */
  readonly header: string;
  readonly from: number;
  readonly heredocs: readonly Heredoc[];
}

function readHeader({ piece, header, from, heredocs }: Header, options: ReadOptions): Instruction {
  const keyword = piece.keyword;
  const flags = FLAGGED.has(keyword) ? readFlags(header, from) : [];
  const span = trimmed(header, from, flags.at(-1)?.span.end ?? from);
  const masked = header.slice(span.start - from, span.end - from);
  const words = PAIRED.has(keyword)
    ? quotedWords(masked, span.start, options.escape)
    : plainWords(masked, span.start);
  const json = EXEC_FORM.has(keyword)
    ? readJson(masked, span.start)
    : healthcheckJson(keyword, masked, span.start);
  const trigger =
    keyword === 'ONBUILD' ? readTrigger({ header, from, heredocs, words, piece }, options) : undefined;
  return {
    keyword,
    keywordSpan: piece.keywordSpan,
    span: piece.span,
    flags,
    arguments: span,
    masked,
    words,
    ...(json && { json }),
    pairs: PAIRED.has(keyword) ? readPairs(keyword, masked, span, words, options.escape) : [],
    heredocs,
    ...(trigger && { trigger }),
  };
}

function readTrigger(
  outer: Header & { readonly words: readonly Word[] },
  options: ReadOptions,
): Instruction | undefined {
  const word = outer.words[0];
  // ONBUILD ONBUILD is an error to BuildKit; reading on would only nest.
  if (!word || word.text.toUpperCase() === 'ONBUILD') return undefined;
  const piece = {
    keyword: word.text.toUpperCase(),
    keywordSpan: word.span,
    span: { start: word.span.start, end: outer.piece.span.end },
  };
  const header = outer.header.slice(word.span.end - outer.from);
  return readHeader({ piece, header, from: word.span.end, heredocs: outer.heredocs }, options);
}

/** `start` and `end` of what is not white space, from an offset on. */
function trimmed(header: string, from: number, start: number): Span {
  const rest = header.slice(start - from);
  const lead = rest.length - rest.trimStart().length;
  const body = rest.trim();
  return { start: start + (body === '' ? 0 : lead), end: start + (body === '' ? 0 : lead + body.length) };
}

function readFlags(header: string, from: number): Flag[] {
  const flags: Flag[] = [];
  const pattern = /[ \t\r\n]*(--[^\s=]*)(?:=("[^"]*"|'[^']*'|\S*))?(?=\s|$)/y;
  for (let match = pattern.exec(header); match; match = pattern.exec(header)) {
    const [whole, name = '', value] = match;
    const end = from + match.index + whole.length;
    const start = end - whole.trimStart().length;
    flags.push({
      name: name.slice(2).toLowerCase(),
      value: value === undefined ? undefined : unquoted(value),
      span: { start, end },
      valueSpan: value === undefined ? undefined : { start: end - value.length, end },
    });
  }
  return flags;
}

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

function plainWords(masked: string, start: number): Word[] {
  return [...masked.matchAll(/\S+/g)].map((match) => word(match[0], start + match.index));
}

/** Words as BuildKit's `parseWords` makes them: quotes hold white space, the escape character holds the next character. */
function quotedWords(masked: string, start: number, escapeChar: string): Word[] {
  const words: Word[] = [];
  let from = -1;
  let quote = '';
  for (let i = 0; i < masked.length; i++) {
    const char = masked.charAt(i);
    if (quote === '' && /\s/.test(char)) {
      if (from >= 0) words.push(word(masked.slice(from, i), start + from));
      from = -1;
      continue;
    }
    if (from < 0) from = i;
    if (char === escapeChar && quote !== "'") i++;
    else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
  }
  if (from >= 0) words.push(word(masked.slice(from), start + from));
  return words;
}

function word(text: string, start: number): Word {
  return { text, span: { start, end: start + text.length } };
}

/** The exec form is JSON to BuildKit; what is no JSON array of strings is the shell form. */
function readJson(masked: string, start: number): JsonString[] | undefined {
  if (!masked.startsWith('[') || !masked.endsWith(']')) return undefined;
  const values = parseStrings(masked);
  if (!values) return undefined;
  const spans = [...masked.matchAll(/"(?:[^"\\]|\\.)*"/g)];
  return values.map((value, index) => {
    const match = spans[index];
    const at = start + (match?.index ?? 0);
    return { value, span: { start: at, end: at + (match?.[0].length ?? 0) } };
  });
}

function healthcheckJson(keyword: string, masked: string, start: number): JsonString[] | undefined {
  const lead = keyword === 'HEALTHCHECK' ? /^CMD\s+/i.exec(masked)?.[0].length : undefined;
  return lead === undefined ? undefined : readJson(masked.slice(lead), start + lead);
}

function parseStrings(json: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function readPairs(
  keyword: string,
  masked: string,
  span: Span,
  words: readonly Word[],
  escapeChar: string,
): Pair[] {
  const first = words[0];
  if (!first) return [];
  // The old form `ENV NAME the rest of the line`.
  if (keyword !== 'ARG' && !first.text.includes('=')) {
    const rest = trimmed(masked, span.start, first.span.end);
    const valueSpan = words.length > 1 ? rest : undefined;
    const value = valueSpan && masked.slice(valueSpan.start - span.start, valueSpan.end - span.start);
    return [{ name: first.text, nameSpan: first.span, value, valueSpan }];
  }
  return words.map((each) => {
    const equals = each.text.indexOf('=');
    const name = equals < 0 ? each.text : each.text.slice(0, equals);
    const nameSpan = { start: each.span.start, end: each.span.start + name.length };
    const value = equals < 0 ? undefined : unescapedValue(each.text.slice(equals + 1), escapeChar);
    return {
      name,
      nameSpan,
      value,
      valueSpan: equals < 0 ? undefined : { start: nameSpan.end + 1, end: each.span.end },
    };
  });
}

/** A value without its quotes; the escape character keeps a `$` from being a variable, so that one stays. */
function unescapedValue(raw: string, escapeChar: string): string {
  let value = '';
  let quote = '';
  for (let i = 0; i < raw.length; i++) {
    const char = raw.charAt(i);
    const next = raw.charAt(i + 1);
    if (char === escapeChar && quote !== "'" && next !== '') {
      value += next === '$' ? char + next : next;
      i++;
    } else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else value += char;
  }
  return value;
}
