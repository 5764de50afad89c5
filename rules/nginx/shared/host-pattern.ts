import { parseRegex, type RegexBody, type RegexItem } from './regex.ts';

/*
 * Expressions that are to let through the origins or pages of some hosts, `^https://(?:www\.)?example\.com$`. They are read, not
 * run: running somebody's expression may take for ever.
 */

/** How an expression lets other hosts through. */
export interface HostFlaws {
  /** `evilexample.com` fits, since nothing has to stand before the name. */
  readonly start: boolean;
  /** So does `example.com.evil.net`. */
  readonly end: boolean;
  /** Offsets of dots that stand for any character between parts of a name. */
  readonly dots: readonly number[];
  /** How many alternatives it has at the top. */
  readonly alternatives: number;
  /** Whether nothing at all stands before the name, so that a start can be put there. */
  readonly bareStart: boolean;
  /** Of a page: nothing says that the name is that of its host, and not a part of its path. */
  readonly isLoose: boolean;
}

/** Undefined where the expression cannot be read or speaks of no host. */
export function hostFlawsOf(source: string, of: 'origin' | 'page'): HostFlaws | undefined {
  const regex = parseRegex(source);
  if (!regex || !/\w\\?\.\w|:\/\/|localhost/.test(source.replace(/[()]/g, ''))) return undefined;
  const sequences = regex.body.flatMap(withoutBrackets).map((items) => new Sequence(source, items));
  const hosts = sequences.filter((sequence) => sequence.namesHost);
  if (hosts.length === 0) return undefined;
  return {
    start: hosts.some((sequence) => sequence.startIsOpen),
    end: hosts.some((sequence) => sequence.endIsOpen),
    dots: dotsIn(source, regex.body),
    alternatives: regex.body.length,
    bareStart: hosts.every((sequence) => sequence.isBare),
    isLoose: of === 'page' && hosts.some((sequence) => !sequence.isHeld),
  };
}

/** What is in brackets as a whole, `^(a|b)$`, as its alternatives. */
function withoutBrackets(items: readonly RegexItem[]): readonly (readonly RegexItem[])[] {
  const at = items.findIndex((item) => !item.anchor);
  const { group, min, max } = items[at] ?? {};
  if (!group || min !== 1 || max !== 1 || items.slice(at + 1).some((item) => !item.anchor)) return [items];
  return group.body.map((inner) => [...items.slice(0, at), ...inner, ...items.slice(at + 1)]);
}

class Sequence {
  readonly #source: string;
  readonly #items: readonly RegexItem[];
  /** Behind `://`, else behind `^`. */
  readonly #host: number;

  constructor(source: string, items: readonly RegexItem[]) {
    this.#source = source;
    this.#items = items;
    const slashes = items.findIndex(
      (item, index) => item.literal === '/' && items[index + 1]?.literal === '/',
    );
    const start = items.findIndex((item) => this.#isAnchor(item, '^'));
    this.#host = slashes >= 0 ? slashes + 2 : start + 1;
  }

  get namesHost(): boolean {
    return this.#items.slice(this.#host).some(isName);
  }

  /** Whether it begins with the name itself. */
  get isBare(): boolean {
    const [first] = this.#items;
    return first !== undefined && isLetter(first.literal);
  }

  /** Whether it fits at the start of a text only. */
  get isHeld(): boolean {
    const [first] = this.#items;
    return first !== undefined && (this.#isAnchor(first, '^') || this.#isAnchor(first, '\\A'));
  }

  get startIsOpen(): boolean {
    const items = this.#items.slice(this.#host);
    const name = items.findIndex(isName);
    if (items.some((_, index) => this.#isOpenBefore(items, index))) return true;
    if (name > 0) return false;
    const [first] = this.#items;
    // Nothing but a scheme makes a bare name whole: an origin has no path that could hold another one.
    if (this.#host === 0 && first)
      return isLetter(first.literal) || (first.min === 0 && first.group !== undefined);
    return false;
  }

  /** Whether a name begins that is open to its left and could be registered: `shop.com` behind `.*`, not the `app` of `app.shop.com`. */
  #isOpenBefore(items: readonly RegexItem[], index: number): boolean {
    const [before, at] = [items[index - 1], items[index]];
    if (!before || !at || !isName(at) || !isWild(before)) return false;
    const dots = items.slice(index).filter(({ literal }) => literal === '.').length;
    return dots < (DOUBLE_SUFFIX.test(this.#source.slice(at.start)) ? 3 : 2);
  }

  get endIsOpen(): boolean {
    const items = this.#items.slice(this.#host);
    const end = items.findIndex((item) => this.#ends(item));
    const name = (end < 0 ? items : items.slice(0, end)).findLastIndex(isName);
    if (name < 0) return false;
    return end < 0 || items.slice(name + 1, end).some(isWild);
  }

  /** Whether the name is over there: `$`, a slash, the colon before the port, or a group of them. */
  #ends(item: RegexItem): boolean {
    if (this.#isAnchor(item, '$') || this.#isAnchor(item, '\\z') || this.#isAnchor(item, '\\Z')) return true;
    if (item.min === 0) return false;
    if (item.group)
      return item.group.body.every((items) => {
        const first = items.find((inner) => inner.min > 0);
        return first !== undefined && this.#ends(first);
      });
    return !item.anchor && !takesName(item) && ['/', ':', '?', '#'].some(item.takes);
  }

  #isAnchor(item: RegexItem, text: string): boolean {
    return item.anchor && !item.group && this.#source.startsWith(text, item.start);
  }
}

/** Below these, too, anyone can register a name: `.co.uk`. */
const DOUBLE_SUFFIX = /\.(?:com?|org|net|gov|edu|ac)\\?\.[a-z]{2}(?![\w\\.])/i;

/** Bare dots between two parts of a name; `.*` and its like mean what they say. */
function dotsIn(source: string, body: RegexBody): readonly number[] {
  return body.flatMap((items) =>
    items.flatMap((item, index) => {
      if (item.group) return dotsIn(source, item.group.body);
      const isDot = source[item.start] === '.' && item.max === 1 && item.min === 1;
      const [before, after] = [items[index - 1], items[index + 1]];
      // There are no names to register that end in numbers, as addresses do.
      const isAddress = isDigit(before?.literal) && isDigit(after?.literal);
      return isDot && before && after && endsName(before) && isName(after) && !isAddress ? [item.start] : [];
    }),
  );
}

function endsName(item: RegexItem): boolean {
  return isName(item) || (!item.anchor && !item.literal && item.takes('a'));
}

/** A letter or a digit, or a group that has one. */
function isName(item: RegexItem): boolean {
  if (item.group)
    return !item.group.looks && item.group.body.some((items) => items.some(isName) && !items.some(isWild));
  return isLetter(item.literal);
}

/** Something that takes as many letters of a name as there are; of a group, at its end. */
function isWild({ group, max, takes }: RegexItem): boolean {
  if (!group) return max > MANY && takesLetters(takes);
  return group.body.some((items) => {
    const last = items.at(-1);
    return last !== undefined && (isWild(last) || (max > MANY && takesLetters(last.takes)));
  });
}

/** Repetitions that leave room for a name of one's own. */
const MANY = 8;

function takesLetters(takes: RegexItem['takes']): boolean {
  return takes('a') && takes('z');
}

function takesName({ takes }: RegexItem): boolean {
  return ['a', 'z', '0', '-'].some(takes);
}

function isDigit(literal: string | undefined): boolean {
  return literal !== undefined && /^\d$/.test(literal);
}

function isLetter(literal: string | undefined): boolean {
  return literal !== undefined && /^[a-z\d]$/i.test(literal);
}
