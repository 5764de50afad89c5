import type { AnyDocument, Span } from '../../syntaxes/document.ts';
import { allDirectives } from '../../syntaxes/nginx/tree.ts';

/** Something that gets diagnostics of its own: a Compose service or an nginx server, with the span of all its text. */
export interface Subject {
  readonly noun: 'service' | 'server';
  readonly span: Span;
}

/** The services or servers of a file. */
export function subjectsOf(document: AnyDocument): readonly Subject[] {
  if (document.notAnalysed) return [];
  if (document.kind === 'compose') {
    return document.tree.services
      .filter((service) => service.standalone)
      .map((service) => ({
        noun: 'service',
        span: { start: service.key.span.start, end: service.body?.span.end ?? service.key.span.end },
      }));
  }
  if (document.kind === 'nginx') {
    return [...allDirectives(document.tree.root)]
      .filter((directive) => directive.name === 'server' && directive.block !== undefined)
      .map((directive) => ({ noun: 'server', span: directive.span }));
  }
  return [];
}
