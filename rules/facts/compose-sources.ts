import { linkCompose } from '../compose/shared/link.ts';
import { composeSourceFacts, sourceOf } from '../compose/shared/sources.ts';
import { defineExtractor } from '../core/facts.ts';

export const extractor = defineExtractor({
  kind: 'compose',
  key: composeSourceFacts,
  extract: (document) => [sourceOf(document)],
  link: linkCompose,
});
