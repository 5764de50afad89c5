import type { Span } from '../../syntaxes/document.ts';
import { indentAt, lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';
import type { NginxBlock } from '../../syntaxes/nginx/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A directive of another file, as far as it matters to the files around it. */
export interface NginxFactDirective {
  readonly name: string;
  readonly args: readonly string[];
  /** Some part of it is filled in by a template. */
  readonly opaque?: boolean;
  /** It may expand to any directives. */
  readonly expands?: boolean;
  readonly span: Span;
  /** The text from name to `;`, of those that are copied from one block to another. */
  readonly source?: string;
  /** Of those too: what a line before it has to end with, the line break and the indentation. */
  readonly lead?: string;
  readonly children?: readonly NginxFactDirective[];
}

/** One fact for each directive at the top of a file; none is left out, so that indexes in `NginxOutline` hold. */
export const nginxDirectivesFacts: FactKey<NginxFactDirective> = factKey('nginx-directives');

/** Directives whose arguments some rule asks for across files; of all others only the name is kept. */
const WITH_ARGS =
  /^(?:add_header(?:_inherit)?|add_trailer|more_set_headers|security_headers|server_tokens|ssl|ssl_\w+|http2|root|alias|listen|server_name|include|return|rewrite|if|location|server|allow|deny|satisfy|autoindex|set_real_ip_from|proxy_ssl_\w+|(?:proxy|grpc)_set_header|(?:fastcgi|uwsgi|scgi)_param|(?:proxy|fastcgi|uwsgi|scgi|grpc)_(?:hide_header|intercept_errors|pass)|proxy_http_version|proxy_next_upstream|limit_(?:req|conn)(?:_zone|_status)?|error_page|client_max_body_size|map|upstream|root|alias|try_files|real_ip_\w+|resolver|access_log|error_log|ssl_verify_client|auth_\w+)$/;
/** Directives that are inherited all or none, so that blocks have to repeat them. */
const COPIED =
  /^(?:add_header|(?:proxy|grpc)_set_header|(?:fastcgi|uwsgi|scgi)_param|(?:proxy|fastcgi|uwsgi|scgi|grpc)_hide_header|error_page)$/;
const MAX_ARG = 300;

export const extractor = defineExtractor({
  kind: 'nginx',
  key: nginxDirectivesFacts,
  extract: ({ text, tree }): readonly NginxFactDirective[] => directivesOf(text, tree.root),
});

function directivesOf(text: string, block: NginxBlock): NginxFactDirective[] {
  return block.directives.map(({ name, args, opaque, span, block: inner }) => ({
    name,
    args: WITH_ARGS.test(name) ? args.map((arg) => arg.value.slice(0, MAX_ARG)) : [],
    ...((opaque || args.some((arg) => arg.opaque)) && { opaque: true }),
    ...(opaque && { expands: true }),
    span: inner ? { start: span.start, end: inner.span.start } : span,
    ...(COPIED.test(name) && { source: text.slice(span.start, span.end), lead: leadOf(text, span.start) }),
    ...(inner && { children: DATA.has(name) ? [] : directivesOf(text, inner) }),
  }));
}

function leadOf(text: string, start: number): string {
  const indent = indentAt(text, start);
  return lineStartAt(text, start) + indent.length === start ? lineEndingOf(text) + indent : ' ';
}

const DATA: ReadonlySet<string> = new Set(['map', 'geo', 'types', 'split_clients', 'upstream']);
