import type { Span } from '../document.ts';
import { pathOf } from '../uri.ts';

/** A text in which the tags of a template language are replaced, every other character at its place. */
export interface Masked {
  readonly text: string;
  /** Where values were replaced; empty where the text is no template. */
  readonly masks: readonly Span[];
  readonly template: boolean;
}

const TEMPLATE_NAME = /\.(?:j2|jinja2?|erb|epp|ejs|tmpl|tpl|mustache|hbs|gotmpl)$/i;
const JINJA = /\{%-?\s*\w+|\{\{-?\s*[\w.$"'(!/#^>]|\{#-?\s/;
const ERB = /<%[-=#]?[\s\w]/;

const OPENER = /\{[{%#]|<%/g;
const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
  ['<%', '%>'],
]);
/** A longer tag is none. */
const MAX_TAG = 2000;

const GO_CONTROL =
  /^\{\{-?\s*(?:if|else|end|range|with|define|block|break|continue|\/\*|\$[\w.]+\s*:?=|[#/^!]|- ?\/\*)(?![\w.]*\()/;
/** Tags that may expand to directives: they count as values, not as control. */
const INCLUDING = /^\{%-?\s*(?:include|import|call)\b|^\{\{-?\s*(?:template|include|block|>)/;

/**
 * Replaces a template's tags by text of equal length: control by spaces, values by `x`. A value that stands alone on its line
 * becomes a directive, since it may expand to some.
 */
export function maskTemplate(uri: string, text: string): Masked {
  if (!isTemplate(uri, text)) return { text, masks: [], template: false };
  const masks: Span[] = [];
  let masked = '';
  let at = 0;
  for (const span of tagsOf(text)) {
    const tag = text.slice(span.start, span.end);
    masked += text.slice(at, span.start) + maskOf(tag, standsAlone(text, span));
    if (!isControl(tag)) masks.push(span);
    at = span.end;
  }
  return { text: masked + text.slice(at), masks, template: true };
}

function maskOf(tag: string, alone: boolean): string {
  if (isControl(tag)) return blank(tag, ' ');
  return alone ? `${blank(tag.slice(1), 'x')};` : blank(tag, 'x');
}

/** The tags of a text, none in another. Closers are looked for once each, so that it takes linear time. */
function tagsOf(text: string): readonly Span[] {
  const tags: Span[] = [];
  const nextCloser = new Map<string, number>();
  let end = 0;
  for (const { 0: opener, index: start } of text.matchAll(OPENER)) {
    const closer = CLOSERS.get(opener) ?? '';
    if (start < end) continue;
    let close = nextCloser.get(closer) ?? -1;
    if (close < start + 2) {
      const found = text.indexOf(closer, start + 2);
      close = found < 0 ? Infinity : found;
      nextCloser.set(closer, close);
    }
    if (close - start > MAX_TAG) continue;
    end = close + 2;
    if (text[end] === '}' && text[start + 2] === '{') end++;
    tags.push({ start, end });
  }
  return tags;
}

function isTemplate(uri: string, text: string): boolean {
  if (TEMPLATE_NAME.test(pathOf(uri))) return true;
  // Tables in Lua code and JSON in `log_format` look like tags.
  if (text.includes('_by_lua')) return false;
  return (text.includes('{') && JINJA.test(text)) || (text.includes('<%') && ERB.test(text));
}

function isControl(tag: string): boolean {
  if (INCLUDING.test(tag)) return false;
  if (tag.startsWith('{%') || tag.startsWith('{#')) return true;
  if (tag.startsWith('<%')) return !/^<%[-=]?=/.test(tag);
  return GO_CONTROL.test(tag);
}

/** Line endings stay, so that lines and the ends of comments do. */
function blank(tag: string, filler: string): string {
  return tag.replace(/[^\r\n]/g, filler);
}

function standsAlone(text: string, { start, end }: Span): boolean {
  let before = start - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  let after = end;
  while (text[after] === ' ' || text[after] === '\t' || text[after] === '\r') after++;
  return (before < 0 || text[before] === '\n') && (after >= text.length || text[after] === '\n');
}
