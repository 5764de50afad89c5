import * as parser from '@typescript-eslint/parser';
import { describe, expect, test } from 'vitest';
import { createScriptSyntax } from '../../syntaxes/script/syntax.ts';

const syntax = createScriptSyntax(() => parser);

function parse(text: string, path = 'src/a.ts') {
  return syntax.parse(`file:///repo/${path}`, text);
}

describe('detection', () => {
  test.each(['a.ts', 'a.mts', 'a.cts', 'a.tsx', 'a.js', 'a.mjs', 'a.cjs', 'a.jsx', 'config.production.ts'])(
    '%s is a script',
    (path) => {
      expect(syntax.detect(`file:///repo/src/${path}`, 'const a = 1;\n')).toBe(true);
    },
  );

  test.each([
    'a.d.ts',
    'a.d.mts',
    'a.min.js',
    'app.bundle.js',
    'a.json',
    'a.py',
    'node_modules/x/a.js',
    '.next/server/a.js',
  ])('%s is none', (path) => {
    expect(syntax.detect(`file:///repo/${path}`, 'const a = 1;\n')).toBe(false);
  });

  test('bundled text is none', () => {
    expect(syntax.detect('file:///repo/a.js', `a\n${'x'.repeat(6_000)}\nb`)).toBe(false);
    expect(syntax.detect('file:///repo/a.js', 'const x = 1;\n'.repeat(60_000))).toBe(false);
  });
});

describe('the program', () => {
  test('is parsed at the first read, once', () => {
    let loads = 0;
    const lazy = createScriptSyntax(() => {
      loads++;
      return parser;
    });
    const { tree } = lazy.parse('file:///repo/a.ts', 'const a: number = 1;\n');
    expect(loads).toBe(0);
    expect(tree.ast).toBe(tree.ast);
    expect(tree.ast?.body[0]?.type).toBe('VariableDeclaration');
    expect(loads).toBe(1);
  });

  test('is absent without a parser, with one that throws, and in a half-typed file', () => {
    const broken = createScriptSyntax(() => {
      throw new Error('no parser here');
    });
    expect(createScriptSyntax(undefined).parse('file:///repo/a.ts', 'a').tree.ast).toBe(undefined);
    expect(broken.parse('file:///repo/a.ts', 'a').tree.ast).toBe(undefined);
    expect(parse('const a = {').tree.ast).toBe(undefined);
    expect(parse('const a = {').problems).toEqual([]);
  });

  test('casts in angle brackets are TypeScript, elements are the others', () => {
    expect(parse('const a = <T>b;').tree.ast).toBeDefined();
    expect(parse('const a = <b>c</b>;', 'src/a.tsx').tree.ast).toBeDefined();
    expect(parse('const a = <b>c</b>;', 'src/a.js').tree.ast).toBeDefined();
  });

  test('another text can be tried', () => {
    const { tree } = parse('const a = 1;');
    expect(tree.parses('const a = f(1);')).toBe(true);
    expect(tree.parses('const a = f(1;')).toBe(false);
  });
});

describe('imports', () => {
  test('relative ones and aliases of the project, with their spans', () => {
    const text = `import a from './a.js';
import "../b";
export * from '@/c';
const d = require('./d');
const e = await import( "./e" );
import { f } from 'f';
const g = require('node:fs');
import h from '#h';
`;
    const { tree } = parse(text);
    expect(tree.imports.map((entry) => entry.specifier)).toEqual([
      './a.js',
      '../b',
      '@/c',
      './d',
      './e',
      '#h',
    ]);
    for (const { specifier, span } of tree.imports) expect(text.slice(span.start, span.end)).toBe(specifier);
  });
});

describe('reads of the environment', () => {
  function reads(text: string): readonly (string | undefined)[] {
    return parse(text).tree.envReads.map((read) => read.name);
  }

  test.each([
    ['process.env.PORT', ['PORT']],
    ['process.env?.PORT', ['PORT']],
    ["process.env['PORT']", ['PORT']],
    ['process.env["PORT"] ?? 1', ['PORT']],
    ['process.env[name]', [undefined]],
    ['load(process.env)', [undefined]],
    ['const { A } = process.env', [undefined]],
    ['Bun.env.A', ['A']],
    ['import.meta.env.A', ['A']],
    ["Deno.env.get('A')", ['A']],
    ['process.env.A === "x"', ['A']],
    ['process.env.A => x', ['A']],
    ['process.env.A = "x"', []],
    ['process.env["A"] = "x"', []],
    ['process.env[name] = "x"', []],
    ['process.env.A ??= "x"', []],
    ['process.environment', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(reads(text)).toEqual(expected);
  });
});

test('takes time in proportion to the text', () => {
  const texts = [
    'process.env['.repeat(30_000),
    'import '.repeat(60_000),
    "from './".repeat(50_000),
    'process.env.A '.repeat(30_000),
  ];
  const start = performance.now();
  for (const text of texts) {
    const { tree } = parse(text);
    expect(tree.imports.length + tree.envReads.length).toBeGreaterThanOrEqual(0);
  }
  expect(performance.now() - start).toBeLessThan(2_000);
});
