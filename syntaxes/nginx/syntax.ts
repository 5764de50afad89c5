import type { Document, Problem, Syntax } from '../document.ts';
import { contextOf } from './context.ts';
import { isNginx } from './detect.ts';
import { parseNginx } from './parse.ts';
import { maskTemplate } from './template.ts';
import type { NginxTree } from './tree.ts';

/** Nobody writes more, and whoever walks the tree may do so by recursion. */
const MAX_DEPTH = 60;
const MAX_LENGTH = 16_000_000;

export const nginxSyntax: Syntax<'nginx'> = { kind: 'nginx', detect: isNginx, parse };

function parse(uri: string, text: string): Document<'nginx'> {
  if (text.length > MAX_LENGTH) return unread(uri, text, 'the file is larger than 16 MB');
  const masked = maskTemplate(uri, text);
  const { root, comments, problems, depth } = parseNginx(masked.text, {
    masks: masked.masks,
    maxDepth: MAX_DEPTH,
  });
  if (depth > MAX_DEPTH) return unread(uri, text, `blocks are nested more than ${MAX_DEPTH} deep`);
  const tree: NginxTree = {
    root,
    context: contextOf({ uri, text, root }),
    comments,
    template: masked.template,
  };
  // What a template lacks or has too much of may come right when it is rendered.
  return { uri, kind: 'nginx', text, tree, problems: masked.template ? [] : problems };
}

function unread(uri: string, text: string, notAnalysed: string): Document<'nginx'> {
  const problems: readonly Problem[] = [];
  const span = { start: 0, end: text.length };
  const root = { owner: undefined, directives: [], span, inner: span, lua: false };
  return {
    uri,
    kind: 'nginx',
    text,
    tree: { root, context: 'unknown', comments: [], template: false },
    problems,
    notAnalysed,
  };
}
