/**
 * The first thing in a pattern that RE2 refuses, as a sentence without the pattern; undefined for one that it takes.
 * https://github.com/google/re2/wiki/Syntax; Prometheus uses Go's `regexp`, with Perl's flags.
 */
export function re2Problem(pattern: string): string | undefined {
  return new Scanner(pattern).problem();
}

const ESCAPES = /^[AbBzdDsSwWaftnrvC]$/;

class Scanner {
  readonly #text: string;
  #at = 0;
  #open = 0;
  /** What stands before a repetition: nothing, something to repeat, or a repetition already. */
  #before: 'nothing' | 'atom' | 'repeat' = 'nothing';

  constructor(text: string) {
    this.#text = text;
  }

  problem(): string | undefined {
    while (this.#at < this.#text.length) {
      const problem = this.#step();
      if (problem) return problem;
    }
    return this.#open > 0 ? 'A `(` is not closed' : undefined;
  }

  #step(): string | undefined {
    const char = this.#text.charAt(this.#at);
    switch (char) {
      case '\\':
        return this.#escape();
      case '(':
        return this.#group();
      case ')':
        this.#at++;
        this.#before = 'atom';
        return --this.#open < 0 ? 'A `)` has no `(`' : undefined;
      case '[':
        return this.#class();
      case '|':
      case '^':
      case '$':
        this.#at++;
        this.#before = char === '|' ? 'nothing' : 'atom';
        return undefined;
      case '*':
      case '+':
      case '?':
        return this.#repeat(1);
      case '{': {
        const braces = /^\{(\d+)(?:,(\d*))?\}/.exec(this.#text.slice(this.#at, this.#at + 30));
        if (!braces) return this.#take(1);
        const [whole, low = '0', high] = braces;
        const tooMany = Number(low) > 1000 || Number(high || 0) > 1000;
        if (tooMany || (high !== undefined && high !== '' && Number(high) < Number(low)))
          return 'A repetition count is out of range';
        return this.#repeat(whole.length);
      }
      default:
        return this.#take(1);
    }
  }

  #take(length: number): undefined {
    this.#at += length;
    this.#before = 'atom';
    return undefined;
  }

  #repeat(length: number): string | undefined {
    if (this.#before === 'nothing')
      return `\`${this.#text.charAt(this.#at)}\` has nothing to repeat; any text is \`.*\``;
    if (this.#before === 'repeat') return 'A repetition follows a repetition';
    this.#at += length;
    if (this.#text[this.#at] === '?') this.#at++;
    this.#before = 'repeat';
    return undefined;
  }

  #group(): string | undefined {
    const rest = this.#text.slice(this.#at, this.#at + 120);
    if (!rest.startsWith('(?')) {
      this.#at++;
      this.#open++;
      this.#before = 'nothing';
      return undefined;
    }
    if (/^\(\?<?[=!]/.test(rest)) return 'Prometheus has no look-ahead or look-behind (`(?=`, `(?!`)';
    const named = /^\(\?P?<[A-Za-z_]\w*>/.exec(rest);
    const flags = /^\(\?(?:[imsU]+(?:-[imsU]+)?|-[imsU]+|)([:)])/.exec(rest);
    const match = named ?? flags;
    if (!match) return 'A group begins with a flag that RE2 does not have';
    this.#at += match[0].length;
    if (flags?.[1] === ')') return undefined;
    this.#open++;
    this.#before = 'nothing';
    return undefined;
  }

  #escape(): string | undefined {
    const next = this.#text.charAt(this.#at + 1);
    if (next === '') return 'The pattern ends in a lone backslash';
    if (next === 'Q') {
      const end = this.#text.indexOf('\\E', this.#at);
      return this.#take(end < 0 ? this.#text.length - this.#at : end + 2 - this.#at);
    }
    const length = escapeLength(this.#text.slice(this.#at, this.#at + 40));
    if (length === undefined) {
      return /[1-9]/.test(next)
        ? 'Prometheus has no back-references'
        : `\`\\${next}\` is no escape that RE2 knows`;
    }
    return this.#take(length);
  }

  #class(): string | undefined {
    const negated = this.#text[this.#at + 1] === '^' ? 1 : 0;
    let at = this.#at + 1 + negated;
    let low: string | undefined;
    for (let first = true; at < this.#text.length; first = false) {
      const char = this.#text.charAt(at);
      if (char === ']' && !first) return this.#take(at + 1 - this.#at);
      const posix = /^\[:\^?[a-z]+:\]/.exec(this.#text.slice(at, at + 20));
      const length = posix
        ? posix[0].length
        : char === '\\'
          ? escapeLength(this.#text.slice(at, at + 40))
          : 1;
      if (length === undefined) return `\`\\${this.#text.charAt(at + 1)}\` is no escape that RE2 knows`;
      const isRange = low !== undefined && char === '-' && !/^-?\]/.test(this.#text.slice(at + 1, at + 2));
      if (isRange) {
        const high = this.#text.charAt(at + 1);
        if (low !== undefined && high !== '\\' && high !== '[' && high < low)
          return 'A range in brackets runs backwards';
        at += high === '\\' ? 1 : 2;
        low = undefined;
        continue;
      }
      low = length === 1 ? char : undefined;
      at += length;
    }
    return 'A `[` is not closed';
  }
}

/** How long the escape at the start of a text is; undefined for one that RE2 does not know. */
function escapeLength(text: string): number | undefined {
  const next = text.charAt(1);
  if (/[pP]/.test(next)) return /^\\[pP](?:\{\^?\w+\}|[A-Z])/.exec(text)?.[0].length;
  if (next === 'x') return /^\\x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]{1,6}\})/.exec(text)?.[0].length;
  if (/[0-7]/.test(next))
    return next === '0'
      ? /^\\0[0-7]{0,2}/.exec(text)?.[0].length
      : /^\\[1-7][0-7]{1,2}/.exec(text)?.[0].length;
  return ESCAPES.test(next) || /[^A-Za-z0-9]/.test(next) ? 2 : undefined;
}
