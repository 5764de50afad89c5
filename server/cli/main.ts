import { createRequire } from 'node:module';
import { extractors, rules } from '../../rules/registry.generated.ts';
import { createSyntaxes } from '../../syntaxes/registry.ts';
import { createNodeHost } from '../host/node.ts';
import { loadScriptParser } from '../host/script-parser.ts';
import { run } from './run.ts';

// `hardlint | head` closes the pipe early; that is no mistake, and nobody is left to read a message.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

run(process.argv.slice(2), {
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  host: createNodeHost(),
  catalogue: { rules, extractors, syntaxes: createSyntaxes({ loadScriptParser }) },
  today: new Date().toISOString().slice(0, 10),
  startServer,
}).then((code) => {
  // Not `process.exit`: a pipe takes a large report in parts, and all of it has to arrive.
  process.exitCode = code;
});

/** The language server is a bundle of its own beside this one, so that a scan does not load it. */
function startServer(): void {
  // The server's connection looks for the way to talk among the arguments; standard input and output are the only one here.
  if (!process.argv.includes('--stdio')) process.argv.push('--stdio');
  createRequire(__filename)('./server.js');
}
