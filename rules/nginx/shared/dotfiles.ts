import type { Document } from '../../../syntaxes/document.ts';
import type { NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import type { FactReader } from '../../core/facts.ts';
import type { Fix } from '../../core/rule.ts';
import { insertAfter, insertBefore } from './edits.ts';
import { scopeOf } from './model.ts';
import { httpServers, type Server } from './server.ts';
import {
  DENY_DOT_FILES,
  DOT_FILES,
  isBuiltRoot,
  isServed,
  type StaticRoot,
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
  const own = scope.block?.directives ?? [];
  const isExpression = ({ name, args }: NginxDirective) =>
    name === 'location' && args[0]?.value.startsWith('~') === true;
  const before =
    own.find(isExpression) ?? own.find(({ name, block }) => name === 'location' && block !== undefined);
  const last = own.findLast(({ block }) => !block);
  const edit = before
    ? insertBefore(document.text, before, [DENY_DOT_FILES])
    : last && insertAfter(document.text, last, [DENY_DOT_FILES]);
  return {
    title: 'Deny files whose names begin with a dot',
    safety: 'review',
    risk: 'Links to such files stop working; `/.well-known/` stays open, for certificates among others.',
    edits: edit && !document.tree.template ? [edit] : [],
    verify: 'nginx -t',
  };
}
