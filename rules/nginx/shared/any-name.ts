import type { NginxDirective } from '../../../syntaxes/nginx/tree.ts';

/**
 * Whether requests for any name end in a server, so that `$host` is whatever the client says: it is the default, or has no name
 * of its own. Servers whose names are filled in by a template have some.
 */
export function isAnyName({ block }: NginxDirective): boolean {
  const own = block?.directives ?? [];
  if (own.some(({ name, opaque }) => opaque || name === 'include')) return false;
  const isDefault = own.some(
    ({ name, args }) => name === 'listen' && args.some(({ value }) => /^default(?:_server)?$/.test(value)),
  );
  const names = own.filter(({ name }) => name === 'server_name').flatMap(({ args }) => args);
  return isDefault || names.every(({ value, opaque }) => !opaque && isCatchAll(value));
}

function isCatchAll(name: string): boolean {
  return /^(?:_|""|\*|~\^?\.[*+]\$?|~\^?\(?(?:\?<\w+>)?\.[*+]\)?\$?)?$/.test(name);
}
