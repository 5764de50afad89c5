import { describe, expect, test } from 'vitest';
import { loadWorkspace } from '../../server/host/load.ts';
import { createMemoryHost, type MemoryHostOptions } from '../../server/host/memory.ts';
import { loadScriptParser } from '../../server/host/script-parser.ts';
import { at, redRule, toyWorkspace } from '../support/toy.ts';

function load(files: Record<string, string>, options: MemoryHostOptions = {}) {
  const byUri = Object.fromEntries(Object.entries(files).map(([path, text]) => [at(path), text]));
  const memory = createMemoryHost(byUri, options);
  const read: string[] = [];
  const host = {
    ...memory,
    read: async (uri: string) => {
      read.push(uri);
      return memory.read(uri);
    },
  };
  return { host, read, workspace: toyWorkspace({}, { rules: [redRule] }) };
}

describe('loading a workspace', () => {
  test('reads the files that may be analysed, and knows the others by name', async () => {
    const { host, read, workspace } = load({ 'a.yaml': 'a', 'logo.png': 'x', 'sub/b.conf': 'b' });
    await loadWorkspace({ host, workspace });
    expect(read).toEqual([at('a.yaml'), at('sub/b.conf')]);
    expect(workspace.textOf(at('a.yaml'))).toBe('a');
    // A name that is known already changes nothing.
    expect(workspace.addNames([at('logo.png')])).toBe(false);
    expect(workspace.addNames([at('other.png')])).toBe(true);
  });

  test('reads configuration first, with what it extends', async () => {
    const { host, read, workspace } = load({
      'a.yaml': 'a',
      'sub/.hardlint.yaml': 'extends: [../team.conf-yaml]\n',
      'team.conf-yaml': 'rules: {toy/red: low}\n',
    });
    await loadWorkspace({ host, workspace });
    expect(read).toEqual([at('sub/.hardlint.yaml'), at('team.conf-yaml'), at('a.yaml')]);
    expect(workspace.settingsFor(at('sub/x.toy')).rules[0]?.severity).toBe('low');
  });

  test('reads extra files whatever their names', async () => {
    const { host, workspace } = load({ 'a.toy': 'color: red\n' });
    await loadWorkspace({ host, workspace, extra: [at('a.toy')] });
    expect(workspace.check(at('a.toy')).findings).toHaveLength(1);
  });

  test('says what could not be read or listed, sorted', async () => {
    const { host, workspace } = load(
      { 'c.yaml': 'c' },
      {
        unreadable: { [at('b.yaml')]: 'binary' },
        skipped: [{ uri: at('a'), reason: 'folder is not readable' }],
      },
    );
    const { notAnalysed } = await loadWorkspace({ host, workspace });
    expect(notAnalysed).toEqual([
      { uri: at('a'), reason: 'folder is not readable' },
      { uri: at('b.yaml'), reason: 'binary' },
    ]);
    expect(workspace.textOf(at('c.yaml'))).toBe('c');
  });

  test('tells how far it is and stops when it is cancelled', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}.yaml`, 'a']));
    const whole = load(many);
    const seen: [number, number][] = [];
    await loadWorkspace({ ...whole, onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual([100, 100]);
    const cancelled = load(many);
    let asked = 0;
    await loadWorkspace({ ...cancelled, isCancelled: () => ++asked > 1 });
    expect(cancelled.read.length).toBeGreaterThan(0);
    expect(cancelled.read.length).toBeLessThan(100);
  });
});

test('the TypeScript parser is found when running from source', () => {
  const parse = () =>
    loadScriptParser().parse('const x: number = 1', {
      range: true,
      loc: false,
      sourceType: 'module',
      ecmaFeatures: { jsx: false },
      jsDocParsingMode: 'none',
    });
  expect(parse()).toMatchObject({ type: 'Program' });
});
