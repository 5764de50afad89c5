import { type Context, giveWay, guarded } from './context.ts';
import { sendStatus } from './status.ts';

/**
 * Sends diagnostics to editors that do not ask: those of open documents, and of all files where the settings say so. Files are sent
 * again only when their diagnostics differ.
 */
export function registerPushDiagnostics(context: Context): void {
  const { session } = context;
  const publisher = new Publisher(context);
  session.onChange((change) => publisher.schedule(change === 'all' ? publishedFiles(context) : change));
}

function publishedFiles({ session }: Context): readonly string[] {
  return session.settings.diagnostics === 'workspace'
    ? [...session.workspace.uris(), ...session.documents.uris()]
    : session.documents.uris();
}

class Publisher {
  readonly #context: Context;
  readonly #stale = new Set<string>();
  /** The id of what was sent last, by file. */
  readonly #sent = new Map<string, string>();
  #isRunning = false;

  constructor(context: Context) {
    this.#context = context;
  }

  schedule(uris: readonly string[]): void {
    for (const uri of uris) this.#stale.add(uri);
    // Files that are closed or gone must be emptied.
    for (const uri of this.#sent.keys()) if (!this.#isShown(uri)) this.#stale.add(uri);
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    await giveWay();
    for (const uri of this.#stale) {
      this.#stale.delete(uri);
      await guarded(this.#context, 'Diagnostics', undefined, () => this.#publish(uri));
      await giveWay();
    }
    this.#isRunning = false;
  }

  async #publish(uri: string): Promise<void> {
    const { connection, session, diagnostics } = this.#context;
    await session.prepare(uri);
    if (!this.#isShown(uri)) {
      if (!this.#sent.delete(uri)) return;
      await connection.sendDiagnostics({ uri: session.documents.clientUri(uri), diagnostics: [] });
      return;
    }
    const start = performance.now();
    const id = diagnostics.resultId(uri);
    if (this.#sent.get(uri) === id) return;
    const items = diagnostics.diagnostics(uri);
    const isNew = !this.#sent.has(uri);
    this.#sent.set(uri, id);
    if (session.documents.has(uri)) sendStatus(this.#context, uri, performance.now() - start);
    if (isNew && items.length === 0 && !session.documents.has(uri)) return;
    const version = session.documents.versionOf(uri);
    await connection.sendDiagnostics({
      uri: session.documents.clientUri(uri),
      diagnostics: items,
      ...(version !== null && { version }),
    });
  }

  #isShown(uri: string): boolean {
    const { session } = this.#context;
    return (
      session.documents.has(uri) ||
      (session.settings.diagnostics === 'workspace' && session.workspace.isAnalysed(uri))
    );
  }
}
