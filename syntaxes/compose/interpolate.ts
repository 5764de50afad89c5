/**
 * A text after Compose has put the variables in, as far as the file alone tells. Values of `.env` and of the shell are not
 * known here, so `${V}` is unknown and `${V:-d}` is taken to be `d`.
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
