import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  type CodeAction,
  CodeActionRequest,
  createProtocolConnection,
  type Diagnostic,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { VSCODE } from '../support/lsp.ts';

const root = join(import.meta.dirname, '../..');
const bundle = join(root, 'dist/server.js');

const COMPOSE = `services:
  web:
    image: nginx:1.29.3
    secrets:
      - source: key
        target: key
        mode: 0444
secrets:
  key:
    file: ./key
`;

describe.skipIf(!existsSync(bundle))('the server that is shipped', () => {
  test('finds and mends over stdio, and ends when it is told to', async () => {
    const child = spawn(process.execPath, [bundle, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.onRequest('workspace/diagnostic/refresh', () => null);
    connection.listen();
    const folder = pathToFileURL(join(root, 'test/fixtures')).href;
    const { serverInfo } = await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: folder,
      capabilities: VSCODE,
    });
    expect(serverInfo?.name).toBe('hardlint');
    await connection.sendNotification(InitializedNotification.type, {});
    const uri = `${folder}/compose.yaml`;
    const document = TextDocument.create(uri, 'yaml', 1, COMPOSE);
    await connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'yaml', version: 1, text: COMPOSE },
    });
    const diagnostic = await worldReadable(connection, uri);
    expect(document.getText(diagnostic.range)).toBe('0444');
    const actions = (await connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic], only: ['quickfix'] },
    })) as CodeAction[];
    const [edit] = actions[0]?.edit?.documentChanges ?? [];
    const edits = edit && 'edits' in edit ? edit.edits : [];
    expect(TextDocument.applyEdits(document, edits as never)).toBe(COMPOSE.replace('0444', '0400'));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await connection.sendRequest(ShutdownRequest.type);
    await connection.sendNotification(ExitNotification.type);
    expect(await ended).toBe(0);
  });
});

async function worldReadable(connection: ProtocolConnection, uri: string): Promise<Diagnostic> {
  const report = await connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
  const items = report.kind === 'full' ? report.items : [];
  const found = items.find(({ code }) => String(code).endsWith('world-readable'));
  if (!found) throw new Error(`Only ${items.map(({ code }) => code).join(', ')}`);
  return found;
}
