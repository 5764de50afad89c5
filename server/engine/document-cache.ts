import type { AnyDocument } from '../../syntaxes/document.ts';

/**
 * Parsed files, the most recently used ones, up to a number of characters: a tree takes about ten times its text, so keeping
 * all of a large workspace would fill the memory.
 */
export class DocumentCache {
  readonly #budget: number;
  readonly #entries = new Map<string, { readonly document: AnyDocument; readonly size: number }>();
  #size = 0;

  /** `budget` is in UTF-16 code units of text. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** The document from the cache, or a new one that `parse` makes from a text of `size` code units. */
  get(uri: string, parse: () => AnyDocument, size: number): AnyDocument {
    const known = this.#entries.get(uri);
    if (known) {
      this.#entries.delete(uri);
      this.#entries.set(uri, known);
      return known.document;
    }
    const document = parse();
    this.#entries.set(uri, { document, size });
    this.#size += size;
    this.#evict();
    return document;
  }

  delete(uri: string): void {
    const entry = this.#entries.get(uri);
    if (!entry) return;
    this.#size -= entry.size;
    this.#entries.delete(uri);
  }

  /** Drops the least recently used ones, but never the last that came. */
  #evict(): void {
    for (const [uri] of this.#entries) {
      if (this.#size <= this.#budget || this.#entries.size === 1) return;
      this.delete(uri);
    }
  }
}
