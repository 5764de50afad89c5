import { type ComposeService, type ComposeTree, servicesSharing } from '../../../syntaxes/compose/tree.ts';
import type { Fix } from '../../core/rule.ts';

/** Something that a service gets, and all services that get it from the same place in the file. */
export interface Origin<T> {
  readonly service: ComposeService;
  readonly subject: T;
  readonly sharers: readonly string[];
}

/**
 * What `pick` finds in each service, once for each place where it is written: a value in an anchor or in a service that
 * others extend is one finding, not one for each service.
 */
export function* eachOrigin<T>(
  tree: ComposeTree,
  pick: (service: ComposeService) => readonly T[],
  offsetOf: (subject: T) => number,
): Generator<Origin<T>> {
  const seen = new Set<number>();
  for (const service of tree.services) {
    for (const subject of pick(service)) {
      const offset = offsetOf(subject);
      if (seen.has(offset)) continue;
      seen.add(offset);
      yield { service, subject, sharers: servicesSharing(tree, offset, service) };
    }
  }
}

/** A message without its full stop, as a sentence: with the number of services that the value goes to where there are several. */
export function withSharers(message: string, sharers: readonly string[]): string {
  return sharers.length > 1 ? `${message} (affects ${sharers.length} services).` : `${message}.`;
}

/** A fix of a value that several services share says so, and is for a person to decide. */
export function atOrigin(fix: Fix | undefined, sharers: readonly string[]): Fix | undefined {
  if (!fix || sharers.length < 2) return fix;
  const names = sharers.slice(0, 5).join(', ') + (sharers.length > 5 ? ', …' : '');
  const shared = `The value is shared, so the edit changes ${sharers.length} services: ${names}.`;
  return { ...fix, safety: 'review', risk: fix.risk ? `${fix.risk} ${shared}` : shared };
}
