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
