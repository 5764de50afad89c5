/**
 * Paths of the workspace as URIs. Everything inside hardlint names a file by a *normalised* URI, so that two spellings of
 * one file (`file:///c%3A/x` and `file:///C:/x`, `%2D` and `-`) are one key. RFC 3986.
 */

/** One spelling for each file: percent-encoding as in `encodeURIComponent` per segment, a lower-case Windows drive letter. */
export function normaliseUri(uri: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/]*)(\/[^?#]*)?/i.exec(uri);
  if (!match) return uri;
  const [whole, scheme = '', authority = '', path = ''] = match;
  const segments = path.split('/').map((segment) => encodeURIComponent(decode(segment)));
  const drive = segments[1];
  if (drive !== undefined && /^[a-z]%3A$/i.test(drive)) segments[1] = `${drive.charAt(0).toLowerCase()}%3A`;
  return scheme.toLowerCase() + authority + segments.join('/') + uri.slice(whole.length);
}

const PATH = /^[a-z][a-z0-9+.-]*:\/\/[^/]*(\/[^?#]*)?/i;
const ROOT = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;

/** The decoded path of a URI, always with `/`: `file:///a%20b/c` gives `/a b/c`. */
export function pathOf(uri: string): string {
  const path = PATH.exec(uri)?.[1] ?? uri;
  return decodePath(path);
}

/** The last segment, decoded: the file's name. */
export function basename(uri: string): string {
  return decode(uri.slice(uri.lastIndexOf('/') + 1));
}

/** The URI of the folder that holds `uri`, without a slash at its end but for a file system's root, which holds itself. */
export function dirname(uri: string): string {
  const root = ROOT.exec(uri)?.[0];
  if (root === undefined) return uri;
  const cut = uri.lastIndexOf('/');
  return cut <= root.length ? `${root}/` : uri.slice(0, cut);
}

/**
 * The URI of `path` seen from the folder `directory`. `path` is not encoded, may be absolute and may hold `.` and `..`.
 * Climbing above the root stays at the root, as a file system does.
 */
export function joinUri(directory: string, path: string): string {
  const root = ROOT.exec(directory)?.[0] ?? '';
  const base = path.startsWith('/') ? [] : directory.slice(root.length).split('/').slice(1);
  const out = base.filter((segment) => segment !== '');
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') out.pop();
    else out.push(encodeURIComponent(segment));
  }
  return `${root}/${out.join('/')}`;
}

/** `uri` as a path relative to the folder `directory`, decoded, with `/`; undefined where it does not lie below it. */
export function relativePath(directory: string, uri: string): string | undefined {
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  if (!uri.startsWith(prefix)) return undefined;
  return decodePath(uri.slice(prefix.length));
}

function decodePath(path: string): string {
  return path.includes('%') ? path.split('/').map(decode).join('/') : path;
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a lone `%` is a legal file name on disk
  }
}
