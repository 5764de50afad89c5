import type { Mount } from '../../../syntaxes/compose/mounts.ts';
import { isElsewhere } from '../../../syntaxes/document.ts';
import type { Edit } from '../../core/rule.ts';
import { addKey } from '../../core/yaml-edits.ts';
import { mountSpan } from './host-paths.ts';

/** Makes a mount read-only, in the form that it is written in. */
export function readOnlyEdit(text: string, mount: Mount): Edit | undefined {
  if (mount.long) {
    if (mount.long.entries.has('read_only')) return undefined;
    return addKey(text, mount.long.node, {
      key: 'read_only',
      value: 'true',
      after: ['type', 'source', 'target'],
    });
  }
  return changeOptions(text, mount, (options) =>
    options.includes('rw') ? options.map((option) => (option === 'rw' ? 'ro' : option)) : ['ro', ...options],
  );
}

/**
 * Changes the options behind the target of the short form. Undefined for the long form, and where a variable or a Windows drive
 * may hold colons of its own.
 */
export function changeOptions(
  text: string,
  mount: Mount,
  change: (options: readonly string[]) => readonly string[],
): Edit | undefined {
  if (!mount.short || mount.short.style === 'literal' || mount.short.style === 'folded') return undefined;
  const span = mountSpan(text, mount);
  if (isElsewhere(span)) return undefined;
  const written = text.slice(span.start, span.end);
  const parts = written.split(':');
  if (written.includes('$') || written.includes('\\') || parts.length > 3) return undefined;
  const [source = '', target = '', given] = parts;
  const options = change(given === undefined ? [] : given.split(','));
  const start = span.start + source.length + 1 + target.length;
  const next = options.length > 0 ? `:${options.join(',')}` : '';
  return { span: { start, end: span.end }, text: next };
}
