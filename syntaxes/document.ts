import type { Trees } from './trees.ts';

/**
 * A half-open range of UTF-16 code units in a document's text: `text.slice(start, end)`.
 * Lines and columns exist only at the edges of the product (see `lines.ts`).
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The kinds of file that hardlint reads; each has a folder of its own beside this file. */
export type Kind = keyof Trees;

/** Something in the text that its grammar does not allow. Parsing goes on after it. */
export interface Problem {
  readonly span: Span;
  /** One sentence, without the file name or the line. */
  readonly message: string;
}

/**
 * A parsed file. Its tree is always there, also when the text is broken: then `problems` says where.
 */
export interface Document<K extends Kind = Kind> {
  /** A normalised URI (see `uri.ts`). */
  readonly uri: string;
  readonly kind: K;
  readonly text: string;
  readonly tree: Trees[K];
  readonly problems: readonly Problem[];
  /** Why no rule runs on this file (a template, a fragment), as a sentence; absent for every other file. */
  readonly notAnalysed?: string;
  /** Variables whose values are put into the text before its own language reads it: those of a Compose file that holds it. */
  readonly givenVariables?: ReadonlySet<string>;
}

/** A document of some kind, discriminated by `kind`. */
export type AnyDocument = { [K in Kind]: Document<K> }[Kind];

/**
 * A document that stands in another one, a Dockerfile in a Compose file, and is judged as if it were a file. Its offsets are those of
 * its own text.
 */
export interface EmbeddedDocument {
  readonly document: AnyDocument;
  /** The holder's offset of an offset in the text. */
  at(offset: number): number;
  /** Where it stands, in symbols: `services.web.build.dockerfile_inline`. */
  readonly place: string;
  /** A text that replaces a part of it, as the holder's text has it; undefined where it cannot be written there. */
  written(text: string): string | undefined;
}

/** How one kind of file is recognised and read. Neither function throws, whatever the text. */
export interface Syntax<K extends Kind = Kind> {
  readonly kind: K;
  /** Whether the file is of this kind, judged by path and content together. Linear in the text's length. */
  detect(uri: string, text: string): boolean;
  parse(uri: string, text: string): Document<K>;
  /** The documents that stand in one; absent for kinds that hold none. */
  embedded?(document: Document<K>): readonly EmbeddedDocument[];
}

/**
 * Stands for a place in another file: what a document takes over from there is in effect in it, but is no part of its text.
 * Far below 0, so that offsets computed from it are negative too. Findings and edits at such a place are dropped: the other file
 * has them.
 */
export const ELSEWHERE: Span = { start: -1e9, end: -1e9 };

/** Whether a span lies in another file (see `ELSEWHERE`). */
export function isElsewhere(span: Span): boolean {
  return span.start < 0;
}

/** The empty span at an offset: where something is missing. */
export function emptySpan(offset: number): Span {
  return { start: offset, end: offset };
}

/** Whether `outer` holds all of `inner`. */
export function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The text that a span covers. */
export function textOf(document: { readonly text: string }, span: Span): string {
  return document.text.slice(span.start, span.end);
}
