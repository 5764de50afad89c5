import { effectiveValue } from './inherit.ts';
import { type Item, itemsNamed, type Scope, scopesIn } from './scope.ts';

/** Whether requests are passed on from a block by HTTP, or from one in it that has no such directive of its own. */
export function passesOn(scope: Scope, pass: string, family: string): boolean {
  if (itemsNamed(scope, pass).length > 0) return true;
  return scope.children.some(
    (inner) => itemsNamed(inner, family).length === 0 && passesOn(inner, pass, family),
  );
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
 * Whether a target is a service of someone else, which knows itself by its own name: a public name over TLS. Names without a dot
 * are upstreams and containers.
 */
export function isForeign(item: Item): boolean {
  const host = targetHost(item) ?? '';
  if (!/^https:/i.test(item.args[0] ?? '') || !host.includes('.')) return false;
  return !/^[\d.]+$|^\[|\.(?:local|lan|internal|intranet|home|corp|private|localhost|test|svc|consul)$|\.svc\./.test(
    host,
  );
}

/** `1.0` or `1.1`, what nginx speaks to the upstream; undefined where it is not known. */
export function upstreamHttpVersion(scope: Scope, nginx: readonly number[] | undefined): string | undefined {
  const { item, certain } = effectiveValue(scope, 'proxy_http_version');
  if (!certain) return undefined;
  return item?.args[0] ?? (speaksHttp11(nginx) ? '1.1' : '1.0');
}

/** From 1.29.7 on nginx speaks HTTP/1.1 to upstreams and keeps connections to them open by itself. */
export function speaksHttp11(nginx: readonly number[] | undefined): boolean {
  return nginx !== undefined && isAtLeast(nginx, [1, 29, 7]);
}

/** Whether a version is a given one or newer. */
export function isAtLeast(version: readonly number[], wanted: readonly number[]): boolean {
  for (const [index, part] of wanted.entries()) {
    const own = version[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
