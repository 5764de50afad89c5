import type { Document, Kind } from '../../syntaxes/document.ts';

/** A value that survives `JSON.parse(JSON.stringify(x))`: comparable and cacheable. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** Names one sort of fact. What a rule knows of other files it knows through facts. */
export interface FactKey<T> {
  readonly id: string;
  /** The names under which `about` finds a fact: the URI of a Dockerfile that a service builds, say. */
  about?(fact: T): readonly string[];
}

/** That a file is of a kind, whatever it is called. */
export interface Claim {
  readonly uri: string;
  readonly kind: Kind;
}

/** Takes facts out of one document. Runs again only when that document changes, and others see only facts that differ. */
export interface Extractor<K extends Kind = Kind, T = unknown> {
  readonly kind: K;
  readonly key: FactKey<T>;
  extract(document: Document<K>): readonly T[];
  /** The files that a fact says the kind of: what a service is built from is a Dockerfile. They are read where they exist. */
  claims?(fact: T): readonly Claim[];
  /** The files whose permissions the rules that read a fact want to know. */
  modes?(fact: T): readonly string[];
  /**
   * Completes a document with what other files give to it, before rules see it (extractors see it as it is written). Gives back the
   * document itself where there is nothing of that kind. May throw; then the document stays as it is.
   */
  link?(document: Document<K>, facts: FactReader): Document<K>;
}

/** A fact and the file that it comes from. */
export interface LocatedFact<T> {
  readonly uri: string;
  readonly fact: T;
}

/** Reads what other files say. Every read is recorded, also that of something absent. */
export interface FactReader {
  /** All facts of a sort in the workspace, ordered by file. */
  all<T>(key: FactKey<T>): readonly LocatedFact<T>[];
  /**
   * The facts of a sort, of whatever file, that are about a name (see `FactKey.about`). Unlike a search through `all`, this takes
   * no longer in a large workspace, and only changes of these facts make the run stale.
   */
  about<T>(key: FactKey<T>, name: string): readonly LocatedFact<T>[];
  /** The facts of a sort in one file; empty where the file is unknown or of another kind. */
  of<T>(key: FactKey<T>, uri: string): readonly T[];
  /** Whether the workspace has this file, of whatever kind. */
  exists(uri: string): boolean;
  /**
   * The permission bits that a file has on the disk (`0o644`); undefined where nobody has looked or there are none to be had: in a
   * browser, on Windows, on the command line without `--file-modes`. Only files that an extractor asks for are looked at.
   */
  mode(uri: string): number | undefined;
  /**
   * The workspace's files that a glob matches, sorted. `pattern` is relative to the folder `directory` and knows
   * `*`, `?`, `**`, `[…]` and `{a,b}`.
   */
  glob(directory: string, pattern: string): readonly string[];
  /**
   * What is worked out of facts of many files, once for all who ask, until something that it was made from differs. `name` tells
   * its answers apart; whatever it comes to has to depend on that name and on facts alone.
   */
  derived<T>(derivation: Derivation<T>, name?: string): T;
  /**
   * What several rules work out of one document and of facts: made once for each version of the document, until a fact that it was
   * made from differs. `id` tells what it is.
   */
  ofDocument<T>(document: object, id: string, make: (facts: FactReader) => T): T;
}

/** Something that is worked out of facts: an index, the files that a configuration loads. */
export interface Derivation<T> {
  readonly id: string;
  derive(facts: FactReader, name: string): T;
}

export function factKey<T>(id: string, about?: (fact: T) => readonly string[]): FactKey<T> {
  return about ? { id, about } : { id };
}

/** Gives an extractor its types from its kind and key. */
export function defineExtractor<K extends Kind, T>(extractor: Extractor<K, T>): Extractor<K, T> {
  return extractor;
}
