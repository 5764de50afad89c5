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

/** One tag of Jinja, Go templates, Mustache or ERB. None holds another; all end soon, or are none. */
const TAG = /\{%[^%]{0,2000}?%\}|\{#[^#]{0,2000}?#\}|\{\{[^}]{0,2000}?\}\}\}?|<%(?:[^%]|%(?!>)){0,2000}?%>/g;
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
  const masked = text.replace(TAG, (tag, offset: number) => {
    if (isControl(tag)) return blank(tag, ' ');
    masks.push({ start: offset, end: offset + tag.length });
    return standsAlone(text, offset, offset + tag.length) ? `${blank(tag.slice(1), 'x')};` : blank(tag, 'x');
  });
  return { text: masked, masks, template: true };
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

function standsAlone(text: string, start: number, end: number): boolean {
  let before = start - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  let after = end;
  while (text[after] === ' ' || text[after] === '\t' || text[after] === '\r') after++;
  return (before < 0 || text[before] === '\n') && (after >= text.length || text[after] === '\n');
}
