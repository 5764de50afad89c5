import type { Document } from '../../../syntaxes/document.ts';
import type { Edit } from '../../core/rule.ts';
import { insertAfter, insertBefore, insertFirst } from './edits.ts';

/**
 * Adds directives that belong into `http`: behind the last one of the same name, else at the start of the block, or of the file
 * where it is read inside `http`. Undefined where the file has no such place.
 */
export function insertAtHttp(document: Document<'nginx'>, lines: readonly string[]): Edit | undefined {
  const { text, tree } = document;
  if (tree.template) return undefined;
  const name = /^\w+/.exec(lines[0] ?? '')?.[0];
  if (tree.context === 'http') {
    const same = tree.root.directives.findLast((directive) => directive.name === name);
    if (same) return insertAfter(text, same, lines);
    const [first] = tree.root.directives;
    return first && insertBefore(text, first, lines);
  }
  const http = tree.root.directives.find((directive) => directive.name === 'http')?.block;
  if (!http) return undefined;
  const same = http.directives.findLast((directive) => directive.name === name);
  return same ? insertAfter(text, same, lines) : insertFirst(text, http, lines);
}
