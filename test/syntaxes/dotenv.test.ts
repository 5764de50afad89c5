import { describe, expect, test } from 'vitest';
import { dotenvSyntax } from '../../syntaxes/dotenv/syntax.ts';

const parse = (text: string) => dotenvSyntax.parse('file:///w/.env', text);

describe('dotenv', () => {
  test('names, values, quotes, comments', () => {
    const text = `# comment
A=1
export B = two words # comment
C="a # \\"b\\" $D"
D='x
y'
E=
F
  G: yaml
H=a#b
not a line
`;
    const { variables } = parse(text).tree;
    expect(variables.map(({ name, value, quote }) => [name, value, quote])).toEqual([
      ['A', '1', 'none'],
      ['B', 'two words', 'none'],
      ['C', 'a # "b" $D', 'double'],
      ['D', 'x\ny', 'single'],
      ['E', '', 'none'],
      ['F', undefined, 'none'],
      ['G', 'yaml', 'none'],
      ['H', 'a#b', 'none'],
    ]);
    for (const { name, nameSpan } of variables) expect(text.slice(nameSpan.start, nameSpan.end)).toBe(name);
    const written = variables.map(({ valueSpan }) => valueSpan && text.slice(valueSpan.start, valueSpan.end));
    expect(written).toEqual(['1', 'two words', '"a # \\"b\\" $D"', "'x\ny'", '', undefined, 'yaml', 'a#b']);
  });

  test('CRLF, a byte order mark, a quote that nothing closes', () => {
    const { variables } = parse('\ufeffA=1\r\nB="open\r\nC=3').tree;
    expect(variables.map(({ name, value }) => [name, value])).toEqual([
      ['A', '1'],
      ['B', '"open'],
      ['C', '3'],
    ]);
  });

  test.each([
    ['.env', true],
    ['.env.production', true],
    ['db.env', true],
    ['.env.example', true],
    ['prod.env.local', true],
    ['.env.ts', false],
    ['env.js', false],
    ['.envrc', false],
    ['environment.yml', false],
    ['.env.gpg', false],
  ])('%s is one: %s', (name, is) => {
    expect(dotenvSyntax.detect(`file:///w/${name}`, 'A=1')).toBe(is);
  });

  test('time grows with the length only', () => {
    const quotes = `${'A="\n'.repeat(20_000)}`;
    const start = performance.now();
    parse(quotes);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
