import type { FileChange, Workspace } from '../engine/workspace.ts';
import type { Host, Listing, NotAnalysed, ReadResult } from '../host/host.ts';
import { loadWorkspace } from '../host/load.ts';

export interface ScanOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly isCancelled?: () => boolean;
}

/** What is known of the disk: which files there are, and which could not be read. It never throws, whatever the host does. */
export class Disk {
  readonly #host: Host;
  #listed: ReadonlySet<string> = new Set();
  #skipped: readonly NotAnalysed[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** The files of the last listing. */
  get listed(): ReadonlySet<string> {
    return this.#listed;
  }

  /** Files that the last scan could not look into. */
  get skipped(): readonly NotAnalysed[] {
    return this.#skipped;
  }

  /**
   * Reads all files into a workspace, but those that are open in the editor: it has them already, and newer. False where it was
   * cancelled: then nothing is known of what is absent.
   */
  async scan(workspace: Workspace, isOpen: (uri: string) => boolean, options: ScanOptions): Promise<boolean> {
    const listed = new Set<string>();
    const mode = this.#host.mode?.bind(this.#host);
    const { notAnalysed } = await loadWorkspace({
      ...options,
      host: {
        list: (root) => this.#list(root, listed),
        read: (uri) => this.#read(uri),
        ...(mode && { mode: (uri: string) => mode(uri) }),
      },
      workspace: {
        roots: workspace.roots,
        addNames: (uris) => workspace.addNames(uris),
        missingConfigs: () => workspace.missingConfigs(),
        missingClaims: () => workspace.missingClaims(),
        wantedModes: () => workspace.wantedModes(),
        setModes: (modes) => workspace.setModes(modes),
        update: (changes) => workspace.update(changes.filter(({ uri }) => !isOpen(uri))),
      },
    });
    if (options.isCancelled?.()) return false;
    this.#listed = listed;
    this.#skipped = notAnalysed;
    return true;
  }

  /** Lists the folders again: files that are new are listed from then on, unless they are ignored. */
  async relist(roots: readonly string[]): Promise<void> {
    const listed = new Set<string>();
    for (const root of roots) await this.#list(root, listed);
    this.#listed = listed;
  }

  /** The texts of files as they are on the disk; undefined for those that are not to be had. */
  read(uris: readonly string[]): Promise<readonly FileChange[]> {
    return Promise.all(
      uris.map(async (uri) => {
        const result = await this.#read(uri);
        return { uri, text: 'text' in result ? result.text : undefined };
      }),
    );
  }

  /** Takes files off the listing, for a folder all that is below it. Gives the files that were listed. */
  remove(uris: readonly string[]): readonly string[] {
    const gone = uris.flatMap((uri) =>
      // An editor may report only the folder.
      this.#listed.has(uri) ? [uri] : [...this.#listed].filter((file) => file.startsWith(`${uri}/`)),
    );
    if (gone.length === 0) return [];
    const removed = new Set(gone);
    this.#listed = new Set([...this.#listed].filter((uri) => !removed.has(uri)));
    return gone;
  }

  /** A folder of a scheme that the host does not know has no files. */
  async #list(root: string, listed: Set<string>): Promise<Listing> {
    try {
      const listing = await this.#host.list(root);
      for (const uri of listing.files) listed.add(uri);
      return listing;
    } catch {
      return { files: [], skipped: [{ uri: root, reason: 'folder is not readable' }] };
    }
  }

  async #read(uri: string): Promise<ReadResult> {
    try {
      return await this.#host.read(uri);
    } catch {
      return { reason: 'not readable' };
    }
  }
}
