import {
  chmodSync,
  closeSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host, ReadResult } from './host.ts';
import { listFolder } from './list.ts';

/** Larger files are generated or data; nobody mends them by hand. */
const MAX_BYTES = 2 * 1024 * 1024;

/** A NUL byte this near to the start says that a file is no text, as git judges it. */
const BINARY_PROBE = 8 * 1024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The host of a machine with a disk. */
export function createNodeHost(): Host {
  return {
    list: async (root) => listFolder(pathOfUri(root)),
    read: async (uri) => readText(uri),
    kind: async (uri) => kindOf(pathOfUri(uri)),
    mode: async (uri) => modeOf(pathOfUri(uri)),
    write: async (uri, text) => writeWhole(pathOfUri(uri), text),
  };
}

/** The path on this machine that a `file:` URI names. */
function pathOfUri(uri: string): string {
  return fileURLToPath(uri);
}

function kindOf(path: string): 'file' | 'folder' | 'other' | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
  } catch {
    return undefined;
  }
}

/** Windows has no such bits; what Node makes up there says nothing. */
function modeOf(path: string): number | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat.mode & 0o7777 : undefined;
  } catch {
    return undefined;
  }
}

/** A reason that a person understands, for what the file system refused. */
function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return (code && REASONS[code]) ?? `not readable (${code ?? String(error)})`;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'not readable: permission denied',
  EPERM: 'not readable: permission denied',
  ENOENT: 'does not exist',
  ELOOP: 'symbolic link that leads in a circle',
};

/**
 * Reads synchronously: for thousands of small files that is several times faster than a promise for each step, and whoever
 * reads many gives way between batches.
 */
function readText(uri: string): ReadResult {
  try {
    const bytes = readBytes(pathOfUri(uri));
    if (typeof bytes === 'string') return { reason: bytes };
    if (bytes.subarray(0, BINARY_PROBE).includes(0)) return { reason: 'binary' };
    // Without its byte order mark, as editors show a file: offsets and columns agree with theirs. `write` puts it back.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return { reason: 'not valid UTF-8' };
    return { reason: reasonOf(error) };
  }
}

function readBytes(path: string): Buffer | string {
  // A named pipe would block the open, so the kind is asked for first.
  const kind = statSync(path);
  if (!kind.isFile()) return 'not a regular file';
  if (kind.size > MAX_BYTES) return 'larger than 2 MiB';
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    if (size > MAX_BYTES) return 'larger than 2 MiB';
    const bytes = Buffer.allocUnsafe(size);
    let length = 0;
    while (length < size) {
      const count = readSync(file, bytes, length, size - length, length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a file so that everyone sees the old text or the new one, never a half: into a file beside it, which then takes its
 * place. Its mode and its byte order mark stay, and a symbolic link stays a link.
 */
function writeWhole(path: string, text: string): void {
  if (kindOf(path) !== 'file') {
    writeFileSync(path, text);
    return;
  }
  const target = realpathSync(path);
  const { mode } = statSync(target);
  const bytes = Buffer.from(text, 'utf8');
  const temporary = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, startsWithMark(target) ? Buffer.concat([BYTE_ORDER_MARK, bytes]) : bytes, {
      flag: 'wx',
      mode,
    });
    chmodSync(temporary, mode);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function startsWithMark(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(BYTE_ORDER_MARK.length);
    readSync(file, head, 0, head.length, 0);
    return head.equals(BYTE_ORDER_MARK);
  } finally {
    closeSync(file);
  }
}
