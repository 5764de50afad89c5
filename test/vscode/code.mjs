#!/usr/bin/env node
// Takes the place of the desktop's `code`: understands the options that @vscode/test-electron gives it, runs the same suite in the
// extension host of the VS Code that install.sh has put here, and exits with its result.
import { cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import { remoteUri, startBrowser, startServer, workbenchUrl } from './host.mjs';

// The suite's own last line. VS Code reports success when its extension host dies half-way, so a success counts only after this.
const CLOSING_LINE = /^vscode: [1-9]\d* passed, 0 failed$/;

// What VS Code says of itself; what is left is what the suite prints, and errors.
const NOISE = new RegExp(
  `^(${[
    'Resolv(ing|ed) connection token',
    'Creating a socket',
    '(Ignoring fetching|Updating) additional builtin',
    'Creation of workbench contribution',
    'Overwriting grammar',
    'ComputeTarget',
    'Chat(Session|Edit)',
    '\\[(Service Worker|driver|AgentHost|AccountPolicyGate|reconnection-grace-time|perf)',
  ].join('|')})`,
);

const options = readArguments(process.argv.slice(2));
let server;
let browser;
let code;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    interrupted = true;
    browser?.close();
  });
}
try {
  server = await startServer({
    userDataDir: options['user-data-dir'],
    extensionsDir: options['extensions-dir'],
    log: options.verbose ? (text) => process.stderr.write(text) : undefined,
  });
  browser = await startBrowser();
  code = await runSuite(await browser.newPage());
} catch (error) {
  console.error(interrupted ? 'Stopped.' : error);
  code = interrupted ? 130 : 1;
} finally {
  await browser?.close().catch(() => {});
  const logs = process.env.VSCODE_HOST_LOGS;
  if (code !== 0 && server && logs) cpSync(join(server.userDataDir, 'logs'), logs, { recursive: true });
  await server?.stop();
}
process.exit(code);

/** `--name=value` and `--name` by name; paths in `paths`. What means nothing here is not looked at. */
function readArguments(args) {
  const read = { paths: [] };
  for (const arg of args) {
    const [, name, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name) read[name] = value ?? true;
    else if (!arg.startsWith('-')) read.paths.push(arg);
  }
  return read;
}

async function runSuite(page) {
  let closingLine;
  // The workbench calls these two functions of its window, where they exist, for the suite's output and result.
  const ended = new Promise((done, fail) => {
    const minutes = Number(options.timeout ?? 5);
    setTimeout(
      () => fail(new Error(`The suite did not end within ${minutes} minutes.`)),
      minutes * 60_000,
    ).unref();
    page.on('close', () => fail(new Error('The window was closed.')));
    page.on('crash', () => fail(new Error('The workbench crashed.')));
    page.exposeFunction('codeAutomationExit', done).catch(fail);
  });
  ended.catch(() => {});
  await page.exposeFunction('codeAutomationLog', (type, args) => {
    const line = format(...args);
    if (CLOSING_LINE.test(line)) closingLine = line;
    if (options.verbose || (type !== 'trace' && type !== 'debug' && !NOISE.test(line))) console.log(line);
  });
  await page.goto(
    workbenchUrl(server, {
      folder: options.paths.find((path) => statSync(path).isDirectory()),
      payload: payload(),
    }),
  );
  const result = await ended;
  if (result === 0 && options.extensionTestsPath && !closingLine) {
    throw new Error(
      'The extension host reported success without the closing line of the suite: it died, or no test ran.',
    );
  }
  return result;
}

function payload() {
  const paths = ['extensionDevelopmentPath', 'extensionTestsPath'];
  const given = paths.filter((name) => options[name]).map((name) => [name, remoteUri(server, options[name])]);
  return options['disable-extensions'] ? [...given, ['disableExtensions', 'true']] : given;
}
