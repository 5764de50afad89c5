import type { FactKey, LocatedFact } from '../../rules/core/facts.ts';
import { isSameJson } from './same-json.ts';

/** Facts by the names that they are about, for keys that say so. */
export class AboutIndex {
  readonly #namesOf: ReadonlyMap<string, (fact: unknown) => readonly string[]>;
  /** By key, then by name, then by file. */
  readonly #facts = new Map<string, Map<string, Map<string, readonly unknown[]>>>();
  /** By key, then by file: the names that its facts are about. */
  readonly #names = new Map<string, Map<string, readonly string[]>>();

  constructor(keys: readonly FactKey<unknown>[]) {
    this.#namesOf = new Map(keys.flatMap((key) => (key.about ? [[key.id, key.about]] : [])));
  }

  get(id: string, name: string): readonly LocatedFact<unknown>[] {
    const byFile = this.#facts.get(id)?.get(name) ?? new Map<string, readonly unknown[]>();
    return [...byFile].flatMap(([uri, facts]) => facts.map((fact) => ({ uri, fact })));
  }

  /** Takes the new facts of a file and gives the names about which something differs now. */
  replace(id: string, uri: string, facts: readonly unknown[]): readonly string[] {
    const namesOf = this.#namesOf.get(id);
    if (!namesOf) return [];
    const byName = this.#mapOf(this.#facts, id);
    const namesByFile = this.#mapOf(this.#names, id);
    const next = groupBy(facts, namesOf);
    const names = new Set([...(namesByFile.get(uri) ?? []), ...next.keys()]);
    const changed = [...names].filter((name) => {
      return !isSameJson(byName.get(name)?.get(uri), next.get(name));
    });
    for (const name of changed) this.#setOne(byName, name, uri, next.get(name));
    namesByFile.set(uri, [...next.keys()]);
    return changed;
  }

  #setOne(
    byName: Map<string, Map<string, readonly unknown[]>>,
    name: string,
    uri: string,
    facts: readonly unknown[] | undefined,
  ): void {
    const byFile = byName.get(name) ?? new Map<string, readonly unknown[]>();
    if (facts) byFile.set(uri, facts);
    else byFile.delete(uri);
    if (byFile.size > 0) byName.set(name, byFile);
    else byName.delete(name);
  }

  #mapOf<V>(maps: Map<string, Map<string, V>>, id: string): Map<string, V> {
    const map = maps.get(id) ?? new Map<string, V>();
    maps.set(id, map);
    return map;
  }
}

function groupBy(
  facts: readonly unknown[],
  namesOf: (fact: unknown) => readonly string[],
): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const fact of facts) {
    for (const name of namesOf(fact)) groups.set(name, [...(groups.get(name) ?? []), fact]);
  }
  return groups;
}
