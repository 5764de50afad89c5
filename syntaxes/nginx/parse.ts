import type { Problem, Span } from '../document.ts';
import { Lexer, type Token, type WordToken } from './lexer.ts';
import { endOfLuaBlock } from './lua.ts';
import { DATA_BLOCKS, STARTING_NAMES } from './names.ts';
import { isPlaceholderName } from './placeholder.ts';
import type { NginxBlock, NginxDirective, NginxWord } from './tree.ts';

export interface Parsed {
  readonly root: NginxBlock;
  readonly comments: readonly Span[];
  readonly problems: readonly Problem[];
  /** How deep the blocks are nested. */
  readonly depth: number;
}

export interface ParseOptions {
  /** The parts of the text that a template fills in. */
  readonly masks: readonly Span[];
  /** Reading stops where blocks are nested deeper; `depth` is greater then. */
  readonly maxDepth: number;
}

/** Reads a configuration, whatever the text. */
export function parseNginx(text: string, { masks, maxDepth }: ParseOptions): Parsed {
  const problems: Problem[] = [];
  const lexer = new Lexer(text, masks, problems);
  const builder = new TreeBuilder(text, lexer, problems);
  for (let token = lexer.next(); token.type !== 'end'; token = lexer.next()) {
    builder.take(token);
    if (builder.depth > maxDepth) break;
  }
  const root = builder.finish();
  problems.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  return { root, comments: lexer.comments, problems, depth: builder.depth };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface OpenBlock {
  readonly block: Mutable<NginxBlock>;
  readonly directives: NginxDirective[];
  readonly owner: Mutable<NginxDirective> | undefined;
  /** Entries of data are not compared with the names of directives. */
  readonly data: boolean;
}

class TreeBuilder {
  depth = 0;
  readonly #text: string;
  readonly #lexer: Lexer;
  readonly #problems: Problem[];
  readonly #stack: OpenBlock[] = [];
  #top: OpenBlock;
  #words: WordToken[] = [];
  /** How deep the outermost open `server` lies; 0 where none is open. */
  #serverDepth = 0;

  constructor(text: string, lexer: Lexer, problems: Problem[]) {
    this.#text = text;
    this.#lexer = lexer;
    this.#problems = problems;
    this.#top = openBlock(undefined, 0);
  }

  take(token: Token): void {
    if (token.type === 'word') this.#takeWord(token);
    else if (token.type === ';') this.#takeSemicolon(token.start);
    else if (token.type === '{') this.#takeOpen(token.start);
    else if (token.type === '}') this.#takeClose(token.start);
  }

  finish(): NginxBlock {
    this.#endUnterminated();
    while (this.#top.owner) {
      this.#problem(
        this.#top.owner.nameSpan,
        `The block of \`${shorten(this.#top.owner.name)}\` is not closed.`,
      );
      this.#close(this.#text.length, this.#text.length);
    }
    this.#top.block.span = { start: 0, end: this.#text.length };
    this.#top.block.inner = this.#top.block.span;
    return this.#top.block;
  }

  #takeWord(token: WordToken): void {
    if (token.first && !this.#top.data && token.quote === undefined && STARTING_NAMES.has(token.value))
      this.#endUnterminated();
    this.#words.push(token);
    if (this.#words.length > 1 || !token.first || this.#top.data || !isPlaceholderName(token.value)) return;
    if (this.#lexer.isLastOnLine(token.span.end)) this.#directive(token.span.end);
  }

  #takeSemicolon(start: number): void {
    if (this.#words.length > 0) this.#directive(start + 1);
    else this.#problem({ start, end: start + 1 }, 'This `;` ends no directive.');
  }

  #takeOpen(start: number): void {
    const [name] = this.#words;
    if (!name) this.#problem({ start, end: start + 1 }, 'This `{` opens the block of no directive.');
    if (name && this.#words.length === 1) this.#closeForgotten(name.value);
    const directive = this.#directive(start);
    if (name && /_by_lua_block$/.test(name.value)) {
      this.#luaBlock(directive, start);
      return;
    }
    this.#stack.push(this.#top);
    this.#top = openBlock(directive, start);
    this.depth = Math.max(this.depth, this.#stack.length);
    if (directive.name === 'server' && this.#serverDepth === 0) this.#serverDepth = this.#stack.length;
  }

  #takeClose(start: number): void {
    this.#endUnterminated();
    if (this.#top.owner) this.#close(start, start + 1);
    else this.#problem({ start, end: start + 1 }, 'This `}` closes no block.');
  }

  /** A `server` in a `server`, or `http` in anything, can only mean that a `}` before it is missing. */
  #closeForgotten(name: string): void {
    const outermost = this.#outermostForgotten(name);
    const end = this.#words[0]?.span.start ?? 0;
    while (outermost >= 0 && this.#stack.length > outermost) {
      const owner = this.#top.owner;
      if (!owner) return;
      this.#problem(
        owner.nameSpan,
        `The block of \`${shorten(owner.name)}\` is not closed before the next \`${name}\`.`,
      );
      this.#close(end, end);
    }
  }

  /** How many blocks stay open; -1 where nothing was forgotten. */
  #outermostForgotten(name: string): number {
    if (name === 'http' || name === 'events') return this.#stack.length > 0 ? 0 : -1;
    if (name !== 'server' || !SERVER_PARTS.has(this.#top.owner?.name ?? '')) return -1;
    return this.#serverDepth - 1;
  }

  #luaBlock(directive: Mutable<NginxDirective>, open: number): void {
    const end = endOfLuaBlock(this.#text, open + 1);
    if (end < 0)
      this.#problem(directive.nameSpan, `The Lua block of \`${shorten(directive.name)}\` is not closed.`);
    const close = end < 0 ? this.#text.length : end;
    const after = end < 0 ? close : close + 1;
    directive.span = { start: directive.span.start, end: after };
    directive.block = {
      owner: directive,
      directives: [],
      span: { start: open, end: after },
      inner: { start: open + 1, end: close },
      lua: true,
    };
    this.#lexer.jumpTo(after);
  }

  #endUnterminated(): void {
    const last = this.#words.at(-1);
    if (!last) return;
    const [name] = this.#words;
    if (name && !isPlaceholderName(name.value)) {
      this.#problem(lastCharacter(last.span), `\`${shorten(name.value)}\` is not ended by \`;\`.`);
    }
    this.#directive(last.span.end);
  }

  /** Makes a directive of the words read so far. */
  #directive(end: number): Mutable<NginxDirective> {
    const [name, ...args] = this.#words;
    this.#words = [];
    const directive: Mutable<NginxDirective> = {
      name: name?.value ?? '',
      nameSpan: name?.span ?? { start: end, end },
      args: args.map(wordOf),
      span: { start: name?.span.start ?? end, end },
      parent: this.#top.block,
      opaque: name !== undefined && !this.#top.data && (name.opaque || isPlaceholderName(name.value)),
    };
    this.#top.directives.push(directive);
    return directive;
  }

  #close(innerEnd: number, end: number): void {
    const { block, owner } = this.#top;
    block.inner = { start: block.span.start + 1, end: innerEnd };
    block.span = { start: block.span.start, end };
    if (owner) {
      owner.span = { start: owner.span.start, end };
      owner.block = block;
    }
    this.#top = this.#stack.pop() ?? this.#top;
    if (this.#stack.length < this.#serverDepth) this.#serverDepth = 0;
  }

  #problem(span: Span, message: string): void {
    this.#problems.push({ span, message });
  }
}

const SERVER_PARTS: ReadonlySet<string> = new Set(['server', 'location', 'if', 'limit_except', 'types']);

function openBlock(owner: Mutable<NginxDirective> | undefined, start: number): OpenBlock {
  const directives: NginxDirective[] = [];
  const empty = { start, end: start };
  return {
    block: { owner, directives, span: empty, inner: empty, lua: false },
    directives,
    owner,
    data: owner !== undefined && DATA_BLOCKS.has(owner.name),
  };
}

function wordOf({ value, span, quote, opaque }: WordToken): NginxWord {
  return { value, span, quote, opaque };
}

function lastCharacter(span: Span): Span {
  return { start: Math.max(span.start, span.end - 1), end: span.end };
}

/** Names go into messages; a whole swallowed text must not. */
function shorten(name: string): string {
  return name.length > 40 ? `${name.slice(0, 39)}…` : name;
}
