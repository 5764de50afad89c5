import { DidChangeConfigurationNotification } from 'vscode-languageserver';
import { clientSettings, isRecord } from './client-features.ts';
import { type Context, guarded } from './context.ts';
import type { ClientSettings } from './protocol.ts';
import type { Scanner } from './scanner.ts';

/** Where all settings of the editor are. */
const SECTION = 'hardlint';

/** Keeps settings and folders of the editor and the session in step. */
export class Settings {
  readonly #context: Context;
  readonly #scanner: Scanner;
  #settings: ClientSettings;
  #folders: readonly string[];

  constructor(
    context: Context,
    scanner: Scanner,
    initial: { readonly settings: ClientSettings; readonly folders: readonly string[] },
  ) {
    this.#context = context;
    this.#scanner = scanner;
    this.#settings = initial.settings;
    this.#folders = initial.folders;
    context.session.configure(this.#settings, this.#folders);
    context.connection.onDidChangeConfiguration(({ settings }) =>
      guarded(context, 'Reading the settings', undefined, () => this.#changed(settings)),
    );
  }

  /** After `initialized`: asks for what the editor did not send by itself, and to be told of changes. */
  async start(hasSettings: boolean): Promise<void> {
    const { connection, client } = this.#context;
    if (client.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => uri));
        this.#folders = [...this.#folders.filter((uri) => !gone.has(uri)), ...added.map(({ uri }) => uri)];
        void this.#apply();
      });
    }
    if (client.registersConfiguration)
      await connection.client.register(DidChangeConfigurationNotification.type, { section: SECTION });
    if (!hasSettings) await this.#changed(undefined);
  }

  /** Editors send all settings, those of one section, or none: then they want to be asked. */
  async #changed(sent: unknown): Promise<void> {
    const { connection, client } = this.#context;
    const section = isRecord(sent) ? (sent[SECTION] ?? sent) : undefined;
    if (isRecord(section)) this.#settings = clientSettings(section);
    else if (client.configuration)
      this.#settings = clientSettings(await connection.workspace.getConfiguration(SECTION));
    else return;
    await this.#apply();
  }

  async #apply(): Promise<void> {
    if (this.#context.session.configure(this.#settings, this.#folders)) await this.#scanner.start();
  }
}
