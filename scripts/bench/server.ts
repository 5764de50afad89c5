import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { bundle, type Measure, median, quantile } from './measure.ts';

/** How many files the large workspace has. */
const MANY = 10_000;

/** Keystrokes that are not counted. */
const WARM_UP = 10;

/** Latencies of the real server over stdio. */
export async function server(): Promise<Measure[]> {
  const empty = await session(0);
  const small = await empty.keystrokes(composeOf(1_000), 60);
  const large = await empty.keystrokes(composeOf(10_000), 20);
  const opened = await empty.openings(30);
  await empty.stop();
  const full = await session(MANY);
  const among = await full.keystrokes(composeOf(1_000), 60);
  const memory = full.residentMegabytes();
  await full.stop();
  return [
    {
      name: 'keystroke to diagnostics, 1,000-line Compose file, p95',
      value: quantile(small, 0.95),
      unit: 'ms',
      target: 30,
    },
    {
      name: 'keystroke to diagnostics, 10,000-line Compose file, p95',
      value: quantile(large, 0.95),
      unit: 'ms',
      target: 250,
    },
    {
      name: `keystroke among ${MANY} indexed files / in an empty workspace`,
      value: median(among) / median(small),
      unit: 'x',
      target: 1.5,
    },
    { name: 'open file to first diagnostics, p95', value: quantile(opened, 0.95), unit: 'ms', target: 60 },
    ...(memory === undefined
      ? []
      : [{ name: `resident memory with ${MANY} files indexed`, value: memory, unit: 'MB', target: 300 }]),
  ];
}

interface Session {
  keystrokes(text: string, count: number): Promise<number[]>;
  openings(count: number): Promise<number[]>;
  residentMegabytes(): number | undefined;
  stop(): Promise<void>;
}

async function session(files: number): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'hardlint-bench-'));
  fill(folder, files);
  const child = spawn(process.execPath, [bundle('server.js'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.onRequest(() => null);
  connection.listen();
  await initialise(connection, folder, files);
  return {
    keystrokes: (text, count) => keystrokes(connection, folder, text, count),
    openings: (count) => openings(connection, folder, count),
    residentMegabytes: () => residentMegabytes(child),
    stop: async () => {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function initialise(connection: MessageConnection, folder: string, files: number): Promise<void> {
  const scanned = new Promise<void>((resolve) => {
    connection.onNotification('$/progress', ({ value }: { value: { kind: string } }) => {
      if (value.kind === 'end') resolve();
    });
  });
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'bench' }],
    capabilities: {
      textDocument: { diagnostic: {} },
      window: { workDoneProgress: true },
      workspace: { workspaceFolders: true },
    },
  });
  await connection.sendNotification('initialized', {});
  // A scan that takes long shows its progress. The report waits for all files too, but what it takes itself is not what is measured.
  await (files > 0 ? scanned : connection.sendRequest('hardlint/report', {}));
}

async function keystrokes(
  connection: MessageConnection,
  folder: string,
  text: string,
  count: number,
): Promise<number[]> {
  const uri = pathToFileURL(join(folder, `typed-${text.length}`, 'compose.yaml')).href;
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'yaml', version: 0, text },
  });
  await pull(connection, uri);
  const lines = text.split('\n');
  const line = lines.findIndex((content, i) => i > lines.length / 2 && content.includes('image:'));
  const end = { line, character: lines[line]?.length ?? 0 };
  const times: number[] = [];
  for (let version = 1; version <= count + WARM_UP; version++) {
    // A digit is typed and taken back in turn, so that the file stays what it is.
    const change =
      version % 2 === 1
        ? { range: { start: end, end }, text: '1' }
        : { range: { start: end, end: { line, character: end.character + 1 } }, text: '' };
    const start = performance.now();
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [change],
    });
    await pull(connection, uri);
    if (version > WARM_UP) times.push(performance.now() - start);
  }
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  return times;
}

async function openings(connection: MessageConnection, folder: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const uri = pathToFileURL(join(folder, `opened-${i}`, 'compose.yaml')).href;
    const start = performance.now();
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 0, text: composeOf(300, i) },
    });
    await pull(connection, uri);
    times.push(performance.now() - start);
    await connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }
  return times;
}

function pull(connection: MessageConnection, uri: string): Promise<unknown> {
  return connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } });
}

/** A Compose file of about so many lines, with findings of several rules. */
function composeOf(lines: number, seed = 0): string {
  const services = Array.from({ length: Math.ceil(lines / 10) }, (_, i) =>
    [
      `  service-${seed}-${i}:`,
      `    image: redis:7.${i}`,
      '    ports:',
      `      - "${6000 + i}:6379"`,
      '    environment:',
      '      LOG_LEVEL: info',
      '    secrets:',
      '      - source: key',
      '        mode: 0444',
      '    restart: always',
    ].join('\n'),
  );
  return `services:\n${services.join('\n')}\nsecrets:\n  key:\n    file: ./key\n`;
}

function fill(folder: string, files: number): void {
  for (let i = 0; i < files; i += 2) {
    const project = join(folder, `group-${i % 100}`, `project-${i}`);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'compose.yaml'), composeOf(60, i).replace('image: redis:7.0', 'build: .'));
    writeFileSync(
      join(project, 'Dockerfile'),
      `FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci && echo ${i}\nCMD ["node", "main.js"]\n`,
    );
  }
  if (files > 0) cpSync(join(folder, 'group-0'), join(folder, 'copy'), { recursive: true });
}

function residentMegabytes(child: ChildProcess): number | undefined {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  } catch {
    return undefined; // only Linux says it this way
  }
}
