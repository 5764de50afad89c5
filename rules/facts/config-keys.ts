import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The settings of one configuration file. */
export interface ConfigKeysFact {
  /** Paths of the keys whose value is no map: `db.pool.size`. */
  readonly leaves: readonly string[];
  /** The file has more than are listed. */
  readonly truncated?: true;
}

export const configKeysFacts: FactKey<ConfigKeysFact> = factKey('config-keys');

const MAX_LEAVES = 400;

export const extractor = defineExtractor({
  kind: 'appconfig',
  key: configKeysFacts,
  extract({ tree }): readonly ConfigKeysFact[] {
    const leaves = tree.entries.flatMap((entry) =>
      entry.pair.value?.type === 'map' || entry.inList ? [] : [entry.path],
    );
    const listed = [...new Set(leaves)].slice(0, MAX_LEAVES);
    return [{ leaves: listed, ...(listed.length < leaves.length && { truncated: true as const }) }];
  },
});
