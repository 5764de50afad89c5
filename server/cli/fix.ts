import { createTwoFilesPatch } from 'diff';
import { pathOf, relativePath } from '../../syntaxes/uri.ts';
import { fixAll } from '../engine/fix.ts';
import type { Host } from '../host/host.ts';
import { type LoadedScan, wantedFiles } from './scan.ts';

export interface FixResult {
  /** The files that changed, by URI. */
  readonly changed: ReadonlyMap<string, FixedFile>;
  /** Files that could not be mended to the end, with the reason. */
  readonly failed: readonly { readonly uri: string; readonly reason: string }[];
}

interface FixedFile {
  readonly before: string;
  readonly after: string;
  /** How many findings were mended. */
  readonly fixed: number;
}

/** A fix may change what other files' rules see; after this many passes over all files that has come to rest. */
const MAX_PASSES = 5;

/** Applies every safe fix in memory, until there is none left. */
export function fixInMemory(scan: LoadedScan): FixResult {
  const { workspace } = scan;
  const changed = new Map<string, FixedFile>();
  const stuck = new Set<string>();
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    let atRest = true;
    for (const uri of wantedFiles(scan)) {
      if (workspace.isConfig(uri) || workspace.check(uri).findings.length === 0) continue;
      const before = workspace.textOf(uri) ?? '';
      const result = fixAll(workspace, uri);
      if (!result.converged) stuck.add(uri);
      if (result.text === before) continue;
      workspace.update([{ uri, text: result.text }]);
      const earlier = changed.get(uri);
      changed.set(uri, {
        before: earlier?.before ?? before,
        after: result.text,
        fixed: (earlier?.fixed ?? 0) + result.fixed,
      });
      atRest = false;
    }
    if (atRest) break;
  }
  const failed = [...stuck].map((uri) => ({ uri, reason: 'fixing it does not come to an end' }));
  return { changed, failed };
}

/** Writes what was fixed. A file that has changed since it was read is left alone, and so is one that cannot be written. */
export async function writeFixes(host: Host, scan: LoadedScan, result: FixResult): Promise<FixResult> {
  const changed = new Map(result.changed);
  const failed = [...result.failed];
  for (const [uri, { before, after }] of result.changed) {
    const reason = await writeOne(host, uri, before, after);
    if (reason === undefined) continue;
    failed.push({ uri, reason });
    changed.delete(uri);
    scan.workspace.update([{ uri, text: before }]);
  }
  return { changed, failed };
}

/** The changes as a unified diff that `git apply` and `patch -p1` take. */
export function diffOf(result: FixResult, root: string): string {
  return [...result.changed]
    .map(([uri, { before, after }]) => {
      const path = relativePath(root, uri) ?? pathOf(uri);
      return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
        headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
      });
    })
    .join('');
}

async function writeOne(host: Host, uri: string, before: string, after: string): Promise<string | undefined> {
  const now = await host.read(uri);
  if (!('text' in now)) return `it cannot be read any more: ${now.reason}`;
  // Written already, through another name of the same file.
  if (now.text === after) return undefined;
  if (now.text !== before) return 'it changed while hardlint ran';
  try {
    await host.write(uri, after);
    return undefined;
  } catch (error) {
    return `it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
}
