import { describe, expect, test } from 'vitest';
import type { Edit } from '../rules/core/rule.ts';
import {
  addKey,
  appendItem,
  indentStep,
  isPlainSafe,
  type NewKey,
  removeItem,
  removePair,
  setBlock,
  setScalar,
} from '../rules/core/yaml-edits.ts';
import { parseYaml } from '../syntaxes/yaml/parse.ts';
import {
  asMap,
  asScalar,
  asSeq,
  pairOf,
  valueAt,
  type YamlMap,
  type YamlNode,
} from '../syntaxes/yaml/tree.ts';

/* Each edit is judged by the text that it leads to, and that text must still be YAML. */

describe('setScalar', () => {
  const set = (text: string, value: string) => edit(text, (root) => setScalar(scalar(root, 'a'), value));

  test('keeps the quotes that are there', () => {
    expect(set('a: 0444 # why\n', '0400')).toBe('a: 0400 # why\n');
    expect(set('a: "0444"\n', '0400')).toBe('a: "0400"\n');
    expect(set("a: '0444'", '0400')).toBe("a: '0400'");
  });

  test('escapes what the quotes need', () => {
    expect(set('a: "x"\n', 'say "no" \\ yes')).toBe('a: "say \\"no\\" \\\\ yes"\n');
    expect(set("a: 'x'\n", "it's")).toBe("a: 'it''s'\n");
  });

  test('puts a text in quotes that is no plain string', () => {
    expect(set('a: x\n', 'b: c')).toBe('a: "b: c"\n');
    expect(set('a: x\n', '22:30')).toBe('a: "22:30"\n');
    expect(set('a: x\n', '*')).toBe('a: "*"\n');
    expect(set('a: x\n', 'on # off')).toBe('a: "on # off"\n');
  });

  test('leaves anchor, tag and line endings alone', () => {
    expect(set('a: &mode 0444\r\nb: *mode\r\n', '0400')).toBe('a: &mode 0400\r\nb: *mode\r\n');
    expect(set('a: !!str 0444\n', '0400')).toBe('a: !!str 0400\n');
  });

  test('gives up on block scalars', () => {
    expect(set('a: |\n  0444\n', '0400')).toBeUndefined();
    expect(set('a: >-\n  0444\n', '0400')).toBeUndefined();
  });
});

