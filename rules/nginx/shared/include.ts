import { dirname, joinUri, pathOf } from '../../../syntaxes/uri.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import { nginxOutlineFacts } from '../../facts/nginx-outline.ts';
import { mountedBeside, mountedFiles, NGINX_FOLDER, placesOf } from './mounts.ts';

/** Files that come with nginx, its packages and certbot; none sets a header of a response or a directive that rules ask for. */
const KNOWN_FILES =
  /(?:^|\/)(?:mime\.types|fastcgi(?:_params|\.conf|-php\.conf)|uwsgi_params|scgi_params|proxy_params|koi-(?:utf|win)|win-utf|snakeoil\.conf|options-ssl-nginx\.conf|grpc_params|modules-enabled\/.*|modules\/.*)$/;

/** Names that users give to files about one thing, which is no header of a response and nothing else that rules ask for. */
const ABOUT_ONE_THING =
  /(?:^|\/)(?:\d+[-_])?(?:upstreams?|backends?|resolvers?|gzip|brotli|compression|log[-_]?formats?|logging|maps?|cloudflare(?:[-_]?(?:real)?[-_]?ips?)?|(?:set[-_])?real[-_]?ips?|rate[-_]?limits?|limits|acme(?:[-_]challenge)?|websockets?|proxy[-_]params)(?:\.(?:conf|inc))?$/i;

/** Folders of which nginx reads every file, and that hold nothing but servers. */
const FOLDERS_OF_SERVERS =
  /(?:^|\/)(?:sites-(?:enabled|available)|sites|vhosts?(?:\.d)?|servers)\/[^/]*\*[^/]*$/;

/** How many folders above a file are tried as nginx's own folder. */
const CLIMB = 3;

/** Whether an include brings nothing that matters, also where the file is not in the workspace. */
export function isHarmlessInclude(pattern: string): boolean {
  return [KNOWN_FILES, ABOUT_ONE_THING, FOLDERS_OF_SERVERS].some((known) => known.test(pattern));
}

/** Whether an include reads files that hold nothing but servers. */
export function isFolderOfServers(pattern: string): boolean {
  return FOLDERS_OF_SERVERS.test(pattern);
}

/**
 * The files of the workspace that an `include` reads, in order; undefined where none is found. What Compose files mount says it
 * exactly. Else nginx resolves a relative path from the folder of `nginx.conf`, which is the file's own folder or one above it, and a
 * repository holds what lies below nginx's folder on the machine.
 */
