import { joinUri, pathOf, relativePath } from '../../../syntaxes/uri.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import { type ComposeServiceFact, composeServicesFacts } from '../../facts/compose-services.ts';

/*
 * A Compose file that mounts configuration says where each file is for the nginx that reads it, so that an `include` can be followed
 * as nginx follows it, whatever the files are called in the repository.
 */

/** The folder of nginx's configuration in packages and images, with the slash at its end. */
export const NGINX_FOLDER =
  /^\/(?:etc\/(?:nginx|openresty)|usr\/local\/(?:etc\/nginx|nginx\/conf|nginx|openresty\/nginx\/conf)|config\/nginx|opt\/[^/]+\/nginx\/conf)\//;

/** Where a file of the workspace is in a container. */
export interface Place {
  /** `/etc/nginx/conf.d/default.conf`. */
  readonly path: string;
  /** All files of the workspace that are mounted into nginx's folder of that container, by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** The places of a file in the containers that it is mounted into as configuration of nginx. */
export function placesOf(facts: FactReader, uri: string): readonly Place[] {
  return facts.derived(PLACES).get(uri) ?? [];
}

/** The files that an `include` reads in the containers that a file is mounted into, in the order in which nginx reads them. */
export function mountedFiles(facts: FactReader, from: string, pattern: string): readonly string[] {
  const found = placesOf(facts, from).flatMap(({ path, files }) => {
    const wanted = absolute(path, pattern);
    return [...files]
      .filter(([candidate]) => matchesPath(wanted, candidate))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, uri]) => uri);
  });
  return [...new Set(found)];
}

/** The other files of the folder of a container that a file is mounted into, of those whose names match a pattern. */
export function mountedBeside({ path, files }: Place, names: string): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const uris = [...files].filter(([other]) => matchesPath(folder + names, other)).map(([, uri]) => uri);
  return uris.includes(files.get(path) ?? '') ? uris.filter((uri) => uri !== files.get(path)) : [];
}

const PLACES: Derivation<ReadonlyMap<string, readonly Place[]>> = {
  id: 'nginx-mounts',
  derive(facts) {
    const places = new Map<string, Place[]>();
    for (const { fact } of facts.all(composeServicesFacts)) {
      const files = filesIn(facts, fact);
      for (const [path, uri] of files) places.set(uri, [...(places.get(uri) ?? []), { path, files }]);
    }
    return places;
  },
};

/** The files in nginx's folder of a container, by path. A mount hides what lies at its place in another one. */
function filesIn(facts: FactReader, { mounts }: ComposeServiceFact): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const inOrder = mounts
    .flatMap(({ sourceUri, target }) => {
      const path = target?.replace(/\/+$/, '') ?? '';
      return NGINX_FOLDER.test(`${path}/`) ? [{ sourceUri, target: path }] : [];
    })
    .sort((a, b) => a.target.length - b.target.length);
  for (const { sourceUri, target } of inOrder) {
    for (const hidden of [...files.keys()])
      if (hidden === target || hidden.startsWith(`${target}/`)) files.delete(hidden);
    if (facts.exists(sourceUri)) files.set(target, sourceUri);
    else
      for (const uri of facts.glob(sourceUri, '**')) {
        const path = relativePath(sourceUri, uri);
        if (path !== undefined) files.set(`${target}/${path}`, uri);
      }
  }
  return new Map([...files].map(([path, uri]) => [rendered(path), uri]));
}

/** Where the official image puts what it makes of a template. https://hub.docker.com/_/nginx */
function rendered(path: string): string {
  return path.replace(/^\/etc\/nginx\/templates\/(.+)\.template$/, '/etc/nginx/conf.d/$1');
}

/** A path in a container; relative ones start in the folder of `nginx.conf`. */
function absolute(from: string, pattern: string): string {
  if (pattern.startsWith('/')) return pattern;
  const folder = NGINX_FOLDER.exec(from)?.[0] ?? '/';
  return pathOf(joinUri(joinUri('file:///', folder), pattern));
}

/** Whether a path matches one with `*`, `?` and `[…]`, none of which stands for `/` or for a dot at the start of a name. */
function matchesPath(pattern: string, path: string): boolean {
  if (!/[*?[]/.test(pattern)) return pattern === path;
  const names = path.split('/');
  const wanted = pattern.split('/');
  return (
    names.length === wanted.length && wanted.every((name, index) => matchesName(name, names[index] ?? ''))
  );
}

function matchesName(pattern: string, name: string): boolean {
  if (!/[*?[]/.test(pattern)) return pattern === name;
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const source = pattern.replaceAll(/\*+|\?|\[[^\]]*\]|[^\w]/g, (part) => {
    if (part.startsWith('*')) return '[^]*';
    if (part === '?') return '[^]';
    return part.length > 2 ? part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\') : `\\${part}`;
  });
  try {
    return new RegExp(`^${source}$`).test(name);
  } catch {
    return false; // a range that makes no sense
  }
}
