import type { Span } from '../document.ts';

/**
 * An nginx configuration file as nginx reads it: directives with their words, blocks in blocks. What values are in effect
 * is another question, since it needs the files around this one.
 */
export interface NginxTree {
  /** The whole file as a block without braces. */
  readonly root: NginxBlock;
  /** What the file's own text and path say about the block that it is read in. */
  readonly context: NginxContext;
  readonly comments: readonly Span[];
  /** Whether tags of a template language were found; what they stand for is unknown and marked `opaque`. */
  readonly template: boolean;
}

/** Where the directives at the top of a file belong. `unknown`: they may be included anywhere. */
export type NginxContext = 'main' | 'http' | 'server' | 'stream' | 'mail' | 'unknown';

export interface NginxDirective {
  /** Without quotes and escapes; in blocks of data (`map`, `types`) it is the entry's key. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly NginxWord[];
  /** From the name to the `;` or `}` that ends it. */
  readonly span: Span;
  /** The block that it stands in. */
  readonly parent: NginxBlock;
  readonly block?: NginxBlock;
  /** It stands for something that only a template's rendering shows; it may expand to any directives. */
  readonly opaque: boolean;
}

export interface NginxBlock {
  /** Whose block it is; undefined for the file. */
  readonly owner: NginxDirective | undefined;
  readonly directives: readonly NginxDirective[];
  /** From `{` to `}`, both included; the whole text for the file. */
  readonly span: Span;
  /** Between the braces. */
  readonly inner: Span;
  /** Lua code, which has no directives. */
  readonly lua: boolean;
}

export interface NginxWord {
  /** Without quotes and escapes, as nginx sees it. */
  readonly value: string;
  /** With its quotes. */
  readonly span: Span;
  readonly quote: '"' | "'" | undefined;
  /** It holds a placeholder such as `${HOST}` or `{{ host }}`, so its value is unknown. */
  readonly opaque: boolean;
}

/** All directives of a block and of the blocks in it, in the order of the text. */
export function* allDirectives(block: NginxBlock): Generator<NginxDirective> {
  for (const directive of block.directives) {
    yield directive;
    if (directive.block) yield* allDirectives(directive.block);
  }
}

/** The blocks' owners around a directive, the innermost first. */
export function ancestorsOf(directive: NginxDirective): readonly NginxDirective[] {
  const found: NginxDirective[] = [];
  for (let owner = directive.parent.owner; owner; owner = owner.parent.owner) found.push(owner);
  return found;
}
