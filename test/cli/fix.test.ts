import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPatch, parsePatch } from 'diff';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryHost } from '../../server/host/memory.ts';
import { createNodeHost } from '../../server/host/node.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { ONLY_MODE, runCli, SECRET_0444 } from '../support/cli.ts';
import { ROOT } from '../support/workspace.ts';

const URI = joinUri(ROOT, 'compose.yaml');
const MENDED = SECRET_0444.replace('mode: 0444', 'mode: 0400');

describe('--fix', () => {
  test('writes the safe fixes, reports what is left, and does nothing the second time', async () => {
    const files = { 'compose.yaml': SECRET_0444, 'b/compose.yaml': SECRET_0444 };
    const first = await runCli([...ONLY_MODE, '--fix'], files);
    expect(first.code).toBe(0);
    expect(first.stderr).toBe('Mended 2 findings in 2 files.\n');
    expect(first.stdout).toBe('Clean: nothing was found in 2 files.\n');
    expect([...first.host.files.values()]).toEqual([MENDED, MENDED]);
    const second = await runCli([...ONLY_MODE, '--fix'], {}, { host: first.host });
    expect(second.stderr).toBe('There is nothing that can be mended safely.\n');
    expect(second.host.written).toHaveLength(2);
  });

  test('mends everything that is safe with all rules on, and again nothing the second time', async () => {
    const text = `${SECRET_0444.replace('    user: root\n', '    ports:\n      - "8080:80"\n')}`;
    const first = await runCli(['--fix', '--profile', 'strict'], {
      'compose.yaml': text,
      'app/compose.yaml': text,
    });
    const after = new Map(first.host.files);
    await runCli(['--fix', '--profile', 'strict'], {}, { host: first.host });
    expect(first.host.files).toEqual(after);
    const json = await runCli(['--format', 'json', '--profile', 'strict'], {}, { host: first.host });
    const fixes = JSON.parse(json.stdout).findings.map(
      (finding: { fixes: { safety: string }[] }) => finding.fixes[0]?.safety,
    );
    expect(fixes).not.toContain('safe');
  });

  test('leaves what a comment keeps quiet', async () => {
    const quiet = SECRET_0444.replace(
      'mode: 0444',
      'mode: 0444 # hardlint-ignore compose/secret-world-readable: everyone reads it',
    );
    const { host } = await runCli([...ONLY_MODE, '--fix'], { 'compose.yaml': quiet });
    expect(host.written).toEqual([]);
  });

  test('touches only the files that were named', async () => {
    const files = { 'a/compose.yaml': SECRET_0444, 'b/compose.yaml': SECRET_0444 };
    const { host } = await runCli([...ONLY_MODE, '--fix', 'a'], files);
    expect(host.written).toEqual([joinUri(ROOT, 'a/compose.yaml')]);
  });

  test('leaves a file that somebody else changes meanwhile', async () => {
    const memory = createMemoryHost({ [URI]: SECRET_0444 });
    let reads = 0;
    const host = {
      ...memory,
      read: async (uri: string) =>
        ++reads === 1 ? memory.read(uri) : { text: `# someone was here\n${SECRET_0444}` },
    };
    const { code, stdout, stderr } = await runCli([...ONLY_MODE, '--fix'], {}, { host });
    expect(memory.written).toEqual([]);
    expect(code).toBe(1);
    expect(stdout).toContain('compose/secret-world-readable');
    expect(stderr).toContain('Not mended: compose.yaml, it changed while hardlint ran.');
    expect(stderr).not.toContain('Mended 1');
  });

  test('goes on where one file cannot be written', async () => {
    const memory = createMemoryHost({ [URI]: SECRET_0444, [joinUri(ROOT, 'b/compose.yaml')]: SECRET_0444 });
    const host = {
      ...memory,
      write: async (uri: string, text: string) => {
        if (uri === URI) throw Object.assign(new Error('no'), { code: 'EROFS' });
        await memory.write(uri, text);
      },
    };
    const { code, stderr } = await runCli([...ONLY_MODE, '--fix'], {}, { host });
    expect(code).toBe(1);
    expect(stderr).toContain('Mended 1 finding in 1 file.');
    expect(stderr).toContain('Not mended: compose.yaml, it cannot be written (EROFS).');
    expect(memory.written).toEqual([joinUri(ROOT, 'b/compose.yaml')]);
  });
});

describe('--dry-run', () => {
  test('prints a diff that leads to what --fix writes, and writes nothing', async () => {
    const files = { 'compose.yaml': SECRET_0444 };
    const { code, stdout, stderr, host } = await runCli([...ONLY_MODE, '--dry-run'], files);
    expect(host.written).toEqual([]);
    expect(stderr).toBe('Would mend 1 finding in 1 file.\n');
    expect(stdout).toContain('--- a/compose.yaml\n+++ b/compose.yaml\n');
    expect(stdout).toContain('-        mode: 0444\n+        mode: 0400\n');
    const [patch] = parsePatch(stdout);
    expect(patch && applyPatch(SECRET_0444, patch)).toBe(MENDED);
    // The files are as they were, so the findings still count.
    expect(code).toBe(1);
  });

  test('prints nothing where nothing can be mended', async () => {
    const { code, stdout } = await runCli(['--dry-run'], { 'compose.yaml': 'services: {}\n' });
    expect([code, stdout]).toEqual([0, '']);
  });

  test('goes to --output', async () => {
    const { host } = await runCli([...ONLY_MODE, '--dry-run', '-o', 'fix.patch'], {
      'compose.yaml': SECRET_0444,
    });
    expect(host.files.get(joinUri(ROOT, 'fix.patch'))).toContain('+        mode: 0400');
  });
});

describe('on a disk, --fix', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hardlint-fix-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const fix = () =>
    runCli([...ONLY_MODE, '--fix', folder], {}, { host: createNodeHost() as never, cwd: folder });

  test.each([
    ['LF', SECRET_0444],
    ['CRLF', SECRET_0444.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${SECRET_0444}`],
    ['no line ending at the end', SECRET_0444.trimEnd()],
    ['both line endings', SECRET_0444.replace('\n', '\r\n')],
    ['letters of several bytes', `# Schlüssel für 鍵 🔑\n${SECRET_0444}`],
  ])('keeps every other byte of a file with %s', async (_, text) => {
    const file = join(folder, 'compose.yaml');
    writeFileSync(file, text);
    await fix();
    expect(readFileSync(file).equals(Buffer.from(text.replace('mode: 0444', 'mode: 0400')))).toBe(true);
  });

  test('keeps the mode of the file and a link to it, and leaves no other file', async () => {
    mkdirSync(join(folder, 'real'));
    const file = join(folder, 'real/compose.yaml');
    writeFileSync(file, SECRET_0444);
    chmodSync(file, 0o640);
    symlinkSync('real/compose.yaml', join(folder, 'compose.yaml'));
    const { stderr } = await fix();
    expect(stderr).not.toContain('Not mended');
    expect(readFileSync(file, 'utf8')).toBe(MENDED);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const { files } = await createNodeHost().list(joinUri('file:///', folder));
    expect(files.map((uri) => uri.slice(uri.lastIndexOf('/') + 1))).toEqual(['compose.yaml', 'compose.yaml']);
  });
});
