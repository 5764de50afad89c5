import { durationSeconds } from './durations.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** An escape of a string, at its start. */
const ESCAPE = /\\(?:([abfnrtv\\"'])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

/** A string's text, or the first escape in it that Go and so Prometheus do not know: `"\."` has to be written `"\\."`. */
export function unquote(
  literal: string,
): { readonly value: string } | { readonly badEscape: string; readonly at: number } {
  const quote = literal.charAt(0);
  const body = literal.slice(1, -1);
  if (quote === '`') return { value: body };
  let value = '';
  for (let i = 0; i < body.length; ) {
    const backslash = body.indexOf('\\', i);
    if (backslash < 0) return { value: value + body.slice(i) };
    value += body.slice(i, backslash);
    ESCAPE.lastIndex = backslash;
    const match = ESCAPE.exec(body);
    const simple = match?.[1];
    const otherQuote = (simple === '"' || simple === "'") && simple !== quote;
    if (!match || otherQuote) return { badEscape: body.slice(backslash, backslash + 2), at: backslash + 1 };
    value += decode(match);
    i = ESCAPE.lastIndex;
  }
  return { value };
}

/** Whether a string literal has the quote at its end that it starts with. */
export function isClosed(literal: string): boolean {
  const quote = literal.charAt(0);
  if (literal.length < 2 || !literal.endsWith(quote)) return false;
  if (quote === '`') return true;
  const backslashes = /\\*$/.exec(literal.slice(1, -1))?.[0].length ?? 0;
  return backslashes % 2 === 0;
}

/** An expression with `""` in place of each string, so that its brackets and words can be looked at. */
export function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, '""');
}

/** A number as PromQL writes it, with its sign: decimal, hexadecimal, octal, `Inf`, `NaN` or a duration. */
export function numberValue(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]\s*/, '').replaceAll('_', '');
  if (/^inf$/i.test(digits)) return sign * Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(digits)) return Number.NaN;
  if (/^0\d+$/.test(digits) && !/[89]/.test(digits)) return sign * Number.parseInt(digits, 8);
  return sign * (durationSeconds(digits) ?? Number(digits));
}

function decode(match: RegExpExecArray): string {
  const [, simple, x, u, long, octal] = match;
  if (simple !== undefined) return SIMPLE[simple] ?? simple;
  const code = octal === undefined ? Number.parseInt(x ?? u ?? long ?? '0', 16) : Number.parseInt(octal, 8);
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}
