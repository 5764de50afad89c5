import type { Claim, Extractor } from '../../rules/core/facts.ts';
import type { Kind } from '../../syntaxes/document.ts';
import type { FileFacts } from './fact-store.ts';

/** What files say of the kind of others: that a service is built from a file, whatever that is called. */
export class Claims {
  readonly #extractors: readonly Extractor[];
  /** By the file that claims, then by the file that is claimed. */
  readonly #claims = new Map<string, ReadonlyMap<string, Kind>>();
  /** By the file that is claimed: how many claim it as what. */
  readonly #kinds = new Map<string, Map<Kind, number>>();

  constructor(extractors: readonly Extractor[]) {
    this.#extractors = extractors.filter((extractor) => extractor.claims);
  }

  /** Takes what a file says now; gives the files whose kind may be another one now. */
  update(uri: string, facts: FileFacts | undefined): readonly string[] {
    const old = this.#claims.get(uri) ?? NONE;
    const next = this.#claimsOf(facts);
    if (next.size > 0) this.#claims.set(uri, next);
    else this.#claims.delete(uri);
    const changed = [...new Set([...old.keys(), ...next.keys()])].filter(
      (claimed) => old.get(claimed) !== next.get(claimed),
    );
    for (const claimed of changed) {
      this.#count(claimed, old.get(claimed), -1);
      this.#count(claimed, next.get(claimed), 1);
    }
    return changed;
  }

  /** The kinds that other files say a file is of. */
  kindsOf(uri: string): ReadonlySet<Kind> {
    return new Set(this.#kinds.get(uri)?.keys());
  }

  /** All files that others claim. */
  claimed(): Iterable<string> {
    return this.#kinds.keys();
  }

  #claimsOf(facts: FileFacts | undefined): ReadonlyMap<string, Kind> {
    const claims = this.#extractors.flatMap((extractor): readonly Claim[] =>
      (facts?.get(extractor.key.id) ?? []).flatMap((fact) => extractor.claims?.(fact) ?? []),
    );
    return claims.length === 0 ? NONE : new Map(claims.map(({ uri, kind }) => [uri, kind]));
  }

  #count(uri: string, kind: Kind | undefined, step: 1 | -1): void {
    if (!kind) return;
    const kinds = this.#kinds.get(uri) ?? new Map<Kind, number>();
    const count = (kinds.get(kind) ?? 0) + step;
    if (count > 0) kinds.set(kind, count);
    else kinds.delete(kind);
    if (kinds.size > 0) this.#kinds.set(uri, kinds);
    else this.#kinds.delete(uri);
  }
}

const NONE: ReadonlyMap<string, Kind> = new Map();
