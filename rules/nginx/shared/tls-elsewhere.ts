import type { Document } from '../../../syntaxes/document.ts';
import type { FactReader } from '../../core/facts.ts';
import { containersOf } from './containers.ts';
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
    isBehind: isBehindContainer(own, document.uri),
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

/** Whether every container that has this file is reached through another one. */
function isBehindContainer(facts: FactReader, uri: string): boolean {
  const containers = containersOf(facts, uri);
  return containers.length > 0 && containers.every(({ isBehind }) => isBehind);
}
