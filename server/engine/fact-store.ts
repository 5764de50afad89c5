import type { Derivation, FactKey, FactReader, LocatedFact } from '../../rules/core/facts.ts';
import { relativePath } from '../../syntaxes/uri.ts';
import { AboutIndex } from './about-index.ts';
import { compareText } from './finding.ts';
import { globMatcher } from './glob.ts';
import { EXISTS, Reads } from './reads.ts';
import { isSameJson } from './same-json.ts';

/** The facts of one file by the id of their key. */
export type FileFacts = ReadonlyMap<string, readonly unknown[]>;

/** What a derivation came to, and the revision of the store in which that was last known to hold. */
interface Derived {
  readonly value: unknown;
  readonly reads: Reads;
  revision: number;
}

/**
 * The facts of all files. Early cut-off: only facts that differ from the old ones get a new version, so a comment edit makes
 * no run stale elsewhere.
 */
export class FactStore {
  readonly #facts = new Map<string, Map<string, readonly unknown[]>>();
  readonly #files = new Set<string>();
  readonly #modes = new Map<string, number>();
  readonly #versions = new Map<string, number>();
  readonly #all = new Map<string, readonly LocatedFact<unknown>[]>();
  readonly #globs = new Map<string, readonly string[]>();
  readonly #about: AboutIndex;
  readonly #derived = new Map<string, Derived>();
  readonly #ofDocuments: OfDocuments = new WeakMap();
  /** Counts changes of whatever kind. */
  #revision = 0;
  #listing: readonly string[] | undefined;

  /** `keys` are those of all extractors. */
  constructor(keys: readonly FactKey<unknown>[]) {
    this.#about = new AboutIndex(keys);
  }

