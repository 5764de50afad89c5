import type { Document, Syntax } from '../document.ts';
import { basename } from '../uri.ts';
import type { IgnorePattern } from './tree.ts';

/** `.gitignore`, `.dockerignore` and the `<Dockerfile>.dockerignore` that goes before it. */
export const ignoreSyntax: Syntax<'ignore'> = {
  kind: 'ignore',
  detect: (uri) => /^\.gitignore$|\.dockerignore$/i.test(basename(uri)),
  parse,
};

function parse(uri: string, text: string): Document<'ignore'> {
  const patterns: IgnorePattern[] = [];
  for (const match of text.matchAll(/[^\r\n]+/g)) {
    const pattern = match[0].replace(/^\ufeff/, '').trim();
    if (pattern === '' || pattern.startsWith('#')) continue;
    const start = match.index + match[0].indexOf(pattern);
    patterns.push({ text: pattern, span: { start, end: start + pattern.length } });
  }
  return { uri, kind: 'ignore', text, tree: { patterns }, problems: [] };
}
