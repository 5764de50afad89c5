import { allDirectives, type NginxTree } from '../../syntaxes/nginx/tree.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** Names that a file gives or uses, and that other files ask for. */
export interface NginxNames {
  /** Of its `upstream` blocks. */
  readonly upstreams: readonly string[];
  /** A variable of nginx itself that it uses, `host`; absent where it uses none. */
  readonly variable?: string;
}

export const nginxNamesFacts: FactKey<NginxNames> = factKey('nginx-names');

export const extractor = defineExtractor({
  kind: 'nginx',
  key: nginxNamesFacts,
  extract({ text, tree }): readonly NginxNames[] {
    const upstreams = /\bupstream\b/.test(text) ? upstreamsOf(tree) : [];
    const variable = VARIABLE.test(text) ? variableOf(tree) : undefined;
    return upstreams.length === 0 && variable === undefined
      ? []
      : [{ upstreams, ...(variable !== undefined && { variable }) }];
  },
});

/** Variables that nginx sets, as nearly every configuration uses some. https://nginx.org/en/docs/varindex.html */
const VARIABLE =
  /\$\{?(host|uri|request_uri|remote_addr|scheme|proxy_add_x_forwarded_for|proxy_host|server_name|document_root|fastcgi_script_name|args|is_args|http_(?:host|upgrade|x_\w+))\b/;

function upstreamsOf({ root }: NginxTree): readonly string[] {
  return [...allDirectives(root)].flatMap(({ name, args, block }) =>
    name === 'upstream' && block && args[0] ? [args[0].value] : [],
  );
}

function variableOf({ root }: NginxTree): string | undefined {
  for (const { args } of allDirectives(root)) {
    for (const { value } of args) {
      const name = VARIABLE.exec(value)?.[1];
      if (name !== undefined) return name;
    }
  }
  return undefined;
}
