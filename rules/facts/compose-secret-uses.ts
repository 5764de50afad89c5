import { asMap, asSeq, pairOf, textAt, type YamlNode } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The names of secrets that the services of a Compose file, and their builds, are granted, as written. */
export const composeSecretUses: FactKey<string> = factKey('compose-secret-uses', (name) => [name]);

export const extractor = defineExtractor({
  kind: 'compose',
  key: composeSecretUses,
  extract: ({ tree }) => {
    const services = asMap(pairOf(tree.root, 'services')?.value)?.pairs ?? [];
    const names = services.flatMap(({ value }) => [
      ...granted(pairOf(value, 'secrets')?.value),
      ...granted(pairOf(pairOf(value, 'build')?.value, 'secrets')?.value),
    ]);
    return [...new Set(names)];
  },
});

function granted(list: YamlNode | undefined): readonly string[] {
  return (asSeq(list)?.items ?? []).flatMap((item) =>
    item.type === 'scalar' ? [item.value] : (textAt(item, 'source') ?? []),
  );
}
