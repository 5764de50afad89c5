import { assignmentsOf } from '../../syntaxes/compose/environment.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The services of a Compose file that a proxy is told about: by labels for Traefik and others, by `VIRTUAL_HOST`. */
export const composeRoutedFacts: FactKey<string> = factKey('compose-routed');

export const extractor = defineExtractor({
  kind: 'compose',
  key: composeRoutedFacts,
  extract: ({ tree, text }): readonly string[] =>
    tree.services.filter((service) => isRouted(service, text)).map(({ name }) => name),
});

const LABELS = /^(?:traefik\.(?!enable$)|caddy\b|swag\b|sozu\.|pangolin\.|tsdproxy\.|cosmos-)/;
const VARIABLES = /^(?:VIRTUAL_(?:HOST|PORT)|LETSENCRYPT_HOST)$/;

function isRouted(service: ComposeService, text: string): boolean {
  const has = (names: RegExp, ...keys: readonly string[]) =>
    assignmentsOf(service, text, ...keys).some(({ name }) => names.test(name));
  return has(LABELS, 'labels') || has(LABELS, 'deploy', 'labels') || has(VARIABLES, 'environment');
}