describe('addKey', () => {
  const add = (text: string, added: NewKey, ...path: string[]) =>
    edit(text, (root) => addKey(text, map(root, ...path), added));
  const KEY: NewKey = { key: 'k', value: 'v' };

  test('adds to the end, whatever the last value is', () => {
    expect(add('a: 1\nb: 2\n', KEY)).toBe('a: 1\nb: 2\nk: v\n');
    expect(add('a: 1\nb:\n  c: 2\n', KEY)).toBe('a: 1\nb:\n  c: 2\nk: v\n');
    expect(add('a: 1\nb:\n  - c\n  - d: 1\n    e: 2\n', KEY)).toBe(
      'a: 1\nb:\n  - c\n  - d: 1\n    e: 2\nk: v\n',
    );
    expect(add('a: 1\nb: [1,\n  2]\n', KEY)).toBe('a: 1\nb: [1,\n  2]\nk: v\n');
    expect(add('a: 1\nb: "two\n  lines"\n', KEY)).toBe('a: 1\nb: "two\n  lines"\nk: v\n');
    expect(add('a: 1\nb: |\n  text\n  # no comment\n\n', KEY)).toBe(
      'a: 1\nb: |\n  text\n  # no comment\nk: v\n\n',
    );
    expect(add('a: 1\nb:\n', KEY)).toBe('a: 1\nb:\nk: v\n');
    expect(add('a: 1\nb: *x\n', KEY)).toBe('a: 1\nb: *x\nk: v\n');
  });

  test('keeps the empty lines of a block scalar that wants them', () => {
    expect(add('b: |+\n  text\n\n\nc: 1\n', { ...KEY, after: ['b'] })).toBe(
      'b: |+\n  text\n\n\nk: v\nc: 1\n',
    );
  });

  test('needs no line ending at the end of the file', () => {
    expect(add('a: 1\nb: 2', KEY)).toBe('a: 1\nb: 2\nk: v');
    expect(add('s:\n  a: 1', KEY, 's')).toBe('s:\n  a: 1\n  k: v');
  });

  test('takes over CRLF', () => {
    expect(add('s:\r\n  a: 1\r\n  b: 2\r\n', { key: 'k', block: ['x: 1'], after: ['a'] }, 's')).toBe(
      's:\r\n  a: 1\r\n  k:\r\n    x: 1\r\n  b: 2\r\n',
    );
  });

  test('goes behind the last of the keys that it shall follow', () => {
    const text = 's:\n  image: a\n  ports: [1]\n  build: .\n  user: b\n';
    expect(add(text, { ...KEY, after: ['build', 'image', 'other'] }, 's')).toBe(
      's:\n  image: a\n  ports: [1]\n  build: .\n  k: v\n  user: b\n',
    );
  });

  test('leaves comments with what they belong to', () => {
    const text = 's:\n  image: a # pinned\n  # the ports\n  ports: [1]\n';
    expect(add(text, { ...KEY, after: ['image'] }, 's')).toBe(
      's:\n  image: a # pinned\n  k: v\n  # the ports\n  ports: [1]\n',
    );
    const deep = 's:\n  image: a\n  env:\n    A: b\n    # C: d\n    # E: f\n  user: x\n';
    expect(add(deep, { ...KEY, after: ['env'] }, 's')).toBe(
      's:\n  image: a\n  env:\n    A: b\n    # C: d\n    # E: f\n  k: v\n  user: x\n',
    );
  });

  test('copies the indentation of its neighbours', () => {
    expect(add('s:\n    a:\n       x: 1\n', { key: 'k', block: ['y: 1', '  - z'] }, 's')).toBe(
      's:\n    a:\n       x: 1\n    k:\n       y: 1\n          - z\n',
    );
    expect(add('s:\n    a: 1\n', { key: 'k', block: ['y:', '  z: 1'] }, 's')).toBe(
      's:\n    a: 1\n    k:\n        y:\n            z: 1\n',
    );
  });

  test('writes lists as the file does', () => {
    expect(add('s:\n  a:\n    - 1\n', { key: 'k', block: ['- ALL'] }, 's')).toBe(
      's:\n  a:\n    - 1\n  k:\n    - ALL\n',
    );
    expect(add('s:\n  a:\n  - 1\n', { key: 'k', block: ['- ALL'] }, 's')).toBe(
      's:\n  a:\n  - 1\n  k:\n  - ALL\n',
    );
  });

  test('adds to a map inside a list, also one with a single key', () => {
    expect(add('l:\n  - source: x\n    target: y\n', { ...KEY, after: ['source'] }, 'l', '0')).toBe(
      'l:\n  - source: x\n    k: v\n    target: y\n',
    );
    expect(add('l:\n  - source: x\n  - z\n', KEY, 'l', '0')).toBe('l:\n  - source: x\n    k: v\n  - z\n');
    expect(add('l:\n- source: x\n', KEY, 'l', '0')).toBe('l:\n- source: x\n  k: v\n');
  });

  test('adds to flow style', () => {
    expect(add('s: { a: 1 }\n', KEY, 's')).toBe('s: { a: 1, k: v }\n');
    expect(add('s: {a: 1,}\n', KEY, 's')).toBe('s: {a: 1, k: v,}\n');
    expect(add('s: {}\n', KEY, 's')).toBe('s: { k: v }\n');
    expect(add('s: {a, b: [1, 2]} # c: d\n', KEY, 's')).toBe('s: {a, b: [1, 2], k: v} # c: d\n');
    expect(add('s: {a: 1, b} # c: d\n', KEY, 's')).toBe('s: {a: 1, b, k: v} # c: d\n');
    expect(add('s: {\n  a: 1, # one\n  b: 2\n}\n', KEY, 's')).toBe(
      's: {\n  a: 1, # one\n  b: 2,\n  k: v\n}\n',
    );
    expect(add('s: { a: 1 }\n', { key: 'k', block: ['- x'], flow: '[x]' }, 's')).toBe(
      's: { a: 1, k: [x] }\n',
    );
  });

  test('gives up where a block cannot be written, and where the key is there', () => {
    expect(add('s: { a: 1 }\n', { key: 'k', block: ['- x'] }, 's')).toBeUndefined();
    expect(add('s:\n  k: 1\n', KEY, 's')).toBeUndefined();
  });

  test('adds to a map with an anchor', () => {
    expect(add('s: &s\n  a: 1\nt: *s\n', KEY, 's')).toBe('s: &s\n  a: 1\n  k: v\nt: *s\n');
  });
});

