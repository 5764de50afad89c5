import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The patterns of `.gitignore` and `.dockerignore` files, in order, as written. */
export const ignoreFileFacts: FactKey<string> = factKey('ignore-files');

export const extractor = defineExtractor({
  kind: 'ignore',
  key: ignoreFileFacts,
  extract: ({ tree }) => tree.patterns.map(({ text }) => text),
});
