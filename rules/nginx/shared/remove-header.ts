import type { Document } from '../../../syntaxes/document.ts';
import type { NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import type { Edit } from '../../core/rule.ts';
import { withCopies } from './copies.ts';
import { removeDirective } from './edits.ts';

/**
 * Removes a header with its copies in blocks below. Undefined where it is the only one of its block: then the block would inherit
 * others, which is another change.
 */
export function removeHeader(
  { text, tree }: Document<'nginx'>,
  directive: NginxDirective,
): readonly Edit[] | undefined {
  const lines = withCopies(directive);
  if (tree.template || lines.some((line) => !hasOthers(line, lines))) return undefined;
  return lines.map((line) => removeDirective(text, line));
}

function hasOthers({ parent, name }: NginxDirective, removed: readonly NginxDirective[]): boolean {
  return parent.directives.some((other) => other.name === name && !removed.includes(other));
}
