// Starts VS Code's server with its web workbench, as install.sh has put it here, and a headless Chromium to open it in.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of the extension. */
export const root = resolve(here, '../..');

const POINTER = join(root, '.vscode-test', 'host.json');
const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 5_000;

/** Whether install.sh has run. */
export function isInstalled() {
  return existsSync(POINTER);
}

/** What install.sh has put where: VS Code's folder, the Node to run it with, and its version. */
export function installation() {
  if (!isInstalled())
    throw new Error('VS Code is not installed here: run `bash test/vscode/install.sh` first.');
  return JSON.parse(readFileSync(POINTER, 'utf8'));
}

/**
 * Starts a server with a profile of its own.
 * @param {{ userDataDir?: string, extensionsDir?: string, settings?: object, log?: (text: string) => void }} options
 */
export async function startServer({ userDataDir, extensionsDir, settings = {}, log } = {}) {
  const temporary = mkdtempSync(join(tmpdir(), 'hardlint-vscode-'));
  const profile = userDataDir ?? join(temporary, 'user-data');
  const extensions = extensionsDir ?? join(temporary, 'extensions');
  mkdirSync(extensions, { recursive: true });
  writeSettings(profile, settings);

  const token = randomBytes(16).toString('hex');
  const child = spawnServer([
    ...['--host', '127.0.0.1', '--port', '0', '--connection-token', token],
    ...[
      '--server-data-dir',
      join(temporary, 'server-data'),
      '--user-data-dir',
      profile,
      '--extensions-dir',
      extensions,
    ],
    '--disable-workspace-trust',
    '--disable-getting-started-override',
    // Newer workbenches take the paths of an extension and its tests from the URL only with this.
    '--enable-smoke-test-driver',
  ]);
  const stop = async () => {
    await endGroup(child);
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const port = await portOf(child, log);
    return { port, token, userDataDir: profile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Installs a packed extension into a folder of extensions, and gives what the server says to it. */
export async function installExtension(vsix, { extensionsDir, userDataDir }) {
  const child = spawnServer([
    ...[
      '--install-extension',
      vsix,
      '--force',
      '--extensions-dir',
      extensionsDir,
      '--user-data-dir',
      userDataDir,
    ],
    ...['--server-data-dir', userDataDir],
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`Installing ${vsix} ended with ${code}:\n${output}`);
  return output;
}

/** Opens Chromium without a window. */
export async function startBrowser(options = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
    ...options,
  });
}

/**
 * The workbench's address. `payload` holds what the desktop takes as `--extensionDevelopmentPath=...` and the like.
 * @param {{ folder?: string, payload?: string[][] }} options
 */
export function workbenchUrl(server, { folder, payload = [] }) {
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  url.searchParams.set('tkn', server.token);
  if (folder) url.searchParams.set('folder', resolve(folder));
  else url.searchParams.set('ew', 'true');
  url.searchParams.set(
    'payload',
    JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload]),
  );
  return url.toString();
}

/** How the workbench names a file of the machine that the server runs on. */
export function remoteUri(server, path) {
  return `vscode-remote://127.0.0.1:${server.port}${encodeURI(resolve(path))}`;
}

function writeSettings(userDataDir, settings) {
  const folder = join(userDataDir, 'User');
  const file = join(folder, 'settings.json');
  mkdirSync(folder, { recursive: true });
  if (existsSync(file)) return;
  const quiet = {
    'chat.disableAIFeatures': true,
    'extensions.autoCheckUpdates': false,
    'extensions.autoUpdate': false,
    'extensions.ignoreRecommendations': true,
    'files.autoSave': 'off',
    'git.enabled': false,
    'telemetry.telemetryLevel': 'off',
    'workbench.enableExperiments': false,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'workbench.startupEditor': 'none',
  };
  writeFileSync(file, JSON.stringify({ ...quiet, ...settings }, null, 2));
}

function spawnServer(args) {
  const { dir, node } = installation();
  const common = ['--accept-server-license-terms', '--telemetry-level', 'off', '--disable-update-check'];
  const preload = ['--require', join(here, 'die-with-parent.cjs')];
  return spawn(node, [...preload, join(dir, 'out', 'server-main.js'), ...common, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: serverEnvironment(),
    // A process group of its own, so that all of its children end with it.
    detached: true,
  });
}

function serverEnvironment() {
  const noGallery = {
    serviceUrl: '',
    itemUrl: '',
    resourceUrlTemplate: '',
    controlUrl: '',
    recommendationsUrl: '',
  };
  const environment = {
    ...process.env,
    EXTENSIONS_GALLERY: JSON.stringify(noGallery),
    VSCODE_HOST_PARENT: String(process.pid),
  };
  // Set in a terminal of VS Code; they would reach the server's own children.
  for (const name of ['NODE_OPTIONS', 'VSCODE_IPC_HOOK_CLI', 'ELECTRON_RUN_AS_NODE'])
    delete environment[name];
  return environment;
}

function portOf(child, log) {
  let output = '';
  return new Promise((done, fail) => {
    const timer = setTimeout(
      () => fail(new Error(`VS Code's server did not start in time:\n${output}`)),
      START_TIMEOUT,
    );
    child.once('exit', (code) => fail(new Error(`VS Code's server ended with ${code}:\n${output}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
        log?.(String(data));
        const started = /Extension host agent listening on (\d+)/.exec(output);
        if (!started) return;
        clearTimeout(timer);
        done(Number(started[1]));
      });
    }
  });
}

async function endGroup(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((done) => child.once('exit', done));
    signalGroup(child, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_TIMEOUT);
    await gone;
    clearTimeout(timer);
  }
  // Extension hosts and file watchers may outlive the server for a while.
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
