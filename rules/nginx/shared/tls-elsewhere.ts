import type { Document } from '../../../syntaxes/document.ts';
import { basename, dirname, joinUri } from '../../../syntaxes/uri.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import { composeRoutedFacts } from '../../facts/compose-routed.ts';
import { type ComposeServiceFact, composeServicesFacts } from '../../facts/compose-services.ts';
import { dockerfileCopyFacts } from '../../facts/dockerfile-copies.ts';
import { scopeOf } from './model.ts';
import { enclosing, type Scope, scopesAround, scopesIn } from './scope.ts';
import { isReachable, type Server, serverOf } from './server.ts';

/*
 * A server for plain HTTP is no flaw where something in front of it ends TLS: a load balancer, an ingress, another container.
 * Nothing says so for certain, but there are signs.
 */

/**
 * Whether TLS ends in front of a server. `no`: it ends in nginx, since this server or another one of the same configuration has
 * it and nothing speaks of a proxy in front. `unknown`: nothing speaks for one or the other.
 */
export function tlsElsewhere(
  document: Document<'nginx'>,
  facts: FactReader,
  server: Server,
): 'yes' | 'no' | 'unknown' {
  if (server.tls) return 'no';
  if (!isReachable(server) || isToldOfProxy(server.scope) || speaksOfProxy(document)) return 'yes';
  const { hasTls, isBehind } = facts.ofDocument(document, 'nginx-tls-elsewhere', (own) => ({
    hasTls: graphHasTls(scopeOf(document, own)),
    isBehind: isBehindService(own, document.uri),
  }));
  if (isBehind) return 'yes';
  return hasTls ? 'no' : 'unknown';
}

/** Whether some HTTP server that nginx reads together with this file speaks TLS. */
function graphHasTls(root: Scope): boolean {
  const outer = enclosing(root, 'http') ?? root;
  return [...scopesIn(outer)].some(
    (scope) => scope.kind === 'server' && scope.parent?.kind === 'http' && serverOf(scope).tls,
  );
}

/** Whether a server takes the word of a proxy for where requests come from, or the proxy's protocol. */
function isToldOfProxy(scope: Scope): boolean {
  for (const around of scopesAround(scope)) if (around.items.some(isOfProxy)) return true;
  return [...scopesIn(scope)].some(({ items }) => items.some(isOfProxy));
}

function isOfProxy({ name, args }: Scope['items'][number]): boolean {
  if (name === 'real_ip_header' || name === 'set_real_ip_from' || name === 'real_ip_recursive') return true;
  return name === 'listen' && args.includes('proxy_protocol');
}

/** What only a proxy in front sends. */
const SENT_BY_PROXY =
  /\$(?:http_(?:x_forwarded_(?:proto|ssl|scheme|port|host)|x_scheme|x_amzn_|x_arr_ssl|front_end_https|cf_|cloudfront_)|proxy_protocol_)/i;

/** What comments call it. A proxy or a load balancer without more may be nginx itself. */
const NAMES_PROXY =
  /\b(?:cloudflare|cloudfront|[ean]lb|ingress|traefik|behind (?:an?|the|our|another)|in front of|(?:ssl|tls|https)[ -](?:is )?(?:terminat|offload)|terminat\w* (?:ssl|tls|https))/i;

function speaksOfProxy({ text, tree }: Document<'nginx'>): boolean {
  return (
    SENT_BY_PROXY.test(text) ||
    tree.comments.some(({ start, end }) => NAMES_PROXY.test(text.slice(start, end)))
  );
}

/** Whether a container that runs this file is reached through another one. */
function isBehindService(facts: FactReader, uri: string): boolean {
  const running = facts.derived(RUNNING);
  for (let at = uri; ; at = dirname(at)) {
    const services = running.get(at);
    if (services) return services.every(({ isBehind }) => isBehind);
    if (dirname(at) === at) return false;
  }
}

interface Running {
  /** Whether a proxy is told to pass requests on to it, or no port of it is published. */
  readonly isBehind: boolean;
}

/** Compose services by the files and folders that are mounted or copied into them. */
const RUNNING: Derivation<ReadonlyMap<string, readonly Running[]>> = {
  id: 'nginx-compose-services',
  derive(facts) {
    const found = new Map<string, Running[]>();
    for (const { uri, fact } of facts.all(composeServicesFacts)) {
      const sources = sourcesOf(facts, fact);
      if (sources.length === 0) continue;
      const isBehind = facts.of(composeRoutedFacts, uri).includes(fact.name) || isUnpublished(fact);
      for (const source of sources) found.set(source, [...(found.get(source) ?? []), { isBehind }]);
    }
    return found;
  },
};

/** Files and folders named for nginx or a site that a service has. A whole project in a container says nothing. */
function sourcesOf(facts: FactReader, { mounts, build }: ComposeServiceFact): readonly string[] {
  const mounted = mounts.map(({ sourceUri }) => sourceUri);
  const { contextUri, dockerfileUri } = build ?? {};
  const copied =
    contextUri && dockerfileUri
      ? facts
          .of(dockerfileCopyFacts, dockerfileUri)
          .filter(({ inFinal }) => inFinal)
          .flatMap(({ sources }) => sources.map((source) => joinUri(contextUri, source.replace(/^\/+/, ''))))
      : [];
  return [...mounted, ...copied].filter((source) => /nginx|conf|vhost|sites-/i.test(basename(source)));
}

function isUnpublished({ ports, networkMode, complete, standalone }: ComposeServiceFact): boolean {
  return complete && standalone && ports.length === 0 && networkMode === undefined;
}
