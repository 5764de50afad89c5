import type { TSESTree } from '@typescript-eslint/types';
import type { Span } from '../document.ts';

/**
 * A TypeScript or JavaScript file. Most files of a workspace say nothing that a rule asks for, so everything here is computed at
 * its first read: a rule looks for its words in the text before it reads `ast`.
 */
export interface ScriptTree {
  /** What the file takes from other modules by a path of the same project: `./x`, `@/x`, `~/x`, `#x`, `src/x`. */
  readonly imports: readonly ScriptImport[];
  /** Where the text reads the environment, comments and strings not told apart from code. */
  readonly envReads: readonly EnvRead[];
  /**
   * The program; every node has a `range`. Absent without a parser and while the file does not parse: a half-typed file is no
   * problem to report.
   */
  readonly ast: TSESTree.Program | undefined;
  /** Whether another text of this file parses, so that a rule can try a fix; false without a parser. */
  parses(text: string): boolean;
}

export interface ScriptImport {
  readonly specifier: string;
  /** The specifier without its quotes. */
  readonly span: Span;
}

export interface EnvRead {
  /** The variable; absent where it is computed, or where the whole environment is handed on. */
  readonly name?: string;
  readonly span: Span;
}

/** What hardlint asks of the parser; the rest of the tree has `range` by default. */
export type ScriptParseOptions = {
  readonly range: true;
  readonly loc: false;
  readonly sourceType: 'module';
  readonly ecmaFeatures: { readonly jsx: boolean };
  readonly jsDocParsingMode: 'none';
};

/** What `@typescript-eslint/parser` gives, as far as hardlint uses it. Throws where the code does not parse. */
export interface ScriptParser {
  parse(code: string, options: ScriptParseOptions): unknown;
}
