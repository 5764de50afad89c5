import type { NginxBlock, NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import { isOn } from './flags.ts';

/** Whether strangers are kept out of the block that a directive stands in, as far as its own file tells. */
export function isRestricted(directive: NginxDirective): boolean {
  for (let block: NginxBlock | undefined = directive.parent; block; block = block.owner?.parent) {
    if (block.directives.some(restricts) || listensOnlyInside(block)) return true;
  }
  return false;
}

function restricts({ name, args }: NginxDirective): boolean {
  const value = args[0]?.value;
  if (
    name === 'internal' ||
    name === 'auth_jwt' ||
    name === 'access_by_lua_block' ||
    name === 'access_by_lua_file'
  )
    return true;
  if (name === 'deny') return value === 'all';
  if (name === 'auth_basic' || name === 'auth_request') return value !== undefined && value !== 'off';
  return name === 'ssl_verify_client' && isOn(value);
}

/** Whether a server can be reached only from the machine that it runs on. */
export function listensOnlyInside(block: NginxBlock): boolean {
  if (block.owner?.name !== 'server') return false;
  const listens = block.directives.filter((directive) => directive.name === 'listen');
  return (
    listens.length > 0 &&
    listens.every(({ args }) => /^(?:127\.|\[::1\]|localhost|unix:)/.test(args[0]?.value ?? ''))
  );
}
