import type { Document } from '../../../syntaxes/document.ts';
import type { NginxBlock, NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import type { FactReader } from '../../core/facts.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { insertAfter, insertBefore, insertFirst } from './edits.ts';
import { scopeOf } from './model.ts';
import { restrictionOf } from './restricted.ts';
import { matchOf, routeOf } from './route.ts';
import type { Scope } from './scope.ts';
import { httpServers, isForCertificates, type Server } from './server.ts';
import {
  DENY_DOT_FILES,
  DOT_FILES,
  isBuiltRoot,
  isServed,
  type StaticRoot,
  servesOwnFiles,
  staticRootOf,
} from './static-files.ts';

/** A server of a file that gives files to anyone whose names begin with a dot, if there are any. */
export interface OpenServer {
  readonly server: Server;
  readonly root: StaticRoot;
  /** Whether its files come from a build, so that there should be none. */
  readonly isBuilt: boolean;
  /** Those of `DOT_FILES` that it gives, ready for a message. */
  readonly files: string;
}

/** The servers whose files that begin with a dot are open, for the rules that tell them apart. */
export function openServers(document: Document<'nginx'>, facts: FactReader): readonly OpenServer[] {
  return facts.ofDocument(document, 'nginx-open-dot-files', (own) => {
    // Most files have no static root, and finding a route takes time.
    if (!/\broot\b/.test(document.text)) return [];
    return httpServers(scopeOf(document, own)).flatMap((server) => {
      const root = server.scope.block?.owner && staticRootOf(server);
      const served = root ? DOT_FILES.filter((path) => isServed(server, path)) : [];
      if (!root || served.length === 0) return [];
      const files = served.map((path) => `\`${path}\``).join(' and ');
      return [{ server, root, files, isBuilt: isBuiltRoot(root.path, server, document) }];
    });
  });
}

/** Refuses such files before any other expression has its say: nginx takes the first that fits. */
export function denyDotFiles(document: Document<'nginx'>, { scope }: Server): Fix {
  const { text, tree } = document;
  const blocks = [scope, ...scope.children.filter((child) => needsOwnDenial(scope, child))];
  const edits = blocks.flatMap(({ block }) => (block ? [insertDenial(text, block)] : []));
  return {
    title: 'Deny files whose names begin with a dot',
    safety: 'review',
    risk: 'Links to such files stop working; `/.well-known/` stays open, for certificates among others.',
    edits: tree.template ? [] : edits,
    verify: 'nginx -t',
  };
}

/** `location ^~ /static/ { ... }` with files: no expression beside it is asked, so the denial has to be in it. */
function needsOwnDenial(server: Scope, location: Scope): boolean {
  if (location.kind !== 'location' || isForCertificates(location)) return false;
  const { operator, pattern } = matchOf(location);
  if (operator !== '^~') return false;
  const path = `${pattern.replace(/\/$/, '')}/.env`;
  return routeOf(server, path) === location && servesOwnFiles(location) && restrictionOf(location) === 'no';
}

function insertDenial(text: string, block: NginxBlock): Edit {
  const own = block.directives;
  const isExpression = ({ name, args }: NginxDirective) =>
    name === 'location' && args[0]?.value.startsWith('~') === true;
  const before =
    own.find(isExpression) ?? own.find(({ name, block }) => name === 'location' && block !== undefined);
  if (before) return insertBefore(text, before, [DENY_DOT_FILES]);
  const last = own.findLast(({ block }) => !block);
  return last ? insertAfter(text, last, [DENY_DOT_FILES]) : insertFirst(text, block, [DENY_DOT_FILES]);
}