  /** Makes a file known by its name alone: `exists` and `glob` see it. */
  addFile(uri: string): boolean {
    if (this.#files.has(uri)) return false;
    this.#files.add(uri);
    this.#listingChanged(uri);
    return true;
  }

  /** Whether a file is known, if only by its name. */
  hasFile(uri: string): boolean {
    return this.#files.has(uri);
  }

  /** Takes a file's permission bits; undefined where they are not known. True where that is news. */
  setMode(uri: string, mode: number | undefined): boolean {
    if (this.#modes.get(uri) === mode) return false;
    if (mode === undefined) this.#modes.delete(uri);
    else this.#modes.set(uri, mode);
    this.#bump(`mode ${uri}`);
    return true;
  }

  removeFile(uri: string): boolean {
    const changed = this.setFacts(uri, new Map());
    if (!this.#files.delete(uri)) return changed;
    this.#listingChanged(uri);
    return true;
  }

  /** Replaces the facts of a file; true where at least one differs from before. */
  setFacts(uri: string, next: FileFacts): boolean {
    let changed = false;
    for (const id of new Set([...this.#keysOf(uri), ...next.keys()])) {
      changed = this.#setOne(id, uri, next.get(id) ?? []) || changed;
    }
    return changed;
  }

  version(key: string): number {
    return this.#versions.get(key) ?? 0;
  }

  /** All known files that a glob matches, sorted. */
  glob(directory: string, pattern: string): readonly string[] {
    const key = `${directory} ${pattern}`;
    const known = this.#globs.get(key);
    if (known) return known;
    this.#listing ??= [...this.#files].sort(compareText);
    const found = matching(below(this.#listing, directory), directory, pattern);
    this.#globs.set(key, found);
    return found;
  }

  /**
   * A reader that records into `reads`. `overlay` answers for some files instead of the store: how the workspace would be if
   * they had another text, or were there at all.
   */
  reader(reads: Reads, overlay: ReadonlyMap<string, FileFacts> = new Map()): FactReader {
    // A document that stands in another one has facts, but is no file.
    const added = [...overlay.keys()].filter((uri) => !this.#files.has(uri) && !uri.includes('#'));
    const differing = this.#differing(overlay);
    if (added.length > 0) differing.add(EXISTS);
    return this.#readerOver(reads, {
      facts: differing.size === 0 ? new Map() : overlay,
      added,
      differing,
      derived: new Map(),
      ofDocuments: new WeakMap(),
    });
  }

  #readerOver(reads: Reads, overlay: Overlay): FactReader {
    return {
      all: <T>(key: FactKey<T>) => {
        reads.record(key.id, this.version(key.id));
        return this.#allOf(key.id, overlay) as readonly LocatedFact<T>[];
      },
      about: <T>(key: FactKey<T>, name: string) => {
        reads.record(aboutKey(key.id, name), this.version(aboutKey(key.id, name)));
        return this.#aboutIn(key, name, overlay.facts) as readonly LocatedFact<T>[];
      },
      of: <T>(key: FactKey<T>, uri: string) => {
        reads.record(`${key.id} ${uri}`, this.version(`${key.id} ${uri}`));
        const changed = overlay.facts.get(uri);
        const facts = changed ? changed.get(key.id) : this.#facts.get(key.id)?.get(uri);
        return (facts ?? []) as readonly T[];
      },
      exists: (uri) => {
        reads.record(`${EXISTS} ${uri}`, this.version(`${EXISTS} ${uri}`));
        return this.#files.has(uri) || overlay.added.includes(uri);
      },
      mode: (uri) => {
        reads.record(`mode ${uri}`, this.version(`mode ${uri}`));
        return this.#modes.get(uri);
      },
      glob: (directory, pattern) => {
        const found = this.#globIn(directory, pattern, overlay.added);
        reads.recordGlob(directory, pattern, found);
        return found;
      },
      derived: <T>(derivation: Derivation<T>, name = '') => {
        const { value, reads: inner } = this.#derive(derivation, name, overlay);
        reads.recordDerived(inner);
        return value as T;
      },
      ofDocument: <T>(document: object, id: string, make: (facts: FactReader) => T) => {
        const { value, reads: inner } = this.#ofDocument(document, id, make, overlay);
        reads.recordDerived(inner);
        return value as T;
      },
    };
  }

  /** The keys whose facts are others than those in the store. */
  #differing(overlay: ReadonlyMap<string, FileFacts>): Set<string> {
    const differing = new Set<string>();
    for (const [uri, facts] of overlay) {
      for (const id of new Set([...facts.keys(), ...this.#keysOf(uri)])) {
        if (!isSameJson(facts.get(id) ?? [], this.#facts.get(id)?.get(uri) ?? [])) differing.add(id);
      }
    }
    return differing;
  }

  #globIn(directory: string, pattern: string, added: readonly string[]): readonly string[] {
    const stored = this.glob(directory, pattern);
    if (added.length === 0) return stored;
    const found = matching(below([...added].sort(compareText), directory), directory, pattern);
    return found.length === 0 ? stored : [...stored, ...found].sort(compareText);
  }

  #aboutIn<T>(
    key: FactKey<T>,
    name: string,
    overlay: ReadonlyMap<string, FileFacts>,
  ): readonly LocatedFact<unknown>[] {
    const stored = this.#about.get(key.id, name).filter(({ uri }) => !overlay.has(uri));
    const overlaid = [...overlay].flatMap(([uri, facts]) =>
      (facts.get(key.id) ?? [])
        .filter((fact) => key.about?.(fact as T).includes(name))
        .map((fact) => ({ uri, fact })),
    );
    return [...stored, ...overlaid].sort((a, b) => compareText(a.uri, b.uri));
  }

  #derive(derivation: Derivation<unknown>, name: string, overlay: Overlay): Derived {
    const key = `${derivation.id} ${name}`;
    const stored = this.#derivedNow(key);
    if (stored && !stored.reads.touches(overlay.differing)) return stored;
    const here = overlay.differing.size === 0 ? this.#derived : overlay.derived;
    const known = overlay.differing.size === 0 ? stored : here.get(key);
    if (known) return known;
    const reads = new Reads();
    const value = derivation.derive(this.#readerOver(reads, overlay), name);
    const derived = { value, reads, revision: this.#revision };
    here.set(key, derived);
    return derived;
  }

  #ofDocument(
    document: object,
    id: string,
    make: (facts: FactReader) => unknown,
    overlay: Overlay,
  ): Omit<Derived, 'revision'> {
    const here = overlay.differing.size === 0 ? this.#ofDocuments : overlay.ofDocuments;
    const made = here.get(document) ?? new Map<string, Omit<Derived, 'revision'>>();
    here.set(document, made);
    const known = made.get(id);
    if (known?.reads.isFresh(this)) return known;
    const reads = new Reads();
    const fresh = { value: make(this.#readerOver(reads, overlay)), reads };
    made.set(id, fresh);
    return fresh;
  }

  /** What was derived before, if it still holds. */
  #derivedNow(key: string): Derived | undefined {
    const known = this.#derived.get(key);
    if (!known) return undefined;
    if (known.revision !== this.#revision && !known.reads.isFresh(this)) return undefined;
    known.revision = this.#revision;
    return known;
  }

  #setOne(id: string, uri: string, facts: readonly unknown[]): boolean {
    const byFile = this.#facts.get(id) ?? new Map();
    if (isSameJson(byFile.get(uri) ?? [], facts)) return false;
    for (const name of this.#about.replace(id, uri, facts)) this.#bump(aboutKey(id, name));
    if (facts.length === 0) byFile.delete(uri);
    else byFile.set(uri, facts);
    this.#facts.set(id, byFile);
    this.#all.delete(id);
    this.#bump(id);
    this.#bump(`${id} ${uri}`);
    return true;
  }

  #keysOf(uri: string): string[] {
    return [...this.#facts].filter(([, byFile]) => byFile.has(uri)).map(([id]) => id);
  }

  #allOf(id: string, overlay: Overlay): readonly LocatedFact<unknown>[] {
    if (overlay.differing.has(id)) return this.#collect(id, overlay.facts);
    const known = this.#all.get(id) ?? this.#collect(id, new Map());
    this.#all.set(id, known);
    return known;
  }

  #collect(id: string, overlay: ReadonlyMap<string, FileFacts>): readonly LocatedFact<unknown>[] {
    const byFile = this.#facts.get(id) ?? new Map<string, readonly unknown[]>();
    const uris = [...new Set([...byFile.keys(), ...overlay.keys()])].sort();
    return uris.flatMap((uri) => {
      const facts: readonly unknown[] =
        (overlay.has(uri) ? overlay.get(uri)?.get(id) : byFile.get(uri)) ?? [];
      return facts.map((fact) => ({ uri, fact }));
    });
  }

  #listingChanged(uri: string): void {
    this.#listing = undefined;
    this.#globs.clear();
    this.#bump(`${EXISTS} ${uri}`);
  }

  #bump(key: string): void {
    this.#revision++;
    this.#versions.set(key, this.version(key) + 1);
  }
}

/** Files that are to be seen with other facts than they have. */
interface Overlay {
  readonly facts: ReadonlyMap<string, FileFacts>;
  /** Those of the files that the store does not know. */
  readonly added: readonly string[];
  /** The keys of which at least one fact differs from the store. */
  readonly differing: ReadonlySet<string>;
  /** What was derived with these facts. */
  readonly derived: Map<string, Derived>;
  readonly ofDocuments: OfDocuments;
}

/** What was made of documents, by what it is. A document that is gone takes it along. */
type OfDocuments = WeakMap<object, Map<string, Omit<Derived, 'revision'>>>;

function aboutKey(id: string, name: string): string {
  return `${id} about ${name}`;
}

function matching(uris: readonly string[], directory: string, pattern: string): readonly string[] {
  const matches = globMatcher(pattern);
  return uris.filter((uri) => matches(relativePath(directory, uri) ?? ''));
}

/** The part of a sorted list of URIs that lies below a folder. */
function below(sorted: readonly string[], directory: string): readonly string[] {
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  const start = firstIndex(sorted, (uri) => uri >= prefix);
  let end = start;
  while (end < sorted.length && sorted[end]?.startsWith(prefix)) end++;
  return sorted.slice(start, end);
}

/** The first index from which on a condition holds. */
function firstIndex(sorted: readonly string[], holds: (uri: string) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return low;
}
