import type { NginxDirective, NginxWord } from '../../../syntaxes/nginx/tree.ts';

/** What a `location` is for. */
export interface LocationMatch {
  readonly modifier: '' | '=' | '^~' | '~' | '~*' | '@';
  /** A path, an expression, or a name. */
  readonly path: string;
  /** The word that holds the path; it may hold the modifier too, `location ~^/a`. */
  readonly word: NginxWord;
}

/** The path or expression of a `location`; undefined for other directives, and where it is not there. */
export function locationOf({ name, args }: NginxDirective): LocationMatch | undefined {
  if (name !== 'location') return undefined;
  const [first, second] = args;
  if (!first) return undefined;
  if (second) {
    const modifier = MODIFIERS.find((known) => known === first.value);
    return modifier && { modifier, path: second.value, word: second };
  }
  const modifier = MODIFIERS.find((known) => first.value.startsWith(known)) ?? '';
  return { modifier, path: first.value.slice(modifier.length), word: first };
}

const MODIFIERS = ['=', '^~', '~*', '~', '@'] as const;

/** Whether a location is for all paths that begin with its own. */
export function isPrefix({ modifier }: LocationMatch): boolean {
  return modifier === '' || modifier === '^~';
}

export function isRegex({ modifier }: LocationMatch): boolean {
  return modifier === '~' || modifier === '~*';
}

/** The condition of an `if`: `($host ~ ^www)`, also with blanks inside the brackets. */
export interface Condition {
  /** Without `$`; empty for tests of files. */
  readonly variable: string;
  /** `=`, `!=`, `~`, `!~*`, `-f`; empty where only the variable is asked. */
  readonly operator: string;
  readonly value: string;
  readonly opaque: boolean;
}

export function conditionOf({ name, args }: NginxDirective): Condition | undefined {
  if (name !== 'if') return undefined;
  const words = args.map(({ value, quote }, index) => {
    const opened = index === 0 && !quote ? value.replace(/^\(/, '') : value;
    return index === args.length - 1 && !quote ? opened.replace(/\)$/, '') : opened;
  });
  if (words[0] === '') words.shift();
  const [left = '', operator = '', value = ''] = words;
  const variable = /^\$\{?(\w+)\}?$/.exec(left)?.[1]?.toLowerCase() ?? '';
  return { variable, operator: variable ? operator : left, value, opaque: args.some((arg) => arg.opaque) };
}
