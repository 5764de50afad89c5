import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { dirname, joinUri } from '../../syntaxes/uri.ts';
import { asMap, asScalar, pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A file that a secret of a Compose file is read from, as a URI. */
export const composeSecretFileFacts: FactKey<string> = factKey('compose-secret-files');

export const extractor = defineExtractor({
  kind: 'compose',
  key: composeSecretFileFacts,
  extract: ({ uri, tree }) =>
    (asMap(pairOf(tree.root, 'secrets')?.value)?.pairs ?? []).flatMap(
      ({ value }) => secretFileUri(asScalar(pairOf(value, 'file')?.value)?.value, uri) ?? [],
    ),
  modes: (uri) => [uri],
});

/** The file that `file:` names; undefined where that is not known or in somebody's home. */
export function secretFileUri(path: string | undefined, composeUri: string): string | undefined {
  const text = path === undefined ? undefined : interpolate(path).text;
  return text === undefined || text === '' || text.startsWith('~')
    ? undefined
    : joinUri(dirname(composeUri), text);
}
