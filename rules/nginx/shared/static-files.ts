import type { Document } from '../../../syntaxes/document.ts';
import { effectiveValue } from './inherit.ts';
import { restrictionOf } from './restricted.ts';
import { routeOf } from './route.ts';
import { type Item, itemsNamed, type Scope, scopesAround, scopesIn } from './scope.ts';
import { answersItself, isReachable, type Server } from './server.ts';

/** The folder that a server's files come from, as far as requests for `/` get files at all. */
export interface StaticRoot {
  readonly item: Item;
  readonly path: string;
}

/** What a request for the top of a server reads files from; undefined where it reads none or nothing is known. */
export function staticRootOf(server: Server): StaticRoot | undefined {
  if (!isReachable(server) || answersItself(server.scope)) return undefined;
  const location = routeOf(server.scope, '/\0');
  if (!location || !servesFiles(location)) return undefined;
  const { item, certain } = effectiveValue(location, 'root');
  const path = item?.args[0];
  if (!item || !certain || path === undefined || location.items.some(({ name }) => name === 'alias'))
    return undefined;
  return { item, path };
}

/** Whether a server gives a file of its static root to anyone who asks for this path. */
export function isServed({ scope }: Server, path: string): boolean {
  const location = routeOf(scope, path);
  return (
    location !== undefined &&
    servesFiles(location) &&
    !refusesByName(scope) &&
    restrictionOf(location) === 'no' &&
    [...scopesAround(location)].every(({ kind, complete }) => complete || kind === 'http' || kind === 'main')
  );
}

/** Whether a location answers with files as they lie in its folder, be that set by `root` or by `alias`. */
export function servesOwnFiles(location: Scope): boolean {
  if (!effectiveValue(location, 'root').item && itemsNamed(location, 'alias').length === 0) return false;
  return answersWithFiles(location);
}

/** Whether a block answers with files below its `root`, and is not only passing requests on. */
function servesFiles(location: Scope): boolean {
  return answersWithFiles(location) && itemsNamed(location, 'alias').length === 0;
}

function answersWithFiles(location: Scope): boolean {
  if (answersItself(location) || location.items.some(({ name }) => PASSES.test(name))) return false;
  // What rewrites everything never comes to the file that was asked for.
  if (itemsNamed(location, 'rewrite').some(({ args }) => /^(?:\^|\.\*|\^\(\.\*\)\$?)$/.test(args[0] ?? '')))
    return false;
  if (itemsNamed(location, 'internal').length > 0) return false;
  const { item } = effectiveValue(location, 'try_files');
  const tries = itemsNamed(location, 'try_files')[0] ?? (location.kind === 'server' ? item : undefined);
  return tries === undefined || tries.args.slice(0, -1).some((arg) => /^\$\{?(?:document_)?uri\b/.test(arg));
}

const PASSES =
  /^(?:(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass|content_by_lua\w*|js_content|perl|stub_status|empty_gif|return)$/;

/** `if ($request_uri ~ "/\.") { return 404; }`. */
function refusesByName(server: Scope): boolean {
  return [...scopesIn(server)].some(
    ({ kind, args }) =>
      kind === 'if' && /\$\{?(?:request_)?(?:uri|filename)|\$\{?document_uri/.test(args.join(' ')),
  );
}

/** Files at the top that only who works with the code needs. */
export const DOT_FILES: readonly string[] = ['/.env', '/.git/config'];

/** The text of the location that refuses files whose names begin with a dot. */
export const DENY_DOT_FILES = 'location ~ /\\.(?!well-known(?:/|$)) { deny all; }';

/** Whether a root holds what a build or an image has put there, not a working copy. */
export function isBuiltRoot(path: string, server: Server, document: Document<'nginx'>): boolean {
  if (
    /^html\/?$|\/nginx\/html\/?$|^\/usr\/share\/nginx\b|\/(?:dist|build|public|static|out|_site|browser|htdocs|www-data|web|pub)\/?$/.test(
      path,
    )
  )
    return true;
  const isSinglePage = [...scopesIn(server.scope)].some((scope) =>
    itemsNamed(scope, 'try_files').some(({ args }) => /^\/?index\.html$/.test(args.at(-1) ?? '')),
  );
  return isSinglePage && !/\b(?:fastcgi|uwsgi)_pass\b/.test(document.text);
}
