import type { Extractor, FactReader } from '../../rules/core/facts.ts';
import type { AnyDocument } from '../../syntaxes/document.ts';
import type { FactStore } from './fact-store.ts';
import { Reads } from './reads.ts';

/** A document as rules see it, and what was read of other files to complete it. */
export interface Linked {
  readonly document: AnyDocument;
  readonly reads: Reads;
}

/** Completes documents with what other files give to them, each once until something of that differs. */
export class Linker {
  readonly #extractors: readonly Extractor[];
  readonly #facts: FactStore;
  /** By the document as it is written: when that goes, the linked one does. */
  readonly #linked = new WeakMap<AnyDocument, Linked>();

  constructor(extractors: readonly Extractor[], facts: FactStore) {
    this.#extractors = extractors.filter((extractor) => extractor.link);
    this.#facts = facts;
  }

  link(document: AnyDocument): Linked {
    const known = this.#linked.get(document);
    if (known?.reads.isFresh(this.#facts)) return known;
    const reads = new Reads();
    const linked = { document: this.linkWith(document, this.#facts.reader(reads)), reads };
    this.#linked.set(document, linked);
    return linked;
  }

  /** The same with facts that may not be those of the workspace; nothing is kept. */
  linkWith(document: AnyDocument, facts: FactReader): AnyDocument {
    if (document.notAnalysed) return document;
    return this.#extractors
      .filter((extractor) => extractor.kind === document.kind)
      .reduce((linked, extractor) => linkOne(extractor, linked, facts), document);
  }
}

/** A link that throws leaves the document as it is written: what is elsewhere counts as unknown then. */
function linkOne(extractor: Extractor, document: AnyDocument, facts: FactReader): AnyDocument {
  try {
    return (extractor.link?.(document, facts) as AnyDocument | undefined) ?? document;
  } catch {
    return document;
  }
}
