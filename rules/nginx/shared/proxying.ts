import { effectiveValue } from './inherit.ts';
import { type Item, itemsNamed, type Scope, scopesIn } from './scope.ts';
import { isAtLeast } from './version.ts';

/**
 * How requests are passed on from a block, and from those in it that have no directive of a family of their own: the directives of
 * a name, such as `proxy_pass`.
 */
export function passesIn(scope: Scope, pass: string, family: string): readonly Item[] {
  return [
    ...itemsNamed(scope, pass),
    ...scope.children.flatMap((inner) =>
      itemsNamed(inner, family).length === 0 ? passesIn(inner, pass, family) : [],
    ),
  ];
}

/** The blocks of this file below one, and itself, that pass requests on by HTTP. */
export function proxyingScopes(root: Scope): readonly Scope[] {
  return [...scopesIn(root)].filter((scope) => scope.block && proxyPassOf(scope) !== undefined);
}

/** The `proxy_pass` of a block itself, where its target is known; not that of `stream`. */
export function proxyPassOf(scope: Scope): Item | undefined {
  if (!/^(?:location|if|limit_except)$/.test(scope.kind) && scope.kind !== 'unknown') return undefined;
  return itemsNamed(scope, 'proxy_pass').at(-1);
}

/** The host of a target: `app` of `http://app:8000/x`. Empty for a socket, undefined where a variable or a template decides. */
export function targetHost({ args, opaque }: Item): string | undefined {
  const target = args[0] ?? '';
  if (opaque) return undefined;
  const rest = target.replace(/^[a-z]+:\/\//i, '');
  if (rest.startsWith('unix:')) return '';
  const host = /^(?:\[[^\]]*\]|[^:/?]*)/.exec(rest)?.[0] ?? '';
  return host.includes('$') ? undefined : host.toLowerCase();
}

/**
 * Whether a target is one's own: an address, a socket, a container, an `upstream`, a name of the private network. Other names may
 * be services of someone else, which know themselves by their own names and need not know who the client is.
 */
export function isOwnTarget(item: Item, root: Scope): boolean {
  const host = targetHost(item);
  if (item.opaque) return false;
  if (host === undefined) return !/^https:/i.test(item.args[0] ?? '');
  if (!host.includes('.') || /^[\d.]+$|^\[/.test(host)) return true;
  if (/\.(?:local|lan|internal|intranet|home|corp|private|localhost|svc|consul|docker)$|\.svc\./.test(host))
    return true;
  return [...scopesIn(root)].some(({ kind, args }) => kind === 'upstream' && args[0] === host);
}

/** `1.0` or `1.1`, what nginx speaks to the upstream; undefined where it is not known. */
export function upstreamHttpVersion(scope: Scope, nginx: readonly number[] | undefined): string | undefined {
  const { item, certain } = effectiveValue(scope, 'proxy_http_version');
  if (!certain) return undefined;
  return item?.args[0] ?? (speaksHttp11(nginx) ? '1.1' : '1.0');
}

/**
 * From 1.29.7 on nginx speaks HTTP/1.1 to upstreams and keeps connections to them open by itself.
 * https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version
 */
export function speaksHttp11(nginx: readonly number[] | undefined): boolean {
  return isAtLeast(nginx, [1, 29, 7]) === true;
}