describe('setBlock', () => {
  test('fills a key that has no value', () => {
    const text = 's:\n  logging: # to do\n  b: 1\n';
    const result = edit(text, (root) => {
      const service = map(root, 's');
      const pair = pairOf(service, 'logging');
      return pair && setBlock(text, service, pair, ['driver: local']);
    });
    expect(result).toBe('s:\n  logging: # to do\n    driver: local\n  b: 1\n');
  });
});

describe('removePair', () => {
  const remove = (text: string, key: string, ...path: string[]) =>
    edit(text, (root) => {
      const parent = map(root, ...path);
      const pair = pairOf(parent, key);
      return pair && removePair(text, parent, pair);
    });

  test('takes the line or lines', () => {
    expect(remove('a: 1\nb: 2 # two\nc: 3\n', 'b')).toBe('a: 1\nc: 3\n');
    expect(remove('a: 1\nb:\n  x: 1\n  y:\n    - 2\nc: 3\n', 'b')).toBe('a: 1\nc: 3\n');
    expect(remove('a: 1\r\nb: |\r\n  x\r\n\r\nc: 3\r\n', 'b')).toBe('a: 1\r\n\r\nc: 3\r\n');
  });

  test('works on the first and the last line of the file', () => {
    expect(remove('a: 1\nb: 2', 'b')).toBe('a: 1');
    expect(remove('a: 1\r\nb: 2', 'b')).toBe('a: 1');
    expect(remove('\ufeffa: 1\nb: 2\n', 'a')).toBe('\ufeffb: 2\n');
  });

  test('works in flow style', () => {
    expect(remove('s: { a: 1, b: 2, c: 3 }\n', 'b', 's')).toBe('s: { a: 1, c: 3 }\n');
    expect(remove('s: { a: 1, b: 2 }\n', 'b', 's')).toBe('s: { a: 1 }\n');
  });

  test('gives up on the only key, on one beside a dash, and on one with an anchor', () => {
    expect(remove('s:\n  a: 1\n', 'a', 's')).toBeUndefined();
    expect(remove('l:\n  - a: 1\n    b: 2\n', 'a', 'l', '0')).toBeUndefined();
    expect(remove('a: &x 1\nb: *x\n', 'a')).toBeUndefined();
    expect(remove('a:\n  c: &x 1\nb: *x\n', 'a')).toBeUndefined();
  });
});

