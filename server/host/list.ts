import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import ignore, { type Ignore } from 'ignore';
import { normaliseUri } from '../../syntaxes/uri.ts';
import type { Listing, NotAnalysed } from './host.ts';

/** Folders of other people's code and of tools; what is in them is not this project's to mend. */
const PASSED_OVER = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  'bower_components',
  'jspm_packages',
  'vendor',
  'vendored',
  'third_party',
  'site-packages',
  '.venv',
  'venv',
  '.tox',
  '.yarn',
  '.terraform',
  '__pycache__',
]);

/** Rules of one `.gitignore`, and the folder that it stands in. */
interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
}

interface Walk {
  readonly root: string;
  readonly files: string[];
  readonly skipped: NotAnalysed[];
  /** Real paths of folders reached by symbolic links that lead out of the root: each is listed once. */
  readonly linked: Set<string>;
}

/** All files below a folder that git would not ignore, sorted; it asks the disk only for names, never for a file's text. */
export function listFolder(root: string): Listing {
  const walk: Walk = { root, files: [], skipped: [], linked: new Set() };
  listInto(walk, root, [root], ignoreFilesAbove(root));
  return { files: walk.files.sort(), skipped: walk.skipped };
}

/** `ancestors`: the real paths of the folder and of all those above it, up to the root. */
function listInto(
  walk: Walk,
  folder: string,
  ancestors: readonly string[],
  inherited: readonly IgnoreFile[],
): void {
  const entries = entriesOf(walk, folder);
  const ignores = entries.some((entry) => entry.name === '.gitignore')
    ? [...inherited, ...readIgnoreFile(folder, '.gitignore')]
    : inherited;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const type = entry.isSymbolicLink() ? typeOfLink(walk, path, ancestors) : typeOf(entry);
    if (type === 'folder') {
      if (PASSED_OVER.has(entry.name) || isIgnored(ignores, path, 'folder')) continue;
      listInto(walk, path, [...ancestors, path], ignores);
    } else if (type === 'file' && !isIgnored(ignores, path, 'file')) {
      walk.files.push(uriOf(path));
    }
  }
}

function entriesOf(walk: Walk, folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'EACCES' || code === 'EPERM'
        ? 'folder is not readable: permission denied'
        : `folder is not readable (${code ?? 'unknown'})`;
    walk.skipped.push({ uri: uriOf(folder), reason });
    return [];
  }
}

function typeOf(entry: Dirent): 'file' | 'folder' | undefined {
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : undefined;
}

/**
 * A link to a file is a file, as nginx's `sites-enabled` has them. A link to a folder inside the root is passed over, since that
 * folder is listed under its own name.
 */
function typeOfLink(walk: Walk, path: string, ancestors: readonly string[]): 'file' | 'folder' | undefined {
  try {
    const stat = statSync(path);
    if (stat.isFile()) return 'file';
    if (!stat.isDirectory()) return undefined;
    const target = realpathSync(path);
    if (isCircle(target, ancestors)) {
      walk.skipped.push({ uri: uriOf(path), reason: 'symbolic link that leads in a circle' });
      return undefined;
    }
    if (isInside(realpathSync(walk.root), target) || walk.linked.has(target)) return undefined;
    walk.linked.add(target);
    return 'folder';
  } catch (error) {
    const circle = (error as NodeJS.ErrnoException).code === 'ELOOP';
    const reason = circle ? 'symbolic link that leads in a circle' : 'symbolic link that leads nowhere';
    walk.skipped.push({ uri: uriOf(path), reason });
    return undefined;
  }
}

function isCircle(target: string, ancestors: readonly string[]): boolean {
  return ancestors.some((ancestor) => isInside(target, realpathSync(ancestor)));
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * The `.gitignore` files of the folders above, up to the repository's top. They do not hold where they ignore the root itself:
 * whoever names an ignored folder wants it listed.
 */
function ignoreFilesAbove(root: string): readonly IgnoreFile[] {
  const top = repositoryOf(root);
  if (top === undefined) return [];
  const found: IgnoreFile[] = [...readIgnoreFile(top, join('.git', 'info', 'exclude'))];
  for (const folder of foldersBetween(top, root)) found.push(...readIgnoreFile(folder, '.gitignore'));
  const hidden = foldersBetween(top, root)
    .slice(1)
    .some((folder) => isIgnored(found, folder, 'folder'));
  return hidden || isIgnored(found, root, 'folder') ? [] : found;
}

function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** The folders from `top` down to the one that holds `folder`. */
function foldersBetween(top: string, folder: string): readonly string[] {
  const between: string[] = [];
  for (let at = folder; at !== top; ) {
    at = dirname(at);
    between.unshift(at);
  }
  return between;
}

function readIgnoreFile(folder: string, name: string): IgnoreFile[] {
  try {
    const text = readFileSync(join(folder, name), 'utf8');
    return [{ folder, rules: ignore({ allowRelativePaths: true }).add(text) }];
  } catch {
    return []; // no such file, or one that nobody may read: nothing is ignored then
  }
}

/** The nearest file that says anything of the path decides, as in git. */
function isIgnored(ignores: readonly IgnoreFile[], path: string, type: 'file' | 'folder'): boolean {
  for (const { folder, rules } of ignores.toReversed()) {
    const inside = relative(folder, path).split(sep).join('/');
    if (inside === '' || inside.startsWith('../')) continue;
    const verdict = rules.test(type === 'folder' ? `${inside}/` : inside);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

function uriOf(path: string): string {
  return normaliseUri(pathToFileURL(path).href);
}
