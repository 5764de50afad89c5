import type { Derivation, FactReader } from '../../core/facts.ts';
import { nginxNamesFacts } from '../../facts/nginx-names.ts';

/** The names of all `upstream` blocks of the workspace: whichever of them a file can use, none of its names is looked up. */
export function upstreamNames(facts: FactReader): ReadonlySet<string> {
  return facts.derived(NAMES);
}

const NAMES: Derivation<ReadonlySet<string>> = {
  id: 'nginx-upstream-names',
  derive: (facts) => new Set(facts.all(nginxNamesFacts).flatMap(({ fact }) => fact.upstreams)),
};

/** The host of what requests are passed on to; undefined for a socket. Variables stand as they are written. */
export function hostOfTarget(target: string): string | undefined {
  const rest = target.replace(/^[a-z]+:\/\//i, '');
  if (/^unix:/i.test(rest)) return undefined;
  const host = rest.startsWith('[') ? /^\[[^\]]*\]/.exec(rest)?.[0] : /^[^/:?]*/.exec(rest)?.[0];
  return host === '' ? undefined : host;
}

/** Whether a host is an address, or always this machine, so that no name is looked up. */
export function isAddress(host: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\]|localhost)$/i.test(host);
}