describe('appendItem and removeItem', () => {
  const append = (text: string, item: string) => edit(text, (root) => appendItem(text, seq(root, 'l'), item));
  const remove = (text: string, index: number) =>
    edit(text, (root) => removeItem(text, seq(root, 'l'), index));

  test('append in block style, indented or not', () => {
    expect(append('l:\n  - a # one\n', 'b')).toBe('l:\n  - a # one\n  - b\n');
    expect(append('l:\n- a\nm: 1\n', 'b')).toBe('l:\n- a\n- b\nm: 1\n');
    expect(append('l:\r\n  - x: 1\r\n    y: 2', 'b')).toBe('l:\r\n  - x: 1\r\n    y: 2\r\n  - b');
    expect(append('l:\n  -   "a"\n', 'b')).toBe('l:\n  -   "a"\n  - b\n');
  });

  test('append in flow style', () => {
    expect(append('l: [a, "b"]\n', 'c')).toBe('l: [a, "b", c]\n');
    expect(append('l: []\n', 'c')).toBe('l: [c]\n');
    expect(append('l: [\n  a,\n  b,\n]\n', 'c')).toBe('l: [\n  a,\n  b, c,\n]\n');
  });

  test('remove takes the whole item', () => {
    expect(remove('l:\n  - a\n  - b: 1\n    c: 2\n  - d\n', 1)).toBe('l:\n  - a\n  - d\n');
    expect(remove('l:\n- a\n- b', 1)).toBe('l:\n- a');
    expect(remove('l:\n  - - a\n    - b\n  - c\n', 0)).toBe('l:\n  - c\n');
    expect(remove('l: [a, b, c]\n', 0)).toBe('l: [b, c]\n');
    expect(remove('l: [a, b, c]\n', 2)).toBe('l: [a, b]\n');
  });

  test('remove gives up on the only item, and on one with an anchor', () => {
    expect(remove('l:\n  - a\n', 0)).toBeUndefined();
    expect(remove('l:\n  - &my-x a\n  - *my-x\n', 0)).toBeUndefined();
  });

  test('remove finds the dash of an aliased item', () => {
    expect(remove('x: &my-x 1\nl:\n  - *my-x\n  - b\n', 0)).toBe('x: &my-x 1\nl:\n  - b\n');
  });
});

test('indentStep is the first step that a file takes', () => {
  expect(indentStep('a:\n    b: 1\n')).toBe(4);
  expect(indentStep('a:\n# note\n\n   b: 1\n')).toBe(3);
  expect(indentStep('a: 1\n')).toBe(2);
  expect(indentStep('a: &x\r\n    b: 1\r\n')).toBe(4);
});

test('isPlainSafe knows what must be quoted', () => {
  for (const text of ['0400', 'node', './a-b/c', '${V:?set V}', 'no-new-privileges:true', '127.0.0.1:80']) {
    expect(isPlainSafe(text), text).toBe(true);
  }
  for (const text of [
    '',
    ' a',
    'a ',
    'a: b',
    'a #b',
    '- a',
    '*a',
    '&a',
    '{a}',
    '[a]',
    'a, b',
    '"a"',
    "'a'",
    '@a',
    '`a`',
    '1000:10',
  ]) {
    expect(isPlainSafe(text), text).toBe(false);
  }
});

/** The text after an edit; undefined where there is none. */
function edit(text: string, build: (root: YamlNode | undefined) => Edit | undefined): string | undefined {
  const made = build(parseYaml(text).file.documents[0]?.root);
  if (!made) return undefined;
  const after = text.slice(0, made.span.start) + made.text + text.slice(made.span.end);
  expect(parseYaml(after).problems).toEqual(parseYaml(text).problems);
  return after;
}

function at(root: YamlNode | undefined, path: readonly string[]): YamlNode | undefined {
  return path.reduce<YamlNode | undefined>(
    (node, key) => asSeq(node)?.items[Number(key)] ?? valueAt(node, key),
    root,
  );
}

function map(root: YamlNode | undefined, ...path: string[]): YamlMap {
  const found = asMap(at(root, path));
  if (!found) throw new Error(`There is no map at ${path.join('.')}`);
  return found;
}

function scalar(root: YamlNode | undefined, key: string) {
  const found = asScalar(at(root, [key]));
  if (!found) throw new Error(`There is no scalar at ${key}`);
  return found;
}

function seq(root: YamlNode | undefined, key: string) {
  const found = asSeq(at(root, [key]));
  if (!found) throw new Error(`There is no list at ${key}`);
  return found;
}
