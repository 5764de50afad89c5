import type { Diagnostic } from 'vscode-languageserver';
import { groupFindings } from '../engine/rollup.ts';
import type { FileResult } from '../engine/workspace.ts';
import type { ClientFeatures } from './client-features.ts';
import type { Session } from './session.ts';
import { toDiagnostic } from './to-lsp.ts';

interface Known {
  readonly text: string | undefined;
  readonly result: FileResult;
  readonly id: string;
}

/** Gives every state of a file's diagnostics an id, so that an editor is told only what is new to it. */
export class DiagnosticStore {
  readonly #session: Session;
  readonly #client: ClientFeatures;
  readonly #known = new Map<string, Known>();
  /** Ids of another run of the server mean something else. */
  readonly #run = Date.now().toString(36);
  #count = 0;

  constructor(session: Session, client: ClientFeatures) {
    this.#session = session;
    this.#client = client;
  }

  /**
   * The id of what the file's diagnostics are now. It stays as long as text and findings do: with the text it changes even where
   * the findings do not, since an editor moves its marks while someone types.
   */
  resultId(uri: string): string {
    const result = this.#session.check(uri);
    const text = this.#session.workspace.textOf(uri);
    const known = this.#known.get(uri);
    const isSame = known?.text === text && (known?.result === result || sameFindings(known?.result, result));
    const id = known && isSame ? known.id : `${this.#run}-${++this.#count}`;
    this.#known.set(uri, { text, result, id });
    return id;
  }

  diagnostics(uri: string): Diagnostic[] {
    return groupFindings(this.#session.check(uri).findings).map((group) =>
      toDiagnostic(this.#session, this.#client, group),
    );
  }
}

function sameFindings(a: FileResult | undefined, b: FileResult): boolean {
  return JSON.stringify(a?.findings) === JSON.stringify(b.findings);
}
