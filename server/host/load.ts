import { mayBeAnalysed } from '../../syntaxes/candidates.ts';
import { basename } from '../../syntaxes/uri.ts';
import { CONFIG_NAMES } from '../engine/config-schema.ts';
import { compareText } from '../engine/finding.ts';
import type { FileChange, Workspace } from '../engine/workspace.ts';
import type { Host, NotAnalysed } from './host.ts';

/** What loading needs of a workspace. */
export type LoadTarget = Pick<
  Workspace,
  'roots' | 'addNames' | 'update' | 'missingConfigs' | 'missingClaims' | 'wantedModes' | 'setModes'
>;

export interface LoadOptions {
  /** Without `mode` no permissions are looked at. */
  readonly host: Pick<Host, 'list' | 'read' | 'mode'>;
  readonly workspace: LoadTarget;
  /** Folders to list; those of the workspace where absent. */
  readonly roots?: readonly string[];
  /** Files to read besides those that the roots list, whatever their names. */
  readonly extra?: readonly string[];
  /** Called after each batch with the number of files that were read, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Asked between batches; what was read by then stays in the workspace. */
  readonly isCancelled?: () => boolean;
}

export interface LoadResult {
  /** Files and folders that nobody has looked into, sorted. */
  readonly notAnalysed: readonly NotAnalysed[];
}

/** How many files are read together. */
const BATCH = 32;

/** How many milliseconds pass before others get their turn: someone may be typing. */
const SLICE_MS = 8;

/**
 * Reads a whole workspace: lists its folders, makes every name known, and gives it the texts of the files that may be worth
 * analysing, configuration first, so that no file is judged twice.
 */
export async function loadWorkspace(options: LoadOptions): Promise<LoadResult> {
  const { host, workspace } = options;
  const notAnalysed = new Map<string, string>();
  const listed = new Set<string>();
  for (const root of options.roots ?? workspace.roots) {
    const { files, skipped } = await host.list(root);
    for (const uri of files) listed.add(uri);
    for (const { uri, reason } of skipped) notAnalysed.set(uri, reason);
  }
  const names = [...listed, ...(options.extra ?? [])];
  workspace.addNames(names);
  const configs = [...new Set(names)].filter(isConfigName);
  await loadConfigs(host, workspace, configs, notAnalysed);
  const wanted = [...listed].filter(mayBeAnalysed).concat(options.extra ?? []);
  await readAll(
    options,
    [...new Set(wanted)].filter((uri) => !isConfigName(uri)),
    notAnalysed,
  );
  await readClaimed(options, notAnalysed);
  await readModes(host, workspace);
  return {
    notAnalysed: [...notAnalysed]
      .map(([uri, reason]) => ({ uri, reason }))
      .sort((a, b) => compareText(a.uri, b.uri)),
  };
}

/** Reads configuration files and, as long as there are any, those that they extend. */
async function loadConfigs(
  host: LoadOptions['host'],
  workspace: LoadTarget,
  uris: readonly string[],
  notAnalysed: Map<string, string>,
): Promise<void> {
  const tried = new Set<string>();
  for (let wanted = [...uris, ...workspace.missingConfigs()]; ; wanted = [...workspace.missingConfigs()]) {
    const fresh = [...new Set(wanted)].filter((uri) => !tried.has(uri));
    if (fresh.length === 0) return;
    for (const uri of fresh) tried.add(uri);
    workspace.update(await readBatch(host, fresh, notAnalysed));
  }
}

async function readAll(
  { host, workspace, onProgress, isCancelled }: LoadOptions,
  uris: readonly string[],
  notAnalysed: Map<string, string>,
): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  for (let start = 0; start < uris.length; start += BATCH) {
    const batch = uris.slice(start, start + BATCH);
    for (const change of await readBatch(host, batch, notAnalysed)) {
      if (isCancelled?.()) return;
      workspace.update([change]);
      if (performance.now() < sliceEnd) continue;
      await giveWay();
      sliceEnd = performance.now() + SLICE_MS;
    }
    onProgress?.(start + batch.length, uris.length);
  }
}

/** Reads what other files have named, whatever it is called, and what that names in turn. */
async function readClaimed(options: LoadOptions, notAnalysed: Map<string, string>): Promise<void> {
  const tried = new Set<string>();
  while (!options.isCancelled?.()) {
    const fresh = options.workspace.missingClaims().filter((uri) => !tried.has(uri));
    if (fresh.length === 0) return;
    for (const uri of fresh) tried.add(uri);
    options.workspace.update(await readBatch(options.host, fresh, notAnalysed));
  }
}

/** Looks at the permissions that rules want to know. */
async function readModes(host: LoadOptions['host'], workspace: LoadTarget): Promise<void> {
  if (!host.mode) return;
  const modes = new Map<string, number | undefined>();
  for (const uri of workspace.wantedModes()) modes.set(uri, await host.mode(uri));
  workspace.setModes(modes);
}

async function readBatch(
  host: LoadOptions['host'],
  uris: readonly string[],
  notAnalysed: Map<string, string>,
): Promise<FileChange[]> {
  const results = await Promise.all(uris.map((uri) => host.read(uri)));
  return uris.flatMap((uri, i) => {
    const result = results[i];
    if (result && 'text' in result) return [{ uri, text: result.text }];
    if (result) notAnalysed.set(uri, result.reason);
    return [];
  });
}

function isConfigName(uri: string): boolean {
  return CONFIG_NAMES.includes(basename(uri));
}

/** Lets messages and signals in. */
function giveWay(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
