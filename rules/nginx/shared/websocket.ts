import type { NginxDirective } from '../../../syntaxes/nginx/tree.ts';
import { effectiveSet } from './inherit.ts';
import type { Item, Scope } from './scope.ts';

/*
 * A WebSocket is opened by a request that asks to switch protocols with two headers, `Upgrade` and `Connection`, in HTTP/1.1. All
 * three concern one connection only, so nginx passes none of them on by itself.
 * https://nginx.org/en/docs/http/websocket.html
 */

/** What a block tells the upstream of a switch of protocols. */
export interface Upgrade {
  readonly upgrade: Item | undefined;
  readonly connection: Item | undefined;
}

/** Undefined where something that cannot be seen may set one of the two. */
export function upgradeOf(scope: Scope): Upgrade | undefined {
  const { items, certain } = effectiveSet(scope, 'proxy_set_header');
  if (!certain || items.some(({ args, opaque }) => opaque && /^x*$|\$|\{/.test(args[0] ?? '')))
    return undefined;
  const named = (name: string) => items.find(({ args }) => args[0]?.toLowerCase() === name);
  return { upgrade: named('upgrade'), connection: named('connection') };
}

/** Whether `Upgrade` is passed on, or always set. */
export function asksForUpgrade(item: Item | undefined): boolean {
  return item !== undefined && !item.opaque && /^\$\{?http_upgrade\}?$|^websocket$/i.test(item.args[1] ?? '');
}

/** Whether `Connection` is `upgrade` in each request. */
export function isHardCoded(item: Item | undefined): boolean {
  return item !== undefined && !item.opaque && item.args[1]?.toLowerCase() === 'upgrade';
}

/** The directive itself, where it stands in this file. */
export function ownDirective(item: Item | undefined): NginxDirective | undefined {
  return item?.anchor?.name === item?.name ? item?.anchor : undefined;
}
