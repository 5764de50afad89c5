import type { Span } from '../document.ts';

/** A list of patterns of files that a tool passes over, one a line. */
export interface IgnoreTree {
  readonly patterns: readonly IgnorePattern[];
}

export interface IgnorePattern {
  /** As written, with a leading `!` where it takes files back in. */
  readonly text: string;
  readonly span: Span;
}
