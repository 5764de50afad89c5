import { dirname, joinUri } from '../../../syntaxes/uri.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import { type ComposeServiceFact, composeServicesFacts } from '../../facts/compose-services.ts';
import { dockerfileCopyFacts } from '../../facts/dockerfile-copies.ts';

/** A service of Compose that nginx runs in with some file. */
export interface NginxContainer {
  readonly composeUri: string;
  readonly service: ComposeServiceFact;
}

/** The services that a file of nginx is mounted or copied into, as configuration. */
export function containersOf(facts: FactReader, uri: string): readonly NginxContainer[] {
  const bySource = facts.derived(CONTAINERS);
  for (let at = uri; ; at = dirname(at)) {
    const found = bySource.get(at);
    if (found) return found;
    if (dirname(at) === at) return [];
  }
}

/** Services by the files and folders that are configuration of nginx in them. */
const CONTAINERS: Derivation<ReadonlyMap<string, readonly NginxContainer[]>> = {
  id: 'nginx-containers',
  derive(facts) {
    const found = new Map<string, NginxContainer[]>();
    for (const { uri: composeUri, fact: service } of facts.all(composeServicesFacts)) {
      for (const source of new Set([...mounted(service), ...copied(facts, service)]))
        found.set(source, [...(found.get(source) ?? []), { composeUri, service }]);
    }
    return found;
  },
};

/** Where images of nginx look for configuration. */
const CONFIGURATION =
  /^\/(?:etc\/(?:nginx|openresty)|usr\/local\/(?:openresty\/)?nginx\/conf|config\/nginx|opt\/bitnami\/nginx\/conf)(?:\/|$)/;

function mounted({ mounts }: ComposeServiceFact): readonly string[] {
  return mounts.flatMap(({ sourceUri, target }) =>
    target !== null && CONFIGURATION.test(target) ? [sourceUri] : [],
  );
}

/** Where a file goes in an image is not known, so its own name has to say what it is for. */
function copied(facts: FactReader, { build }: ComposeServiceFact): readonly string[] {
  const { contextUri, dockerfileUri } = build ?? {};
  if (!contextUri || !dockerfileUri) return [];
  return facts
    .of(dockerfileCopyFacts, dockerfileUri)
    .filter(({ inFinal }) => inFinal)
    .flatMap(({ sources }) => sources)
    .filter((source) => /nginx[^/]*(?:\/|\.conf|\.template|$)|(?:^|\/)default\.conf/i.test(source))
    .map((source) => joinUri(contextUri, source.replace(/^\/+/, '')));
}
