export interface ScriptTree {
  readonly ast?: unknown;
}

/** What `@typescript-eslint/parser` gives, as far as hardlint uses it. */
export interface ScriptParser {
  parse(code: string, options: object): unknown;
}
