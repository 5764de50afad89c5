import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Prefix } from '../../scripts/judge/binary.ts';
import { render } from '../../scripts/judge/render.ts';

/** An nginx that serves a configuration on the loopback device. */
export interface Served {
  ask(question: Question): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Question {
  /** As it is sent: nothing is resolved. */
  readonly path: string;
  /** The port of the configuration, 80 where none is given; 443 speaks TLS. */
  readonly port?: number;
  readonly host?: string;
  /** The address that the request comes from: all of 127.0.0.0/8 is the loopback device. */
  readonly from?: string;
}

export interface Answer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Serves a file of a site; paths of contents are those of the configuration. */
export async function serve(
  prefix: Prefix,
  config: string,
  contents: Readonly<Record<string, string>>,
): Promise<Served> {
  for (const [path, text] of Object.entries(contents)) {
    const file = join(prefix.folder, 'root', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const numbers = [...config.matchAll(/listen\s+(?:\S*:)?(\d+)/g)].map(([, port]) => Number(port));
  const ports = new Map<number, number>();
  for (const number of numbers) ports.set(number, ports.get(number) ?? (await freePort()));
  const portOf = (number: number) => ports.get(number) ?? number;
  const uri = 'file:///workspace/nginx/conf.d/app.conf';
  const text = render({ uris: [uri], textOf: (file) => (file === uri ? config : undefined) }, uri, {
    prefix,
    wrap: /^http\s*\{/m.test(config) ? 'none' : 'http',
    shims: [{ add: certificateOf(prefix) }],
    ports: portOf,
  });
  const file = join(prefix.folder, 'served.conf');
  writeFileSync(file, text);
  const nginx = spawn('nginx', ['-e', 'stderr', '-p', prefix.folder, '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = stopper(nginx);
  try {
    await Promise.all([...ports.values()].map((port) => isOpen(nginx, port)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ask: (question) => ask(question, portOf(question.port ?? 80)), stop };
}

function certificateOf({ certificate, key }: Prefix): string {
  return `ssl_certificate ${certificate}; ssl_certificate_key ${key};`;
}

/** A server that answers everything with what it was asked for, for nginx to pass requests on to. */
export async function startBackend(): Promise<{ readonly port: number; stop(): void }> {
  const server = createServer((asked, response) => {
    response.setHeader('X-Powered-By', 'backend');
    response.end(`backend ${asked.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Ends the process for certain, also where the tests end before. */
function stopper(nginx: ChildProcess): () => Promise<void> {
  const kill = () => nginx.kill('SIGKILL');
  const ended = new Promise<void>((resolve) => nginx.once('exit', () => resolve()));
  process.once('exit', kill);
  return async () => {
    kill();
    await ended;
    process.removeListener('exit', kill);
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isOpen(nginx: ChildProcess, port: number): Promise<void> {
  let said = '';
  nginx.stderr?.on('data', (data) => {
    said += data;
  });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${said}`);
    if (await answers(port)) return;
    await delay(50);
  }
  throw new Error(`nginx does not listen: ${said}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function ask({ path, port, host = 'app.example.com', from }: Question, at: number): Promise<Answer> {
  const send = port === 443 ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: at,
      path,
      agent: false,
      headers: { host },
      rejectUnauthorized: false,
      ...(from && { localAddress: from }),
    };
    send(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') resolve({ status: 0, headers: {}, body: '' });
        else reject(error);
      })
      .end();
  });
}
