import { describe, expect, test } from 'vitest';
import { ignoredBy } from '../../rules/core/ignored.ts';
import { extractor } from '../../rules/facts/ignore-files.ts';
import { extractFacts } from '../../server/engine/extract.ts';
import { FactStore } from '../../server/engine/fact-store.ts';
import { Reads } from '../../server/engine/reads.ts';
import { ignoreSyntax } from '../../syntaxes/ignore/syntax.ts';

function factsOf(files: Readonly<Record<string, string>>) {
  const store = new FactStore([extractor.key]);
  for (const [path, text] of Object.entries(files)) {
    const uri = `file:///w/${path}`;
    store.addFile(uri);
    store.setFacts(uri, extractFacts([extractor], ignoreSyntax.parse(uri, text)));
  }
  return store.reader(new Reads());
}

describe('.dockerignore', () => {
  test.each([
    ['.env\n', '.env', true],
    ['.env\n', 'app/.env', false],
    ['**/.env\n', 'app/.env', true],
    ['/secrets/\n', 'secrets/key.pem', true],
    ['*\n!src\n', '.env', true],
    ['*\n!src\n', 'src/main.ts', false],
    ['*.pem\n!ca.pem\n', 'ca.pem', false],
    ['# .env\n', '.env', false],
    ['./.env*\n', '.env.local', true],
  ])('%j keeps %s out: %s', (text, path, expected) => {
    const facts = factsOf({ '.dockerignore': text });
    expect(ignoredBy(facts, `file:///w/${path}`, '.dockerignore', 'file:///w')).toBe(expected);
  });

  test('there is none', () => {
    expect(ignoredBy(factsOf({}), 'file:///w/.env', '.dockerignore', 'file:///w')).toBe(undefined);
  });
});

describe('.gitignore', () => {
  test('a name counts in every folder, a deeper file goes first', () => {
    const facts = factsOf({ '.gitignore': '.env\n*.key\n', 'app/.gitignore': '!.env\n' });
    expect(ignoredBy(facts, 'file:///w/.env', '.gitignore', 'file:///w')).toBe(true);
    expect(ignoredBy(facts, 'file:///w/other/.env', '.gitignore', 'file:///w')).toBe(true);
    expect(ignoredBy(facts, 'file:///w/app/.env', '.gitignore', 'file:///w')).toBe(false);
    expect(ignoredBy(facts, 'file:///w/app/tls.key', '.gitignore', 'file:///w')).toBe(true);
    expect(ignoredBy(facts, 'file:///w/app/main.ts', '.gitignore', 'file:///w')).toBe(false);
  });
});
