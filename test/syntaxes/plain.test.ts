import { expect, test } from 'vitest';
import { parseYaml } from '../../syntaxes/yaml/parse.ts';
import { fromPlain, toPlain } from '../../syntaxes/yaml/plain.ts';

const rootOf = (text: string) => parseYaml(text).file.documents[0]?.root;

test('merge keys and aliases are followed, tags and quotes kept', () => {
  const root = rootOf('a: &a {x: 1, y: 2}\nb: {<<: *a, y: "3"}\nc: !reset []\nd:\n');
  expect(toPlain(root)).toEqual({
    map: [
      [
        'a',
        {
          map: [
            ['x', '1'],
            ['y', '2'],
          ],
        },
      ],
      [
        'b',
        {
          map: [
            ['y', { text: '3' }],
            ['x', '1'],
          ],
        },
      ],
      ['c', { items: [], tag: '!reset' }],
      ['d', null],
    ],
  });
});

test('what is told can be told again', () => {
  const plain = toPlain(rootOf('a: [1, "2", {b: null}]\nc: !override x\n'));
  expect(plain && toPlain(fromPlain(plain))).toEqual(plain);
});

test.each(['{<<: [*m, *m]}', '[*m, *m]', '{a: *m, b: *m}'])(
  'a bomb of %s is too large to be told',
  (line) => {
    const lines = Array.from({ length: 28 }, (_, i) => `- &m${i + 1} ${line.replaceAll('*m', `*m${i}`)}\n`);
    const start = performance.now();
    expect(toPlain(rootOf(`- &m0 {k: v}\n${lines.join('')}`))).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(1000);
  },
);
