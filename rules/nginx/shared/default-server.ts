import type { Document } from '../../../syntaxes/document.ts';
import type { FactReader } from '../../core/facts.ts';
import { type ListenGroup, listenGroups } from './listen-groups.ts';
import { isLocalName, isReachable, refusesAll, type Server, servesContent } from './server.ts';

/** The default server of some sockets, where nothing says that it is. */
export interface ChanceDefault {
  readonly server: Server;
  readonly groups: readonly ListenGroup[];
  /** Whether it is the site of some name, so that requests for any other name get that site. */
  readonly isNamedSite: boolean;
}

/** Servers of a file that are a default only since nginx reads them first, as far as all servers of the sockets are known. */
export function chanceDefaults(document: Document<'nginx'>, facts: FactReader): readonly ChanceDefault[] {
  return facts.ofDocument(document, 'nginx-chance-defaults', (own) => {
    const found = new Map<Server['scope'], { server: Server; groups: ListenGroup[] }>();
    for (const group of listenGroups(document, own)) {
      const server = group.default;
      if (group.explicit || !group.complete || !server?.scope.block?.owner || !isReachable(server)) continue;
      const entry = found.get(server.scope) ?? { server, groups: [] };
      entry.groups.push(group);
      found.set(server.scope, entry);
    }
    return [...found.values()].map((entry) => ({ ...entry, isNamedSite: isNamedSite(entry.server) }));
  });
}

/** Whether a server has names that users type, and answers with content. */
function isNamedSite(server: Server): boolean {
  const { names, scope } = server;
  if (!scope.complete || names.length === 0 || refusesAll(server) || !servesContent(server)) return false;
  return names.every((name) => /^[\w*.-]+\.[a-z][\w-]*\.?$/i.test(name) && !isLocalName(name));
}
