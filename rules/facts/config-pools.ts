import { poolsOf } from '../config/shared/pools.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A pool of SQLAlchemy: a base, and connections that come on top of it under load. */
export interface ConfigPoolFact {
  /** Absent where it is left to its default. */
  readonly size?: number;
  readonly overflow: number;
}

export const configPoolFacts: FactKey<ConfigPoolFact> = factKey('config-pools');

export const extractor = defineExtractor({
  kind: 'appconfig',
  key: configPoolFacts,
  extract({ text, tree }): readonly ConfigPoolFact[] {
    return poolsOf(text, tree).flatMap((pool) => {
      if (pool.type !== 'pair') return [];
      return [{ ...(pool.size && { size: pool.size.value }), overflow: pool.overflow.value }];
    });
  },
});
