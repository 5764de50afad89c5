import { setFlagsFromString } from 'node:v8';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { extractors, rules } from '../../rules/registry.generated.ts';
import { createSyntaxes } from '../../syntaxes/registry.ts';
import { createNodeHost } from '../host/node.ts';
import { loadScriptParser } from '../host/script-parser.ts';
import { logError } from './context.ts';
import { startServer } from './server.ts';

/*
 * The server as a process: `node dist/server.js --stdio`, or `--node-ipc` when VS Code starts it.
 */

// Reading thousands of files leaves much that is garbage at once. By default V8 lets the heap grow by more than half before it looks
// for that again, and keeps what it has; looked for earlier, the server stays a third smaller at the same speed.
setFlagsFromString('--heap-growing-percent=30');

const connection = createConnection(ProposedFeatures.all);

// Whatever is forgotten elsewhere must not end the process: the editor would lose all it knows, and after some times give up.
process.on('uncaughtException', (error) => logError(connection, 'Something', error));
process.on('unhandledRejection', (reason) => logError(connection, 'Something', reason));

startServer({
  connection,
  host: createNodeHost(),
  rules,
  extractors,
  syntaxes: createSyntaxes({ loadScriptParser }),
  today: () => new Date().toISOString().slice(0, 10),
});
