import { describe, expect, test } from 'vitest';
import { basename, dirname, joinUri, normaliseUri, pathOf, relativePath } from '../../syntaxes/uri.ts';

describe('normaliseUri', () => {
  test.each([
    ['file:///c%3A/Users/x', 'file:///c%3A/Users/x'],
    ['file:///C:/Users/x', 'file:///c%3A/Users/x'],
    ['file:///a%20b/%2Dc', 'file:///a%20b/-c'],
    ['file:///a/ä', 'file:///a/%C3%A4'],
    ['file:///100%', 'file:///100%25'],
    ['untitled:Untitled-1', 'untitled:Untitled-1'],
    ['vscode-vfs://github/o/r/compose.yaml', 'vscode-vfs://github/o/r/compose.yaml'],
  ])('%s', (uri, expected) => {
    expect(normaliseUri(uri)).toBe(expected);
    expect(normaliseUri(expected)).toBe(expected);
  });
});

describe('joinUri', () => {
  test.each([
    ['file:///w/app', './x/../y.yml', 'file:///w/app/y.yml'],
    ['file:///w/app', '../nginx/a b.conf', 'file:///w/nginx/a%20b.conf'],
    ['file:///w', '/etc/nginx/nginx.conf', 'file:///etc/nginx/nginx.conf'],
    ['file:///w', '../../../..', 'file:///'],
    ['vscode-vfs://github/o/r', 'a', 'vscode-vfs://github/o/r/a'],
  ])('%s + %s', (folder, path, expected) => {
    expect(joinUri(folder, path)).toBe(expected);
  });
});

test('relativePath is the inverse of joinUri below a folder', () => {
  expect(relativePath('file:///w', joinUri('file:///w', 'a b/ä.yml'))).toBe('a b/ä.yml');
  expect(relativePath('file:///w', 'file:///www/a')).toBeUndefined();
  expect(relativePath('file:///', 'file:///a')).toBe('a');
});

test('the parts of a URI', () => {
  expect(basename('file:///w/a%20b.yml')).toBe('a b.yml');
  expect(dirname('file:///w/x/a.yml')).toBe('file:///w/x');
  expect(dirname('file:///a.yml')).toBe('file:///');
  expect(dirname('file:///')).toBe('file:///');
  expect(pathOf('file:///w/a%20b.yml')).toBe('/w/a b.yml');
});
