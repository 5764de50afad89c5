import { dirname, joinUri, pathOf } from '../../../syntaxes/uri.ts';
import type { FactReader } from '../../core/facts.ts';
import { nginxOutlineFacts } from '../../facts/nginx-outline.ts';

/** Where packages and images put the configuration; a repository holds what lies below. */
const PREFIX =
  /^\/(?:etc\/(?:nginx|openresty)|usr\/local\/(?:etc\/nginx|nginx\/conf|nginx|openresty\/nginx\/conf)|config\/nginx|opt\/[^/]+\/nginx\/conf)\//;

/** Files that come with nginx, its packages and certbot; none sets a header of a response or a directive that rules ask for. */
const KNOWN_FILES =
  /(?:^|\/)(?:mime\.types|fastcgi(?:_params|\.conf|-php\.conf)|uwsgi_params|scgi_params|proxy_params|koi-(?:utf|win)|win-utf|snakeoil\.conf|options-ssl-nginx\.conf|grpc_params|modules-enabled\/.*|modules\/.*)$/;

/** How many folders above a file are tried as nginx's own folder. */
const CLIMB = 3;

/** Whether an include brings nothing that matters, also where the file is not in the workspace. */
export function isHarmlessInclude(pattern: string): boolean {
  return KNOWN_FILES.test(pattern);
}

/**
 * The files of the workspace that an `include` reads; undefined where none is found. nginx resolves a relative path from the
 * folder of `nginx.conf`, which is the file's own folder or one above it.
 */
export function resolveInclude(
  facts: FactReader,
  from: string,
  pattern: string,
): readonly string[] | undefined {
  const relative = pattern.replace(PREFIX, '');
  if (relative.startsWith('/')) return undefined;
  const wild = /[*?[]/.test(relative);
  for (const directory of foldersAbove(from)) {
    const found = wild
      ? facts.glob(directory, relative)
      : [joinUri(directory, relative)].filter((uri) => facts.exists(uri));
    if (found.length > 0) return found;
  }
  return undefined;
}

/** A place that includes a file. */
export interface Includer {
  readonly uri: string;
  readonly path: readonly number[];
}

/** All places in the workspace that include a file. */
export function includersOf(facts: FactReader, uri: string): readonly Includer[] {
  const segments = pathOf(uri).split('/').slice(-2);
  return facts.all(nginxOutlineFacts).flatMap(({ uri: from, fact }) =>
    fact.includes
      .filter(({ pattern }) => from !== uri && mayMatch(pattern, segments))
      .filter(({ pattern }) => resolveInclude(facts, from, pattern)?.includes(uri))
      .map(({ path }) => ({ uri: from, path })),
  );
}

/** A quick test by the last names of both paths, so that few patterns are really resolved. */
function mayMatch(pattern: string, [folder = '', name = '']: readonly string[]): boolean {
  const [patternFolder, patternName = ''] = ['', ...pattern.split('/')].slice(-2);
  return (
    segmentMatches(patternName, name) &&
    (!patternFolder ||
      /[*?[{]/.test(patternFolder) ||
      segmentMatches(patternFolder, folder) ||
      !pattern.replace(PREFIX, '').includes('/'))
  );
}

function segmentMatches(pattern: string, name: string): boolean {
  if (/[?[{]/.test(pattern)) return true;
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return pattern === name;
  return name.startsWith(start) && name.endsWith(end);
}

function foldersAbove(uri: string): readonly string[] {
  const folders = [dirname(uri)];
  while (folders.length <= CLIMB) {
    const above = dirname(folders.at(-1) ?? '');
    if (above === folders.at(-1)) break;
    folders.push(above);
  }
  return folders;
}
