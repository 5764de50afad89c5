import { asMap, asSeq, pairOf, textAt, type YamlNode } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A secret that the services of a Compose file, or their builds, are granted. */
export interface ComposeSecretUse {
  /** As written. */
  readonly name: string;
  /** Whether the same file defines it. */
  readonly defined: boolean;
}

export const composeSecretUses: FactKey<ComposeSecretUse> = factKey('compose-secret-uses', ({ name }) => [
  name,
]);

export const extractor = defineExtractor({
  kind: 'compose',
  key: composeSecretUses,
  extract: ({ tree }) => {
    const services = asMap(pairOf(tree.root, 'services')?.value)?.pairs ?? [];
    const names = services.flatMap(({ value }) => [
      ...granted(pairOf(value, 'secrets')?.value),
      ...granted(pairOf(pairOf(value, 'build')?.value, 'secrets')?.value),
    ]);
    const defined = pairOf(tree.root, 'secrets')?.value;
    return [...new Set(names)].map((name) => ({ name, defined: pairOf(defined, name) !== undefined }));
  },
});

function granted(list: YamlNode | undefined): readonly string[] {
  return (asSeq(list)?.items ?? []).flatMap((item) =>
    item.type === 'scalar' ? [item.value] : (textAt(item, 'source') ?? []),
  );
}
