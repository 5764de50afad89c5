import type { Span } from '../document.ts';

/** A file of environment variables, `NAME=value` a line. */
export interface DotenvTree {
  readonly variables: readonly DotenvVariable[];
}

export interface DotenvVariable {
  readonly name: string;
  readonly nameSpan: Span;
  /** Without quotes and escapes; variables in it are not expanded. Undefined for a bare `NAME`, which passes the shell's on. */
  readonly value: string | undefined;
  /** With its quotes; empty behind `NAME=`. */
  readonly valueSpan: Span | undefined;
  /** How the value is quoted. In single quotes nothing is expanded. */
  readonly quote: 'none' | 'single' | 'double';
}
