import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECRET_0444 } from '../support/cli.ts';

/* The command as it is shipped, in a process of its own: `npm test` builds it first. */

const bundle = join(import.meta.dirname, '../../dist/cli.js');
let folder = '';

beforeAll(() => {
  if (!existsSync(bundle)) throw new Error('dist/cli.js is missing: run `npm run build` first.');
  folder = mkdtempSync(join(tmpdir(), 'hardlint-process-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...argv: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [bundle, ...argv], { cwd: folder });
}

function exitOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}

async function output(child: ChildProcessWithoutNullStreams): Promise<string> {
  const parts: Buffer[] = [];
  child.stdout.on('data', (part) => parts.push(part));
  await exitOf(child);
  return Buffer.concat(parts).toString('utf8');
}

describe('the command in a process', () => {
  test('prints a report of several megabytes as a whole, also to a reader that is slow', async () => {
    const services = Array.from(
      { length: 500 },
      (_, i) => `  s${i}:\n    image: nginx\n    ports:\n      - "${1000 + i}:80"\n`,
    );
    mkdirSync(join(folder, 'many'));
    writeFileSync(join(folder, 'many/compose.yaml'), `services:\n${services.join('')}`);
    const child = start(
      'many',
      '--format',
      'sarif',
      '--rule',
      'compose/image-unpinned',
      '--rule',
      'compose/port-all-interfaces',
    );
    child.stdout.pause();
    setTimeout(() => child.stdout.resume(), 1500);
    const text = await output(child);
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(JSON.parse(text).runs[0].results).toHaveLength(1000);
  });

  test('ends quietly when nobody reads on', async () => {
    const child = start('--list-rules');
    let errors = '';
    child.stderr.on('data', (part) => {
      errors += part;
    });
    child.stdout.destroy();
    await exitOf(child);
    expect(errors).toBe('');
  });

  test('reports and says by its exit code what it came to', async () => {
    mkdirSync(join(folder, 'one'));
    writeFileSync(join(folder, 'one/compose.yaml'), SECRET_0444);
    const child = start('one');
    const ended = exitOf(child);
    expect(await output(child)).toContain('one/compose.yaml:9:15');
    expect(await ended).toBe(1);
    expect(await exitOf(start('nowhere'))).toBe(2);
    expect(await exitOf(start('one', '--fail-on', 'none'))).toBe(0);
  });

  test('finds its TypeScript parser beside it', async () => {
    mkdirSync(join(folder, 'loader'));
    writeFileSync(
      join(folder, 'loader/config.ts'),
      `import fs from 'node:fs';
import yaml from 'js-yaml';

export const config = yaml.load(fs.readFileSync('config/config.yaml', 'utf8')) as { port: number };
`,
    );
    expect(await output(start('loader'))).toContain('script/yaml-only-config');
  });

  test('`lsp --stdio` is the language server', async () => {
    const child = start('lsp', '--stdio');
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { processId: null, rootUri: null, capabilities: { textDocument: { diagnostic: {} } } },
    });
    const answer = new Promise<string>((resolve) => {
      let text = '';
      child.stdout.on('data', (part) => {
        text += part;
        if (text.includes('"capabilities"')) resolve(text);
      });
    });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    expect(await answer).toContain('"hoverProvider":true');
    child.kill();
    await exitOf(child);
  });
});
