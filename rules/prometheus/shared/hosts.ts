import { dirname } from '../../../syntaxes/uri.ts';
import type { FactReader } from '../../core/facts.ts';
import { composeHostsFacts } from '../../facts/compose-hosts.ts';
import { composeServicesFacts } from '../../facts/compose-services.ts';
import { containersFor } from './loading.ts';

/** The names that resolve where Prometheus runs; undefined where others may. */
export function knownNames(facts: FactReader, configUri: string): ReadonlySet<string> | undefined {
  const containers = containersFor(facts, configUri);
  if (containers.length === 0) return undefined;
  const names = new Set<string>();
  for (const { service } of containers) {
    const own = facts.of(composeServicesFacts, service.uri).find(({ name }) => name === service.fact.name);
    if (own?.networkMode !== undefined) return undefined;
    for (const { uri, fact } of facts.all(composeHostsFacts)) {
      const sameFolder = dirname(uri) === dirname(service.uri);
      if (sameFolder && fact.open) return undefined;
      // A file of another folder may be run with this one, `-f`, so its names count as known.
      for (const name of fact.names) names.add(name);
    }
  }
  return names;
}

/** Whether a host is a name that only the network of the project can know: no address, no domain. */
export function isPlainName(host: string): boolean {
  return /^[A-Za-z][\w-]*$/.test(host) && !/^(?:localhost|host|gateway)$/i.test(host);
}

/** Whether two names differ in one letter, or in `-` against `_`. */
export function isOneSlip(a: string, b: string): boolean {
  if (a.replaceAll('_', '-') === b.replaceAll('_', '-')) return true;
  if (Math.min(a.length, b.length) < 3 || Math.abs(a.length - b.length) > 1) return false;
  let head = 0;
  while (head < a.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail++;
  return Math.max(a.length, b.length) - head - tail <= 1;
}
