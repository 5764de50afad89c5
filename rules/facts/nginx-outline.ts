import type { NginxBlock, NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** What other files need to find out which file includes them, and what may be set around them. */
export interface NginxOutline {
  readonly includes: readonly NginxInclude[];
  /** Names of directives that the file's `http` block sets; absent where the file has none. Headers are written `add_header x`. */
  readonly http?: readonly string[];
}

export interface NginxInclude {
  /** As written, with its wildcards. */
  readonly pattern: string;
  /** Indexes of the blocks around it, the outermost first: which directive of the file, then which of that block. */
  readonly path: readonly number[];
}

export const nginxOutlineFacts: FactKey<NginxOutline> = factKey('nginx-outline');

export const extractor = defineExtractor({
  kind: 'nginx',
  key: nginxOutlineFacts,
  extract({ tree: { root } }): readonly NginxOutline[] {
    const includes = includesIn(root, []);
    const http = root.directives.find((directive) => directive.name === 'http' && directive.block)?.block;
    if (includes.length === 0 && !http) return [];
    return [{ includes, ...(http && { http: [...new Set(http.directives.map(nameOf))] }) }];
  },
});

function includesIn(block: NginxBlock, path: readonly number[]): NginxInclude[] {
  return block.directives.flatMap(({ name, args, block: inner }, index) => {
    if (inner) return includesIn(inner, [...path, index]);
    const [pattern] = args;
    return name === 'include' && pattern && !pattern.opaque ? [{ pattern: pattern.value, path }] : [];
  });
}

function nameOf({ name, args }: NginxDirective): string {
  return name === 'add_header' ? `add_header ${args[0]?.value.toLowerCase()}` : name;
}
