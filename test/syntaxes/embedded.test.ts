import { expect, test } from 'vitest';
import { embeddedIn } from '../../syntaxes/yaml/embedded.ts';
import { parseYaml } from '../../syntaxes/yaml/parse.ts';
import { asScalar, valueAt } from '../../syntaxes/yaml/tree.ts';

/** The embedded text of the key `a`, and what stands in the file from where `word` in it lies. */
function embed(text: string, word: string): readonly [string, string] {
  const scalar = asScalar(valueAt(parseYaml(text).file.documents[0]?.root, 'a'));
  if (!scalar) throw new Error('no scalar');
  const embedded = embeddedIn(text, scalar);
  const start = embedded.text.indexOf(word);
  return [embedded.text, text.slice(embedded.at(start), embedded.at(start + word.length))];
}

test.each([
  ['plain', 'a: one two # three\n', 'two', 'one two', 'two'],
  ['plain, folded', 'a: one\n  two\n\n  three\nb: c\n', 'three', 'one two\nthree', 'three'],
  ['single quotes', "a: 'it''s two'\n", 'two', "it's two", 'two'],
  ['double quotes', 'a: "x\\n\\"y\\" \\x41 two"\n', 'two', 'x\n"y" A two', 'two'],
  ['an escape itself', 'a: "x \\"y\\""\n', '"y"', 'x "y"', '\\"y\\"'],
  ['double quotes, folded', 'a: "one\n  two \\\n  three"\n', 'three', 'one two three', 'three'],
  [
    'a folded block',
    'a: >-\n  one\n  two\n    deeper\n  three\n',
    'three',
    'one two\n  deeper\nthree\n',
    'three',
  ],
  ['a literal block', 'a: |\n  one\n  two\n', 'two', '  one\n  two\n', 'two'],
])('%s', (_, text, word, whole, found) => {
  expect(embed(text, word)).toEqual([whole, found]);
  const crlf = text.replaceAll('\n', '\r\n');
  expect(embed(crlf, word)[1].replaceAll('\r\n', '\n')).toBe(found);
});

test('a huge scalar of many lines is read in linear time', () => {
  const start = performance.now();
  const text = `a: one\n${'  two three\n'.repeat(40_000)}`;
  expect(embed(text, 'one')[1]).toBe('one');
  expect(performance.now() - start).toBeLessThan(3000);
});
