import type { Problem, Span } from '../document.ts';
import type { Embedded } from '../yaml/embedded.ts';
import { withoutStrings } from './literals.ts';

/** What is wrong where the grammar gives up: in words, at the word that it stumbles over. */
export function syntaxProblem(embedded: Embedded, { from, to }: { from: number; to: number }): Problem {
  const span = (start: number, end: number): Span => ({ start: embedded.at(start), end: embedded.at(end) });
  const { text } = embedded;
  const rest = text.slice(from).trimStart();
  if (rest === '') {
    const end = text.trimEnd().length;
    const message = end === 0 ? 'The expression is empty' : endMessage(text.slice(0, end));
    return { span: span(Math.max(0, end - 1), end), message };
  }
  const found = text.length - rest.length > from ? text.indexOf(rest, from) : from;
  const before = text.slice(0, found).trimEnd();
  const called = rest.startsWith('(') ? /[a-zA-Z_][\w:]*$/.exec(before.slice(-200))?.[0] : undefined;
  if (called !== undefined) {
    return {
      span: span(before.length - called.length, before.length),
      message: `\`${shorten(called)}\` is not a PromQL function`,
    };
  }
  // The grammar may stop in the middle of a word: `5min` begins as `5m`.
  const head = /^\w/.test(rest)
    ? (/(?:\d[\d.]*|\w+)$/.exec(text.slice(Math.max(0, found - 40), found))?.[0].length ?? 0)
    : 0;
  const start = found - head;
  const word =
    /^(?:[\w:.]+|[=!<>~]+|"[^"\n]*"?|.)/s.exec(text.slice(start, Math.max(to, start + 60)))?.[0] ?? '';
  return { span: span(start, start + word.length), message: unexpected(word, before) };
}

function unexpected(word: string, before: string): string {
  const inBraces = before.lastIndexOf('{') > before.lastIndexOf('}');
  if (word === '`') return 'A string in backquotes has no end';
  if (word === '=' && !inBraces) return 'Unexpected `=`: a comparison is written `==`';
  if (/^\d[\d.]*[a-z][a-z\d]*$/i.test(word) && !/^0x/i.test(word)) {
    return `\`${shorten(word)}\` is not a duration; units are ms, s, m, h, d, w and y, from large to small`;
  }
  return `Unexpected \`${shorten(word)}\``;
}

function endMessage(text: string): string {
  // Without its strings a text's brackets can be counted.
  const bare = withoutStrings(text);
  const count = (character: string) => bare.split(character).length - 1;
  if (count('{') > count('}')) return 'A `}` is missing at the end of the expression';
  if (count('[') > count(']')) return 'A `]` is missing at the end of the expression';
  if (count('(') > count(')')) return 'A `)` is missing at the end of the expression';
  return 'The expression ends too early';
}

function shorten(word: string): string {
  return word.length > 40 ? `${word.slice(0, 37)}…` : word;
}
