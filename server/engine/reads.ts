/** What is recorded instead of a fact's key where someone asks whether a file is there. */
export const EXISTS = 'exists';

/**
 * What a run has read, and in which version; also what was absent. The run is stale as soon as one of these differs.
 */
export class Reads {
  // Most runs read nothing or one thing, and there are as many of them as rules times files.
  #versions: Map<string, number> | undefined;
  #globs: Map<string, GlobRead> | undefined;
  #derived: Set<Reads> | undefined;

  record(key: string, version: number): void {
    this.#versions ??= new Map();
    if (!this.#versions.has(key)) this.#versions.set(key, version);
  }

  recordGlob(directory: string, pattern: string, found: readonly string[]): void {
    this.#globs ??= new Map();
    this.#globs.set(`${directory} ${pattern}`, { directory, pattern, found });
  }

  /** Takes over what a derivation has read. */
  recordDerived(reads: Reads): void {
    this.#derived ??= new Set();
    this.#derived.add(reads);
  }

  /** Whether the store would give the same answers again. */
  isFresh(store: Answers): boolean {
    for (const [key, version] of this.#versions ?? []) if (store.version(key) !== version) return false;
    for (const { directory, pattern, found } of this.#globs?.values() ?? []) {
      if (!isSame(store.glob(directory, pattern), found)) return false;
    }
    for (const reads of this.#derived ?? []) if (!reads.isFresh(store)) return false;
    return true;
  }

  /** Whether something of it is a fact with one of these keys; with `EXISTS` among them, whether it depends on which files there are. */
  touches(ids: ReadonlySet<string>): boolean {
    if (ids.size === 0) return false;
    if (this.#globs && ids.has(EXISTS)) return true;
    for (const key of this.#versions?.keys() ?? []) {
      const space = key.indexOf(' ');
      if (ids.has(space < 0 ? key : key.slice(0, space))) return true;
    }
    for (const reads of this.#derived ?? []) if (reads.touches(ids)) return true;
    return false;
  }

  get isEmpty(): boolean {
    if (this.#versions || this.#globs) return false;
    for (const reads of this.#derived ?? []) if (!reads.isEmpty) return false;
    return true;
  }
}

interface GlobRead {
  readonly directory: string;
  readonly pattern: string;
  readonly found: readonly string[];
}

/** The store gives the same list again as long as no file has come or gone. */
function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((uri, index) => uri === b[index]));
}

/** What a store says of itself. */
interface Answers {
  version(key: string): number;
  glob(directory: string, pattern: string): readonly string[];
}