export function resolveInclude(
  facts: FactReader,
  from: string,
  pattern: string,
): readonly string[] | undefined {
  const mounted = mountedFiles(facts, from, pattern);
  if (mounted.length > 0) return mounted;
  const relative = pattern.replace(NGINX_FOLDER, '');
  if (relative.startsWith('/')) return undefined;
  // What is enabled are links on the machine to what is available in the repository.
  const available = relative.replace(/(^|\/)sites-enabled\//, '$1sites-available/');
  return (
    filesAbove(facts, from, relative) ??
    (available === relative ? undefined : filesAbove(facts, from, available))
  );
}

function filesAbove(facts: FactReader, from: string, relative: string): readonly string[] | undefined {
  const wild = /[*?[]/.test(relative);
  for (const directory of foldersAbove(from)) {
    const found = wild
      ? facts.glob(directory, relative)
      : [joinUri(directory, relative)].filter((uri) => facts.exists(uri));
    if (found.length > 0) return found;
  }
  return undefined;
}

/** Folders that the configurations of packages and images include file by file, with the names that they take. */
const READ_TOGETHER: readonly (readonly [folder: RegExp, names: string])[] = [
  [/\/(?:conf|http)\.d$/, '*.conf'],
  [/\/(?:sites-enabled|vhosts?\.d)$/, '*'],
  [/\/templates$/, '*.template'],
];

/** The files that nginx reads along with one, by the folder that it lies in, where no file of the workspace includes it. */
export function siblingsOf(facts: FactReader, uri: string): readonly string[] {
  const folder = dirname(uri);
  const names = namesReadIn(pathOf(folder));
  const read = names === undefined ? [] : facts.glob(folder, names);
  const here = read.includes(uri) ? read.filter((other) => other !== uri) : [];
  const mounted = placesOf(facts, uri).flatMap((place) => {
    const wanted = namesReadIn(folderOf(place.path));
    return wanted === undefined ? [] : mountedBeside(place, wanted);
  });
  return [...new Set([...here, ...mounted])];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function namesReadIn(folder: string): string | undefined {
  return READ_TOGETHER.find(([form]) => form.test(folder))?.[1];
}

/** The block that a file is read in by its place in a container; undefined where that says nothing. */
export function contextByPlace(facts: FactReader, uri: string): 'main' | 'http' | undefined {
  const paths = placesOf(facts, uri).map(({ path }) => path);
  if (paths.length === 0) return undefined;
  if (paths.every((path) => /\/nginx\.conf$/.test(path))) return 'main';
  return paths.every((path) => namesReadIn(folderOf(path)) !== undefined) ? 'http' : undefined;
}

/** A place that includes a file. */
export interface Includer {
  readonly uri: string;
  /** As written there, with its wildcards. */
  readonly pattern: string;
  readonly path: readonly number[];
}

/** All places in the workspace that include a file. */
export function includersOf(facts: FactReader, uri: string): readonly Includer[] {
  return facts.derived(INCLUDERS, uri);
}

const INCLUDERS: Derivation<readonly Includer[]> = {
  id: 'nginx-includers',
  derive(facts, uri) {
    const places = placesOf(facts, uri).map(({ path }) => path);
    const names = [pathOf(uri), ...places].map(lastNames);
    return candidates(facts.derived(INCLUDE_INDEX), names)
      .filter(
        ({ from, pattern, reach }) =>
          from !== uri &&
          (uri.startsWith(reach) || pattern.includes('..') || places.length > 0) &&
          names.some(({ name }) => nameMayMatch(pattern, name)) &&
          resolveInclude(facts, from, pattern)?.includes(uri),
      )
      .sort((a, b) => a.order - b.order)
      .map(({ from, pattern, path }) => ({ uri: from, pattern, path }));
  },
};

/** The last two names of a path. */
interface LastNames {
  readonly folder: string;
  readonly name: string;
}

function lastNames(path: string): LastNames {
  const [folder = '', name = ''] = ['', ...path.split('/')].slice(-2);
  return { folder, name };
}

interface IndexedInclude {
  readonly from: string;
  readonly pattern: string;
  readonly path: readonly number[];
  /** The highest folder that is tried as nginx's own. */
  readonly reach: string;
  readonly order: number;
}

/** All includes by the last names of their patterns, so that few are really resolved. */
interface IncludeIndex {
  readonly byName: ReadonlyMap<string, readonly IndexedInclude[]>;
  readonly byFolder: ReadonlyMap<string, readonly IndexedInclude[]>;
  /** Those whose folder may be any. */
  readonly others: readonly IndexedInclude[];
}

const INCLUDE_INDEX: Derivation<IncludeIndex> = {
  id: 'nginx-include-index',
  derive(facts) {
    const byName = new Map<string, IndexedInclude[]>();
    const byFolder = new Map<string, IndexedInclude[]>();
    const others: IndexedInclude[] = [];
    let order = 0;
    for (const { uri: from, fact } of facts.all(nginxOutlineFacts)) {
      const reach = foldersAbove(from).at(-1) ?? '';
      for (const { pattern, path } of fact.includes) {
        const include = { from, pattern, path, reach, order: order++ };
        const { folder, name } = lastNames(pattern.replace(NGINX_FOLDER, ''));
        if (!/[*?[{]/.test(name)) listed(byName, name).push(include);
        else if (!/[*?[{]|^\.{0,2}$/.test(folder)) listed(byFolder, folder).push(include);
        else others.push(include);
      }
    }
    return { byName, byFolder, others };
  },
};

function candidates(
  { byName, byFolder, others }: IncludeIndex,
  names: readonly LastNames[],
): readonly IndexedInclude[] {
  const found = names.flatMap(({ folder, name }) => [
    ...(byName.get(name) ?? []),
    ...(byFolder.get(folder) ?? []),
    ...(folder === 'sites-available' ? (byFolder.get('sites-enabled') ?? []) : []),
  ]);
  return [...new Set([...found, ...others])];
}

function listed(lists: Map<string, IndexedInclude[]>, key: string): IndexedInclude[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** A quick test before a pattern is resolved. */
function nameMayMatch(pattern: string, name: string): boolean {
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  if (/[?[{]/.test(last)) return true;
  const [start = '', ...rest] = last.split('*');
  const end = rest.pop();
  return end === undefined ? last === name : name.startsWith(start) && name.endsWith(end);
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
