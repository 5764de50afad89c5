import type { Document } from '../../../syntaxes/document.ts';
import type { NginxDirective, NginxWord } from '../../../syntaxes/nginx/tree.ts';
import type { Fix } from '../../core/rule.ts';
import { replaceWord } from './edits.ts';

/** Takes weak words out of a list of protocols; `TLSv1.2 TLSv1.3` where nothing else is left. */
export function protocolsFix(
  document: Document<'nginx'>,
  directive: NginxDirective,
  weak: readonly NginxWord[],
): Fix {
  const title =
    weak.length === directive.args.length
      ? `Set ${directive.name} to TLSv1.2 TLSv1.3`
      : `Remove ${weak.map((word) => word.value).join(', ')}`;
  const edits =
    weak.length === directive.args.length
      ? replaceAll(weak)
      : weak.map((word) => removal(document.text, word));
  return { title, safety: 'safe', edits, verify: 'nginx -t' };
}

/** The first word gives way to both new ones; what stood behind it goes. */
function replaceAll(weak: readonly NginxWord[]): Fix['edits'] {
  const [first, last] = [weak[0], weak.at(-1)];
  if (!first || !last) return [];
  const { text } = replaceWord({ ...first, quote: undefined }, 'TLSv1.2');
  return [{ span: { start: first.span.start, end: last.span.end }, text: `${text} TLSv1.3` }];
}

/** The word with the white space behind it; before it, for the last word. */
function removal(text: string, { span }: NginxWord): Fix['edits'][number] {
  let { start, end } = span;
  while (/\s/.test(text.charAt(end))) end++;
  if (text[end] !== ';') return { span: { start, end }, text: '' };
  while (/\s/.test(text.charAt(start - 1))) start--;
  return { span: { start, end: span.end }, text: '' };
}
