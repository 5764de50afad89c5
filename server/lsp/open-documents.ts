import type { TextDocument } from 'vscode-languageserver-textdocument';
import { normaliseUri } from '../../syntaxes/uri.ts';
import type { FileChange } from '../engine/workspace.ts';

/** The documents that are open in the editor, by their normalised URIs, and which of them the workspace has not seen yet. */
export class OpenDocuments {
  readonly #open = new Map<string, TextDocument>();
  readonly #edited = new Set<string>();

  set(document: TextDocument): void {
    const uri = normaliseUri(document.uri);
    this.#open.set(uri, document);
    this.#edited.add(uri);
  }

  delete(uri: string): void {
    this.#open.delete(uri);
    this.#edited.delete(uri);
  }

  has(uri: string): boolean {
    return this.#open.has(uri);
  }

  uris(): readonly string[] {
    return [...this.#open.keys()];
  }

  textOf(uri: string): string | undefined {
    return this.#open.get(uri)?.getText();
  }

  /** The URI of a file as the editor spells it. */
  clientUri(uri: string): string {
    return this.#open.get(uri)?.uri ?? uri;
  }

  /** The version of an open document; null for a file on disk. */
  versionOf(uri: string): number | null {
    return this.#open.get(uri)?.version ?? null;
  }

  /** The texts that have changed since they were last asked for. */
  takeEdited(): readonly FileChange[] {
    const changes = [...this.#edited].map((uri) => ({ uri, text: this.textOf(uri) }));
    this.#edited.clear();
    return changes;
  }

  /** From now on all texts count as changed: someone has to be told of them again. */
  markAllEdited(): void {
    for (const uri of this.#open.keys()) this.#edited.add(uri);
  }
}
