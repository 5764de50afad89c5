/*
 * Regular expressions of PCRE as nginx has them, read as far as rules need it: which groups there are, which characters a group may
 * take, what is repeated. https://www.pcre.org/current/doc/html/pcre2pattern.html
 */

/** The alternatives of a group, or of a whole expression. */
export type RegexBody = readonly (readonly RegexItem[])[];

export interface RegexGroup {
  /** Counted from 1 by the opening brackets; undefined where it captures nothing. */
  readonly index: number | undefined;
  readonly name: string | undefined;
  /** It looks ahead or behind, and takes no characters itself. */
  readonly looks: boolean;
  /** `(?>…)`: it never gives anything back. */
  readonly atomic: boolean;
  readonly body: RegexBody;
}

/** A character, a class or a group, and how often it may stand there. */
export interface RegexItem {
  /** Whether it may take a character; of a group, whether something in it may. An anchor takes none. */
  readonly takes: (character: string) => boolean;
  /** Set where it is exactly one character. */
  readonly literal: string | undefined;
  readonly group: RegexGroup | undefined;
  /** `^`, `$`, `\b`: a place between characters. */
  readonly anchor: boolean;
  readonly min: number;
  readonly max: number;
  /** Repeated without giving anything back, `a++`: it does not backtrack. */
  readonly possessive: boolean;
  /** Where it starts in the expression. */
  readonly start: number;
}

export interface Regex {
  readonly body: RegexBody;
  /** All capturing groups in the order of their numbers. */
  readonly groups: readonly RegexGroup[];
}

/** Reads an expression; undefined where it cannot be read. */
export function parseRegex(source: string): Regex | undefined {
  return new RegexParser(source).parse();
}

/** The capturing group of a number or a name. */
export function groupOf({ groups }: Regex, key: string): RegexGroup | undefined {
  return groups.find(({ index, name }) => name === key || String(index) === key);
}

/** Whether the text that a group takes may hold a character. */
export function groupTakes({ body }: RegexGroup, character: string): boolean {
  return body.some((items) => items.some((item) => item.takes(character)));
}

/** Whether all that a group takes starts with a character. */
export function startsWith({ body }: RegexGroup, character: string): boolean {
  return body.every((items) => {
    const first = items.find((item) => !item.anchor);
    if (!first || first.min < 1) return false;
    return first.group ? startsWith(first.group, character) : first.literal === character;
  });
}

/** Nobody nests deeper. */
const MAX_DEPTH = 40;

type Atom = Pick<RegexItem, 'takes' | 'literal' | 'group' | 'anchor'>;

class RegexParser {
  readonly #source: string;
  readonly #groups: RegexGroup[] = [];
  #at = 0;
  #count = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Regex | undefined {
    const body = this.#body();
    if (!body || this.#at < this.#source.length) return undefined;
    return { body, groups: this.#groups.sort((a, b) => (a.index ?? 0) - (b.index ?? 0)) };
  }

  #body(): RegexBody | undefined {
    const alternatives: RegexItem[][] = [[]];
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      if (this.#take('|')) {
        alternatives.push([]);
        continue;
      }
      const start = this.#at;
      const atom = this.#atom();
      if (!atom) return undefined;
      alternatives.at(-1)?.push({ ...atom, ...this.#quantifier(), start });
    }
    return alternatives;
  }

  #atom(): Atom | undefined {
    const character = this.#source[this.#at] ?? '';
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    this.#at++;
    if (character === '\\') return this.#escape();
    if (character === '^' || character === '$') return ANCHOR;
    if (character === '.') return classOf((other) => other !== '\n');
    return literalOf(character);
  }

