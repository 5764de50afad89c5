import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dirname, joinUri, normaliseUri } from '../../syntaxes/uri.ts';
import { CONFIG_NAMES } from '../engine/config-schema.ts';
import type { Host } from '../host/host.ts';
import { UsageError } from './usage-error.ts';

/** What a command line's paths come to. */
export interface Targets {
  /** Folders that are listed: the workspace that files are judged in. None lies inside another. */
  readonly roots: readonly string[];
  /** Files that are named themselves. */
  readonly files: readonly string[];
  /** Whether a file was asked for. */
  readonly includes: (uri: string) => boolean;
  /** The folder that paths in the output are relative to. */
  readonly base: string;
  /** Configuration files above the roots, which hold for them as well. */
  readonly configsAbove: readonly string[];
}

/** The URI of a path as someone types it. */
export function uriOfPath(cwd: string, path: string): string {
  const uri = normaliseUri(pathToFileURL(resolve(cwd, path)).href);
  return uri.length > 'file:///'.length ? uri.replace(/\/$/, '') : uri;
}

/**
 * Finds out what paths name. A folder is a workspace by itself, as if an editor had opened it; a file is judged among the files
 * around it: those of the repository that the current folder belongs to, else those of its own folder.
 */
export async function resolveTargets(host: Host, cwd: string, paths: readonly string[]): Promise<Targets> {
  const here = uriOfPath(cwd, '.');
  const folders: string[] = [];
  const files: string[] = [];
  const roots: string[] = [];
  for (const path of paths) {
    const uri = uriOfPath(cwd, path);
    const kind = await host.kind(uri);
    if (kind === 'folder') {
      folders.push(uri);
      roots.push(uri);
    } else if (kind === 'file') {
      files.push(uri);
      roots.push(isInside(here, uri) && (await isProject(host, here)) ? here : dirname(uri));
    } else {
      throw new UsageError(
        kind === 'other'
          ? `\`${path}\` is neither a file nor a folder.`
          : `There is no file or folder \`${path}\`.`,
        'Paths are seen from the current folder.',
      );
    }
  }
  const outermost = withoutNested(roots);
  const named = new Set(files);
  return {
    roots: outermost,
    files: [...named],
    includes: (uri) => named.has(uri) || folders.some((folder) => isInside(folder, uri)),
    base: outermost.every((root) => isInside(here, root)) ? here : commonFolder(outermost),
    configsAbove: await configsAbove(host, here, outermost),
  };
}

async function isProject(host: Host, folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if ((await host.kind(joinUri(at, '.git'))) !== undefined) return true;
    if (dirname(at) === at) return false;
  }
}

/** The nearest configuration file in the folders between a root and the current folder. */
async function configsAbove(host: Host, here: string, roots: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const root of roots) {
    if (root === here || !isInside(here, root)) continue;
    for (let at = dirname(root); isInside(here, at); at = dirname(at)) {
      for (const name of CONFIG_NAMES) {
        const uri = joinUri(at, name);
        if ((await host.kind(uri)) === 'file') found.push(uri);
      }
      if (at === here) break;
    }
  }
  return [...new Set(found)];
}

function withoutNested(folders: readonly string[]): readonly string[] {
  const unique = [...new Set(folders)];
  return unique.filter((folder) => !unique.some((other) => other !== folder && isInside(other, folder)));
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? 'file:///';
  while (!folders.every((folder) => isInside(common, folder)) && dirname(common) !== common)
    common = dirname(common);
  return common;
}

function isInside(folder: string, uri: string): boolean {
  return uri === folder || uri.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
