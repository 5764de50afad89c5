import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '../../server/host/node.ts';
import { normaliseUri, relativePath } from '../../syntaxes/uri.ts';

let folder = '';
const host = createNodeHost();

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'hardlint-host-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function uriOf(path: string): string {
  return normaliseUri(pathToFileURL(join(folder, path)).href).replace(/\/$/, '');
}

function put(path: string, content: string | Buffer = ''): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

async function listed(path = '.'): Promise<readonly string[]> {
  const { files } = await host.list(uriOf(path));
  return files.map((uri) => relativePath(uriOf('.'), uri) ?? uri);
}

describe('listing', () => {
  test('gives all files sorted, under normalised URIs', async () => {
    for (const path of ['b/compose.yaml', 'a (1)/ü#%.yml', '.env', 'z.png']) put(path);
    expect(await listed()).toEqual(['.env', 'a (1)/ü#%.yml', 'b/compose.yaml', 'z.png']);
    const { files } = await host.list(uriOf('.'));
    expect(files.map(normaliseUri)).toEqual(files);
  });

  test('passes over what is not of the project', async () => {
    for (const name of ['.git', 'node_modules', 'vendor', '.venv', 'x/node_modules'])
      put(`${name}/compose.yaml`);
    for (const name of ['dist', 'build', 'vendors']) put(`${name}/compose.yaml`);
    expect(await listed()).toEqual(['build/compose.yaml', 'dist/compose.yaml', 'vendors/compose.yaml']);
    // Whoever names such a folder wants it.
    expect(await listed('vendor')).toEqual(['vendor/compose.yaml']);
  });

  test('agrees with git about .gitignore files, in every folder', async () => {
    put('.gitignore', '*.log\n/dist\nlogs/\n!keep.log\n# a comment\nsecret?.yaml\n');
    put('sub/.gitignore', '!b.log\n/only-here.yaml\nsub2/*.yaml\n');
    put('.git/info/exclude', 'mine.yaml\n');
    const paths = [
      'a.log',
      'keep.log',
      'dist/a.yaml',
      'sub/dist/a.yaml',
      'logs/a.yaml',
      'sub/logs/a.yaml',
      'mine.yaml',
    ];
    paths.push(
      'sub/b.log',
      'sub/only-here.yaml',
      'sub/x/only-here.yaml',
      'sub/sub2/a.yaml',
      'secret1.yaml',
      'sub/mine.yaml',
    );
    for (const path of paths) put(path);
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    put('.git/info/exclude', 'mine.yaml\n');
    const byGit = execFileSync('git', ['ls-files', '--others', '--exclude-standard'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(await listed()).toEqual(byGit.trim().split('\n').sort());
    expect(await listed('sub')).toEqual((await listed()).filter((path) => path.startsWith('sub/')));
    // Whoever names an ignored folder wants it.
    expect(await listed('logs')).toEqual(['logs/a.yaml']);
  });

  test('names symbolic links that lead in a circle or nowhere, and follows all others once', async () => {
    put('a/compose.yaml');
    put('b/nginx.conf');
    const outside = mkdtempSync(join(tmpdir(), 'hardlint-outside-'));
    writeFileSync(join(outside, 'out.yaml'), '');
    symlinkSync('..', join(folder, 'a/up'));
    symlinkSync('me', join(folder, 'a/me'));
    symlinkSync('gone', join(folder, 'a/nowhere'));
    symlinkSync('../b', join(folder, 'a/b'));
    symlinkSync('../b/nginx.conf', join(folder, 'a/enabled.conf'));
    symlinkSync(outside, join(folder, 'a/out'));
    symlinkSync(outside, join(folder, 'a/out2'));
    const { skipped } = await host.list(uriOf('.'));
    expect(await listed()).toEqual(['a/compose.yaml', 'a/enabled.conf', 'a/out/out.yaml', 'b/nginx.conf']);
    expect(skipped.map(({ uri, reason }) => [relativePath(uriOf('.'), uri), reason])).toEqual([
      ['a/me', 'symbolic link that leads in a circle'],
      ['a/nowhere', 'symbolic link that leads nowhere'],
      ['a/up', 'symbolic link that leads in a circle'],
    ]);
    rmSync(outside, { recursive: true });
  });

  test('names a folder that cannot be listed', async () => {
    const { files, skipped } = await host.list(uriOf('gone'));
    expect(files).toEqual([]);
    expect(skipped).toEqual([{ uri: uriOf('gone'), reason: 'folder is not readable (ENOENT)' }]);
  });
});

describe('reading', () => {
  const read = async (content: string | Buffer) => {
    put('f.yaml', content);
    return host.read(uriOf('f.yaml'));
  };

  test('gives the text as it is, line endings and all', async () => {
    expect(await read('a: 1\r\nb: ü 🔑\rc\n')).toEqual({ text: 'a: 1\r\nb: ü 🔑\rc\n' });
    expect(await read('')).toEqual({ text: '' });
  });

  test('leaves a byte order mark out, as editors do', async () => {
    expect(await read('\ufeffa: 1\n')).toEqual({ text: 'a: 1\n' });
  });

  test.each([
    ['binary', Buffer.from('a: 1\0b')],
    ['binary', Buffer.from('\ufeffa: 1\n', 'utf16le')],
    ['not valid UTF-8', Buffer.from([0x61, 0xe4, 0x62])],
    ['larger than 2 MiB', Buffer.alloc(5 * 1024 * 1024, 'a')],
  ])('says why not: %s', async (reason, content) => {
    expect(await read(content)).toEqual({ reason });
  });

  test('takes a file of just 2 MiB, and a NUL far behind the start', async () => {
    expect(await read(Buffer.alloc(2 * 1024 * 1024, 'a'))).toHaveProperty('text');
    expect(await read(`${'a'.repeat(9000)}\0`)).toHaveProperty('text');
  });

  test('says why not for what has vanished, a folder and a pipe that would block', async () => {
    put('f.yaml');
    unlinkSync(join(folder, 'f.yaml'));
    expect(await host.read(uriOf('f.yaml'))).toEqual({ reason: 'does not exist' });
    expect(await host.read(uriOf('.'))).toEqual({ reason: 'not a regular file' });
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    expect(await host.read(uriOf('pipe.yaml'))).toEqual({ reason: 'not a regular file' });
  });
});

describe('writing', () => {
  test('puts a byte order mark back and leaves no other file', async () => {
    put('f.yaml', '\ufeffa: 1\n');
    await host.write(uriOf('f.yaml'), 'a: 2\n');
    expect(readFileSync(join(folder, 'f.yaml'), 'utf8')).toBe('\ufeffa: 2\n');
    expect(readdirSync(folder)).toEqual(['f.yaml']);
  });

  test('makes a new file, but no folder for it', async () => {
    await host.write(uriOf('new.json'), '{}');
    expect(readFileSync(join(folder, 'new.json'), 'utf8')).toBe('{}');
    await expect(host.write(uriOf('no/new.json'), '{}')).rejects.toThrow(/ENOENT/);
  });
});

test('kinds of what is there', async () => {
  put('f.yaml');
  expect(await host.kind(uriOf('f.yaml'))).toBe('file');
  expect(await host.kind(uriOf('.'))).toBe('folder');
  expect(await host.kind(uriOf('gone'))).toBeUndefined();
  expect(await host.kind(uriOf('f.yaml/x'))).toBeUndefined();
});
