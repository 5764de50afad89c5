import type { TSESTree } from '@typescript-eslint/types';
import type { Syntax } from '../document.ts';
import { basename, pathOf } from '../uri.ts';
import { envReadsIn } from './env-reads.ts';
import { importsIn } from './imports.ts';
import type { EnvRead, ScriptImport, ScriptParser, ScriptTree } from './tree.ts';

/** Files longer than this are generated; nobody mends them by hand. */
const MAX_LENGTH = 200_000;

/** A line longer than this is a bundler's or a minifier's. */
const MAX_LINE_LENGTH = 5_000;

/**
 * TypeScript and JavaScript that someone writes by hand: no declarations, no bundles, no dependencies.
 * `loadParser` is called at the first file that a rule wants parsed; without it there are no programs, only what the text shows.
 */
export function createScriptSyntax(loadParser: (() => ScriptParser) | undefined): Syntax<'script'> {
  return {
    kind: 'script',
    detect: (uri, text) => isScriptName(uri) && isHandWritten(text),
    parse: (uri, text) => ({
      uri,
      kind: 'script',
      text,
      tree: new LazyScriptTree(uri, text, loadParser),
      problems: [],
    }),
  };
}

function isScriptName(uri: string): boolean {
  const name = basename(uri);
  if (!/\.(?:[cm]?[jt]s|[jt]sx)$/i.test(name)) return false;
  if (/\.d\.(?:[\w-]+\.)?[cm]?ts$/i.test(name) || /[.-](?:min|bundle|bundled)\.[cm]?js$/i.test(name))
    return false;
  return !/\/(?:node_modules|bower_components|\.yarn|\.next|\.nuxt|\.output|\.git)\//.test(pathOf(uri));
}

function isHandWritten(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end - start > MAX_LINE_LENGTH) return false;
    start = end + 1;
  }
  return true;
}

/** `undefined`: not computed yet. */
class LazyScriptTree implements ScriptTree {
  readonly #uri: string;
  readonly #text: string;
  readonly #loadParser: (() => ScriptParser) | undefined;
  #imports: readonly ScriptImport[] | undefined;
  #envReads: readonly EnvRead[] | undefined;
  #program: { readonly ast: TSESTree.Program | undefined } | undefined;

  constructor(uri: string, text: string, loadParser: (() => ScriptParser) | undefined) {
    this.#uri = uri;
    this.#text = text;
    this.#loadParser = loadParser;
  }

  get imports(): readonly ScriptImport[] {
    this.#imports ??= importsIn(this.#text);
    return this.#imports;
  }

  get envReads(): readonly EnvRead[] {
    this.#envReads ??= envReadsIn(this.#text);
    return this.#envReads;
  }

  get ast(): TSESTree.Program | undefined {
    this.#program ??= { ast: this.#parse(this.#text) };
    return this.#program.ast;
  }

  parses(text: string): boolean {
    return this.#parse(text) !== undefined;
  }

  #parse(text: string): TSESTree.Program | undefined {
    if (!this.#loadParser) return undefined;
    // `<T>x` is a cast in a .ts file and an element in a .tsx file; plain JavaScript has elements only.
    const jsx = !/\.[cm]?ts$/i.test(this.#uri);
    try {
      return this.#loadParser().parse(text, {
        range: true,
        loc: false,
        sourceType: 'module',
        ecmaFeatures: { jsx },
        jsDocParsingMode: 'none',
      }) as TSESTree.Program;
    } catch {
      return undefined;
    }
  }
}
