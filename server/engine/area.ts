import type { ComposeTree } from '../../syntaxes/compose/tree.ts';
import { type AnyDocument, contains, type Span } from '../../syntaxes/document.ts';
import { allDirectives, type NginxTree } from '../../syntaxes/nginx/tree.ts';
import { asMap, pairOf } from '../../syntaxes/yaml/tree.ts';

/** A part of a file that one hardens as a whole. What is found within its span is its own. */
export interface Area {
  /** Symbolic and unique in a file: `services.web`. */
  readonly place: string;
  /** What it is, for the title "Harden this service". */
  readonly noun: 'service' | 'image' | 'server';
  /** With the indentation before and a comment behind it, so that every place on its lines counts. */
  readonly span: Span;
}

/** The parts of a file that one hardens as a whole, in order; none in a kind of file that has no such parts. */
export function areasOf(document: AnyDocument): readonly Area[] {
  const { text } = document;
  switch (document.kind) {
    case 'compose':
      return services(document.tree, text);
    case 'nginx':
      return servers(document.tree, text);
    case 'dockerfile':
      // Earlier stages end up in the image too: it builds on them or copies from them.
      return document.tree.stages.length === 0
        ? []
        : [{ place: 'image', noun: 'image', span: { start: 0, end: text.length } }];
    default:
      return [];
  }
}

/** The innermost part that holds all of a span. */
export function areaAt(document: AnyDocument, span: Span): Area | undefined {
  return areasOf(document).findLast((area) => contains(area.span, span));
}

/** As written in this file: what a service inherits stands somewhere else and is not its own. */
function services({ root }: ComposeTree, text: string): readonly Area[] {
  return (asMap(pairOf(root, 'services')?.value)?.pairs ?? []).map(({ key, value }) => ({
    place: `services.${key.value}`,
    noun: 'service',
    span: wholeLines(text, { start: key.span.start, end: value?.span.end ?? key.span.end }),
  }));
}

function servers({ root }: NginxTree, text: string): readonly Area[] {
  return [...allDirectives(root)]
    .filter((directive) => directive.name === 'server' && directive.block)
    .map(({ span }, index) => ({
      place: `server[${index}]`,
      noun: 'server',
      span: wholeLines(text, span),
    }));
}

/** Takes the blanks before a span along, and the blanks and a comment behind it. */
function wholeLines(text: string, span: Span): Span {
  let { start } = span;
  while (isBlank(text[start - 1])) start--;
  let end = span.start + text.slice(span.start, span.end).trimEnd().length;
  while (isBlank(text[end])) end++;
  if (text[end] === '#') end = endOfLine(text, end);
  return { start, end };
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}
