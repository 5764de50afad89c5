import {
  CodeActionKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  PositionEncodingKind,
  type ServerCapabilities,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { TOOL } from '../engine/about.ts';
import {
  type ClientFeatures,
  clientFeatures,
  FIX_ALL_KIND,
  HARDEN_KIND,
  initializationOptions,
} from './client-features.ts';
import { registerCodeActions } from './code-actions.ts';
import { type Context, guarded } from './context.ts';
import { DiagnosticStore } from './diagnostic-store.ts';
import { registerFileWatching, watchFiles } from './file-watching.ts';
import { FixFinder } from './fix-finder.ts';
import { registerHover } from './hover.ts';
import { registerPullDiagnostics } from './pull-diagnostics.ts';
import { registerPushDiagnostics } from './push-diagnostics.ts';
import { registerReport } from './report.ts';
import { registerRequests } from './requests.ts';
import { Scanner } from './scanner.ts';
import { Session, type SessionOptions } from './session.ts';
import { Settings } from './settings.ts';
import { SOURCE } from './to-lsp.ts';

export interface ServerOptions extends SessionOptions {
  readonly connection: Connection;
  /** How long a scan of the workspace may take, in milliseconds, before its progress is shown. */
  readonly progressDelay?: number;
}

/** Wires a language server to a connection and listens. Everything that it does begins with the editor's `initialize`. */
export function startServer({ connection, progressDelay = 400, ...options }: ServerOptions): void {
  connection.onInitialize((params) => initialize(connection, new Session(options), progressDelay, params));
  connection.listen();
}

function initialize(
  connection: Connection,
  session: Session,
  progressDelay: number,
  params: InitializeParams,
): InitializeResult {
  const client = clientFeatures(params.capabilities ?? {}, params.initializationOptions);
  const context: Context = {
    connection,
    client,
    session,
    diagnostics: new DiagnosticStore(session, client),
    fixes: new FixFinder(session, client),
  };
  const { settings } = initializationOptions(params.initializationOptions);
  const scanner = new Scanner(context, progressDelay);
  const folders = foldersOf(params);
  const keeper = new Settings(context, scanner, { settings: settings ?? {}, folders });
  followDocuments(context);
  if (client.pullsDiagnostics) registerPullDiagnostics(context);
  else registerPushDiagnostics(context);
  registerCodeActions(context);
  registerHover(context);
  registerReport(context);
  registerRequests(context);
  registerFileWatching(context, scanner);
  connection.onInitialized(() => {
    void guarded(context, 'Starting', undefined, async () => {
      await Promise.all([scanner.start(), keeper.start(settings !== undefined), watchFiles(context)]);
    });
  });
  return { capabilities: capabilities(client), serverInfo: { name: TOOL.name, version: TOOL.version } };
}

function capabilities(client: ClientFeatures): ServerCapabilities {
  return {
    // The only encoding that every editor knows, and that of JavaScript's strings: nothing has to be converted.
    positionEncoding: PositionEncodingKind.UTF16,
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    hoverProvider: true,
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, HARDEN_KIND, FIX_ALL_KIND],
      resolveProvider: client.resolvesEdits,
    },
    ...(client.pullsDiagnostics && {
      diagnosticProvider: { identifier: SOURCE, interFileDependencies: true, workspaceDiagnostics: true },
    }),
    ...(client.workspaceFolders && {
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    }),
  };
}

function followDocuments(context: Context): void {
  const { connection, session } = context;
  const documents = new TextDocuments(TextDocument);
  // Opening a document changes its content from nothing to something.
  documents.onDidChangeContent(({ document }) => session.setDocument(document));
  documents.onDidClose(({ document }) => {
    void guarded(context, 'Closing a document', undefined, () => session.closeDocument(document.uri));
  });
  documents.listen(connection);
}

/** The folders of the workspace; older editors know only one. */
function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => uri);
  return rootUri ? [rootUri] : [];
}
