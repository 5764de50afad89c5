import type { Document, Syntax } from '../document.ts';
import { basename } from '../uri.ts';

/** Shell scripts, by their name or their first line. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html */
export const shellSyntax: Syntax<'shell'> = {
  kind: 'shell',
  detect: (uri, text) =>
    /\.(?:sh|bash|ash|dash)$/i.test(basename(uri)) || /^#!.*\b(?:ba|da|a)?sh\b/.test(text.slice(0, 80)),
  parse,
};

function parse(uri: string, text: string): Document<'shell'> {
  // A `#` begins a comment at the start of a word; one in quotes is rare, and code that is missed is only taken for nothing.
  const code = text.replace(/(^|[\s;])(#[^\r\n]*)/gm, (_, before: string, comment: string) => {
    return before + ' '.repeat(comment.length);
  });
  return { uri, kind: 'shell', text, tree: { code }, problems: [] };
}
