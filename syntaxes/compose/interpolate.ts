/**
 * A text after Compose has put the variables in, as far as the text alone tells: `${V}` is unknown and `${V:-d}` is taken to be
 * `d`. Values of the `.env` file beside it have been put in before (see `substitute`); those of the shell are not known.
 * https://docs.docker.com/reference/compose-file/interpolation/
 */
export interface Interpolated {
  /** Undefined where a part is unknown. */
  readonly text: string | undefined;
  /** The text with `UNKNOWN` in place of each unknown part. */
  readonly pattern: string;
  /** The variables that take part, nested ones too. */
  readonly variables: readonly string[];
}

/** Stands in a pattern for what is not known. YAML cannot hold it, so it never is a part of a text. */
export const UNKNOWN = '\0';

/** Deeper nesting than this is taken for unknown. */
const MAX_NESTING = 40;

export function interpolate(text: string): Interpolated {
  if (!text.includes('$') && !text.includes('{{')) return { text, pattern: text, variables: [] };
  const reader = new Reader(text);
  const pattern = reader.read(0);
  return { text: pattern.includes(UNKNOWN) ? undefined : pattern, pattern, variables: reader.variables };
}

/**
 * Puts the values of known variables into a text that is still to be interpolated; all others stay as they are written.
 * `lookUp` gives undefined for a variable that is not known.
 */
export function substitute(text: string, lookUp: (name: string) => string | undefined, nesting = 0): string {
  if (!text.includes('$') || nesting > MAX_NESTING) return text;
  let out = '';
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return out + text.slice(at);
    out += text.slice(at, dollar);
    const use = /^\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?[-?+])?)/.exec(
      text.slice(dollar, dollar + MAX_NAME),
    );
    if (!use) {
      out += '$';
      at = dollar + 1;
      continue;
    }
    const [whole, bare, braced = '', operator = ''] = use;
    at = dollar + whole.length;
    if (whole === '$$') out += whole;
    else if (bare !== undefined) out += literal(lookUp(bare)) ?? whole;
    else {
      const end = closingBrace(text, at);
      const rest = substitute(text.slice(at, end), lookUp, nesting + 1);
      out += chosen(lookUp(braced), operator, rest) ?? `${whole}${rest}${text.slice(end, end + 1)}`;
      at = end + 1;
    }
  }
  return out;
}

/** Longer names of variables are none. */
const MAX_NAME = 300;

/** What `${NAME<operator>rest}` comes to; undefined where the value is not known. */
function chosen(value: string | undefined, operator: string, rest: string): string | undefined {
  if (value === undefined) return undefined;
  if (operator.endsWith('+')) return operator === '+' || value !== '' ? rest : '';
  return operator === ':-' && value === '' ? rest : literal(value);
}

/** A value as a text that interpolation leaves alone. */
function literal(value: string | undefined): string | undefined {
  return value?.replaceAll('$', '$$$$');
}

/** Where the brace that is open at `at` closes; the text's end where it does not. */
function closingBrace(text: string, at: number): number {
  let depth = 1;
  for (let i = at; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '}' && --depth === 0) return i;
    if (char === '{' && text.charAt(i - 1) === '$') depth++;
  }
  return text.length;
}

class Reader {
  readonly #text: string;
  #at = 0;
  readonly variables: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads up to the end, or inside braces up to the brace that closes them. */
  read(depth: number): string {
    let out = '';
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      if (depth > 0 && char === '}') return out;
      if (char === '$') out += this.#dollar(depth);
      else if (this.#text.startsWith('{{', this.#at)) out += this.#template();
      else {
        out += char;
        this.#at++;
      }
    }
    return out;
  }

  #dollar(depth: number): string {
    this.#at++;
    const next = this.#text.charAt(this.#at);
    if (next === '$') {
      this.#at++;
      return '$';
    }
    if (next === '{') return this.#braced(depth);
    const name = this.#name();
    if (name === '') return '$';
    this.variables.push(name);
    return UNKNOWN;
  }

  #braced(depth: number): string {
    this.#at++;
    const name = this.#name();
    if (name !== '') this.variables.push(name);
    const operator = /^:?[-?+]/.exec(this.#text.slice(this.#at, this.#at + 2))?.[0] ?? '';
    this.#at += operator.length;
    if (depth >= MAX_NESTING) {
      this.#at = this.#text.length;
      return UNKNOWN;
    }
    const rest = this.read(depth + 1);
    if (this.#text.charAt(this.#at) === '}') this.#at++;
    return name !== '' && operator.endsWith('-') ? rest : UNKNOWN;
  }

  /** A placeholder of Swarm (`{{.Node.Hostname}}`) or of a template engine. */
  #template(): string {
    const end = this.#text.indexOf('}}', this.#at + 2);
    this.#at = end < 0 ? this.#text.length : end + 2;
    return UNKNOWN;
  }

  #name(): string {
    const start = this.#at;
    if (/[A-Za-z_]/.test(this.#text.charAt(start))) {
      this.#at++;
      while (/[A-Za-z0-9_]/.test(this.#text.charAt(this.#at))) this.#at++;
    }
    return this.#text.slice(start, this.#at);
  }
}