  #escape(): Atom {
    const character = this.#source[this.#at++] ?? '';
    if (/[bBAzZG]/.test(character)) return ANCHOR;
    const known = CLASSES.get(character);
    return known ? classOf(known) : literalOf(ESCAPED.get(character) ?? character);
  }

  #class(): Atom | undefined {
    const start = ++this.#at;
    const negated = this.#take('^');
    const tests: ((character: string) => boolean)[] = [];
    let first = true;
    while (this.#source[this.#at] !== ']' || first) {
      if (this.#at >= this.#source.length) return undefined;
      first = false;
      tests.push(this.#classPart());
    }
    this.#at++;
    const takes = (character: string) => tests.some((test) => test(character));
    return this.#at > start ? classOf(negated ? (character) => !takes(character) : takes) : undefined;
  }

  #classPart(): (character: string) => boolean {
    const posix = /^\[:(\^?)(\w+):\]/.exec(this.#source.slice(this.#at, this.#at + 16));
    if (posix) {
      this.#at += posix[0].length;
      const known = POSIX.get(posix[2] ?? '') ?? ((): boolean => true);
      return posix[1] === '^' ? (character) => !known(character) : known;
    }
    const from = this.#classCharacter();
    if (typeof from !== 'string') return from;
    if (this.#source[this.#at] !== '-' || this.#source[this.#at + 1] === ']')
      return (character) => character === from;
    this.#at++;
    const to = this.#classCharacter();
    if (typeof to !== 'string')
      return (character) => character === from || character === '-' || to(character);
    return (character) => character >= from && character <= to;
  }

  #classCharacter(): string | ((character: string) => boolean) {
    const character = this.#source[this.#at++] ?? '';
    if (character !== '\\') return character;
    const escaped = this.#source[this.#at++] ?? '';
    return CLASSES.get(escaped) ?? ESCAPED.get(escaped) ?? escaped;
  }

  #group(): Atom | undefined {
    if (++this.#depth > MAX_DEPTH) return undefined;
    const opening = /^\((?:\?(?:(<?[=!])|P?<(\w+)>|'(\w+)'|[a-zA-Z^-]*(:)|(>)|([a-zA-Z-]+)(?=\))))?/.exec(
      this.#source.slice(this.#at, this.#at + 80),
    );
    this.#at += opening?.[0].length ?? 1;
    const [, looks, angled, quoted, plain, atomic, flags] = opening ?? [];
    const name = angled ?? quoted;
    const index = looks || plain || atomic || flags ? undefined : ++this.#count;
    const body = this.#body();
    if (!body || !this.#take(')')) return undefined;
    this.#depth--;
    const group: RegexGroup = { index, name, looks: looks !== undefined, atomic: atomic !== undefined, body };
    if (index !== undefined) this.#groups.push(group);
    const takes = (character: string): boolean => !group.looks && groupTakes(group, character);
    return { takes, literal: undefined, group, anchor: group.looks || flags !== undefined };
  }

  #quantifier(): Pick<RegexItem, 'min' | 'max' | 'possessive'> {
    const [text = '', sign, least, comma, most] =
      /^(?:([*+?])|\{(\d+)(,?)(\d*)\})/.exec(this.#source.slice(this.#at, this.#at + 20)) ?? [];
    if (text === '') return { min: 1, max: 1, possessive: false };
    this.#at += text.length;
    const possessive = this.#take('+');
    if (!possessive) this.#take('?');
    if (sign) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity, possessive };
    const min = Number(least);
    return { min, max: comma ? (most ? Number(most) : Infinity) : min, possessive };
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

const ANCHOR: Atom = { takes: () => false, literal: undefined, group: undefined, anchor: true };

function classOf(takes: (character: string) => boolean): Atom {
  return { takes, literal: undefined, group: undefined, anchor: false };
}

function literalOf(literal: string): Atom {
  return { takes: (character) => character === literal, literal, group: undefined, anchor: false };
}

const isDigit = (character: string): boolean => /^\d$/.test(character);
const isWord = (character: string): boolean => /^\w$/.test(character);
const isSpace = (character: string): boolean => /^\s$/.test(character);

const CLASSES: ReadonlyMap<string, (character: string) => boolean> = new Map([
  ['d', isDigit],
  ['D', (character: string) => !isDigit(character)],
  ['w', isWord],
  ['W', (character: string) => !isWord(character)],
  ['s', isSpace],
  ['S', (character: string) => !isSpace(character)],
  ['h', (character: string) => character === ' ' || character === '\t'],
  ['N', (character: string) => character !== '\n'],
  ['R', (character: string) => character === '\n' || character === '\r'],
]);

const POSIX: ReadonlyMap<string, (character: string) => boolean> = new Map([
  ['alpha', (character: string) => /^[a-z]$/i.test(character)],
  ['digit', isDigit],
  ['alnum', (character: string) => /^[a-z\d]$/i.test(character)],
  ['word', isWord],
  ['lower', (character: string) => /^[a-z]$/.test(character)],
  ['upper', (character: string) => /^[A-Z]$/.test(character)],
  ['xdigit', (character: string) => /^[a-f\d]$/i.test(character)],
  ['space', isSpace],
]);

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
