import type { Document } from '../../../syntaxes/document.ts';
import type { FactReader } from '../../core/facts.ts';
import { scopeOf } from './model.ts';
import { restrictionOf } from './restricted.ts';
import { type Scope, scopesAround, scopesIn } from './scope.ts';
import { answersItself, httpServers, isLocalName, isReachable, type Server } from './server.ts';
import { tlsElsewhere } from './tls-elsewhere.ts';

/** A server that passes requests on to an application. */
export interface ProxyingServer {
  readonly server: Server;
  /** Its blocks that pass requests on, those apart that only some may use. */
  readonly passes: readonly Scope[];
  /** Whether strangers reach it without another proxy in between, as far as is known. */
  readonly isEdge: boolean;
}

const PASSES = /^(?:proxy|fastcgi|uwsgi|scgi|grpc)_pass$/;

/** The servers of a file that pass requests on, worked out once for all rules. */
export function proxyingServers(document: Document<'nginx'>, facts: FactReader): readonly ProxyingServer[] {
  return facts.ofDocument(document, 'nginx-proxying-servers', (own) =>
    httpServers(scopeOf(document, own)).flatMap((server): ProxyingServer[] => {
      const passes = [...scopesIn(server.scope)].filter(
        (scope) => passesOn(scope) && restrictionOf(scope) === 'no',
      );
      return passes.length > 0 ? [{ server, passes, isEdge: isEdge(document, own, server) }] : [];
    }),
  );
}

/** Whether a block passes requests on and does not answer by itself before. */
export function passesOn(scope: Scope): boolean {
  return scope.items.some(({ name }) => PASSES.test(name)) && !answersItself(scope);
}

/**
 * A server with TLS; one for plain HTTP only where it has a name of the internet and nothing speaks of a proxy in front, which would
 * be the place for limits.
 */
function isEdge(document: Document<'nginx'>, facts: FactReader, server: Server): boolean {
  const { names, tls, listens } = server;
  if (!isReachable(server) || (names.length > 0 && names.every(isLocalName)) || knowsProxy(server.scope))
    return false;
  if (tls) return true;
  const isPublic = names.some((name) => PUBLIC_NAME.test(name) && !PRIVATE_NAME.test(name));
  const isUsual = listens.length === 0 || listens.some(({ port }) => port === 80);
  return isPublic && isUsual && tlsElsewhere(document, facts, server) !== 'yes';
}

const PUBLIC_NAME = /^(?:\*\.|\.)?(?:[\w-]+\.)+[a-z]{2,}$/i;
const PRIVATE_NAME =
  /\.(?:local|lan|internal|intranet|home|corp|private|localhost|localdomain|svc|test|docker)$/i;

/** Whether it is told by a proxy in front where requests come from. */
function knowsProxy(scope: Scope): boolean {
  for (const { items } of scopesAround(scope))
    if (
      items.some(
        ({ name, args }) =>
          name === 'set_real_ip_from' ||
          name === 'real_ip_header' ||
          (name === 'listen' && args.includes('proxy_protocol')),
      )
    )
      return true;
  return false;
}
