import {
  DidChangeWatchedFilesNotification,
  type DidChangeWatchedFilesRegistrationOptions,
  FileChangeType,
  type FileEvent,
  WatchKind,
} from 'vscode-languageserver';
import { batched } from './batched.ts';
import { type Context, guarded } from './context.ts';
import type { Scanner } from './scanner.ts';

/**
 * Files that may be worth reading, wider than what is read in the end. Deletions are watched everywhere, since a folder that goes is
 * reported only by its own name.
 */
const WATCHERS: DidChangeWatchedFilesRegistrationOptions['watchers'] = [
  { globPattern: '**/*.{yml,yaml,conf,template,tmpl,tpl,j2,erb,vhost,nginx,sample,default,dist,rule,rules}' },
  { globPattern: '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}' },
  { globPattern: '**/*{Dockerfile,dockerfile,Containerfile,containerfile,nginx}*' },
  { globPattern: '**/{sites-available,sites-enabled,conf.d,vhosts.d}/*' },
  { globPattern: '**/{.gitignore,.dockerignore,*.dockerignore,.env,.env.*,*.env}' },
  { globPattern: '**/*', kind: WatchKind.Delete },
];

/** A checkout or a build changes many files; they are taken together. */
const SETTLE_MS = 150;

/** Follows what happens on the disk, the configuration files with it. */
export function registerFileWatching(context: Context, scanner: Scanner): void {
  const { connection, session } = context;
  const latest = new Map<string, FileEvent>();
  const take = batched(SETTLE_MS, () => {
    const events = [...latest.values()];
    latest.clear();
    void guarded(context, 'Reading changed files', undefined, async () => {
      const [deleted, changed] = [true, false].map((isDeletion) =>
        events.filter(({ type }) => (type === FileChangeType.Deleted) === isDeletion).map(({ uri }) => uri),
      );
      if (await session.filesChanged(changed ?? [], deleted ?? [])) await scanner.start();
    });
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const change of changes) latest.set(change.uri, change);
    take();
  });
}

/** Asks the editor to watch; only after it has said that it is initialised. */
export async function watchFiles({ connection, client }: Context): Promise<void> {
  if (!client.watchesFiles) return;
  await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: WATCHERS });
}
