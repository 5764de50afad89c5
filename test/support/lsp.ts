import { PassThrough } from 'node:stream';
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionRequest,
  type CodeActionTriggerKind,
  type Connection,
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  type InitializeResult,
  ProposedFeatures,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Rule } from '../../rules/core/rule.ts';
import type { Host } from '../../server/host/host.ts';
import { createMemoryHost } from '../../server/host/memory.ts';
import { startServer } from '../../server/lsp/server.ts';
import type { Syntax } from '../../syntaxes/document.ts';
import { lspExtractors, lspRules } from './lsp-rules.ts';
import { at, toySyntax } from './toy.ts';
import { ROOT } from './workspace.ts';

export interface TestServerOptions {
  /** Files on the disk, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly host?: Host;
  readonly rules?: readonly Rule[];
  readonly syntaxes?: readonly Syntax[];
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
  readonly params?: Partial<InitializeParams>;
  /** Runs before `initialize`, to listen to what the server asks for. */
  readonly prepare?: (connection: ProtocolConnection) => void;
}

/** What VS Code says of itself, as far as the server asks. */
export const VSCODE: ClientCapabilities = {
  workspace: {
    workspaceEdit: {
      documentChanges: true,
      resourceOperations: ['create', 'rename', 'delete'],
      changeAnnotationSupport: { groupsOnLabel: true },
      snippetEditSupport: true,
    },
    diagnostics: { refreshSupport: true },
    workspaceFolders: true,
  },
  textDocument: {
    diagnostic: { relatedInformation: true, codeDescriptionSupport: true, dataSupport: true },
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: [''] } },
      dataSupport: true,
      resolveSupport: { properties: ['edit'] },
    },
    hover: { contentFormat: ['markdown', 'plaintext'] },
  },
};

/** An editor that knows what LSP had years ago. */
export const PLAIN: ClientCapabilities = {
  textDocument: {
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [''] } } },
  },
};

/** A language server in this process and an editor that is connected to it. */
export class TestServer {
  readonly connection: ProtocolConnection;
  readonly host: ReturnType<typeof createMemoryHost>;
  /** Numbers of `workspace/diagnostic/refresh` so far. */
  refreshes = 0;
  readonly published: { readonly uri: string; readonly diagnostics: readonly Diagnostic[] }[] = [];
  readonly logged: string[] = [];
  result: InitializeResult | undefined;
  readonly #documents = new Map<string, TextDocument>();
  readonly #server: Connection;

  constructor(options: TestServerOptions) {
    const [toServer, toClient] = [new PassThrough(), new PassThrough()];
    this.#server = createConnection(
      ProposedFeatures.all,
      new StreamMessageReader(toServer),
      new StreamMessageWriter(toClient),
    );
    this.connection = createProtocolConnection(
      new StreamMessageReader(toClient),
      new StreamMessageWriter(toServer),
    );
    this.host = createMemoryHost(
      Object.fromEntries(Object.entries(options.files ?? {}).map(([path, text]) => [at(path), text])),
    );
    startServer({
      connection: this.#server,
      host: options.host ?? this.host,
      rules: options.rules ?? lspRules,
      extractors: lspExtractors,
      syntaxes: options.syntaxes ?? [toySyntax],
      today: () => '2026-11-24',
      progressDelay: 0,
    });
    this.connection.onRequest('workspace/diagnostic/refresh', () => {
      this.refreshes++;
      return null;
    });
    this.connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.published.push(params);
    });
    this.connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
      this.logged.push(message);
    });
    options.prepare?.(this.connection);
    this.connection.listen();
  }

  async initialize(options: TestServerOptions): Promise<void> {
    this.result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: null,
      rootUri: ROOT,
      workspaceFolders: [{ uri: ROOT, name: 'workspace' }],
      capabilities: options.capabilities ?? VSCODE,
      initializationOptions: options.initializationOptions,
      ...options.params,
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
  }

  async open(path: string, text: string, uri = at(path)): Promise<string> {
    const document = TextDocument.create(uri, 'yaml', 1, text);
    this.#documents.set(uri, document);
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return uri;
  }

  /** Replaces the first occurrence of one text by another, as an incremental change. */
  async edit(path: string, from: string, to: string): Promise<void> {
    const document = this.document(at(path));
    const start = document.getText().indexOf(from);
    if (start < 0) throw new Error(`${path} does not hold ${from}`);
    const range = { start: document.positionAt(start), end: document.positionAt(start + from.length) };
    const contentChanges = [{ range, text: to }];
    TextDocument.update(document, contentChanges, document.version + 1);
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: document.uri, version: document.version },
      contentChanges,
    });
  }

  async close(path: string): Promise<void> {
    this.#documents.delete(at(path));
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: at(path) },
    });
  }

  async pull(path: string, previousResultId?: string) {
    return this.connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri: at(path) },
      ...(previousResultId !== undefined && { previousResultId }),
    });
  }

  /** The diagnostics of a file as soon as they satisfy a condition: what other files say may come a little later. */
  async diagnostics(
    path: string,
    isRight: (items: Diagnostic[]) => boolean = () => true,
  ): Promise<Diagnostic[]> {
    return until(async () => {
      const report = await this.pull(path);
      return report.kind === 'full' && isRight(report.items) ? report.items : undefined;
    });
  }

  async actions(
    path: string,
    range: Range,
    only?: string[],
    diagnostics: Diagnostic[] = [],
    triggerKind?: CodeActionTriggerKind,
  ): Promise<CodeAction[]> {
    const actions = await this.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: at(path) },
      range,
      context: { diagnostics, ...(only && { only }), ...(triggerKind && { triggerKind }) },
    });
    return (actions ?? []) as CodeAction[];
  }

  /** The text of an open document after an edit; snippets are taken literally. */
  apply(uri: string, edit: WorkspaceEdit | undefined | null): string {
    const document = this.document(uri);
    const changed = (edit?.documentChanges ?? []).flatMap((change) =>
      'textDocument' in change && change.textDocument.uri === uri ? change.edits : [],
    );
    const edits = [...changed, ...(edit?.changes?.[uri] ?? [])].map(
      (one): TextEdit => ('snippet' in one ? { range: one.range, newText: one.snippet.value } : one),
    );
    return TextDocument.applyEdits(document, edits);
  }

  document(uri: string): TextDocument {
    const document = this.#documents.get(uri);
    if (!document) throw new Error(`${uri} is not open`);
    return document;
  }

  dispose(): void {
    this.connection.dispose();
    this.#server.dispose();
  }
}

/** Starts a server, runs a test with it and ends it. */
export async function withServer(
  options: TestServerOptions,
  run: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = new TestServer(options);
  try {
    await server.initialize(options);
    await run(server);
  } finally {
    server.dispose();
  }
}

/** The first value that is not undefined; fails after five seconds. */
export async function until<T>(get: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const value = await get();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error('It did not come.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The range of the first occurrence of a text. */
export function rangeOf(text: string, part: string): Range {
  const document = TextDocument.create('x:', 'x', 0, text);
  const start = text.indexOf(part);
  return { start: document.positionAt(start), end: document.positionAt(start + part.length) };
}
