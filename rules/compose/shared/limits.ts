import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import {
  type ComposeService,
  type ComposeTree,
  type EffectiveEntry,
  lookup,
  mapAt,
  scalarAt,
} from '../../../syntaxes/compose/tree.ts';
import type { Edit } from '../../core/rule.ts';
import { addKey, setScalar } from '../../core/yaml-edits.ts';
import { addServiceKey } from './fixes.ts';

/** A limit that can be written in two forms, which must not contradict each other. */
export interface Limit {
  /** `mem_limit`. */
  readonly short: string;
  /** The key below `deploy.resources.limits`. */
  readonly long: string;
  /** Ready to be written. */
  readonly value: string;
}

/** The number of processes, threads among them. */
export const PIDS: Limit = { short: 'pids_limit', long: 'pids', value: '256' };

/** Whether a service has a limit in either form. `0` and `-1` are none; undefined where the value is not known. */
export function hasLimit(service: ComposeService, { short, long }: Limit): boolean | undefined {
  const scalars = [
    scalarAt(service.effective, short),
    scalarAt(service.effective, 'deploy', 'resources', 'limits', long),
  ];
  const given = scalars.filter((scalar) => scalar !== undefined);
  const values = given.map((scalar) => interpolate(scalar.value).text);
  if (values.some((value) => value !== undefined && isLimit(value))) return true;
  return values.includes(undefined) ? undefined : false;
}

/** Whether a value is written out that means "no limit". */
export function isSwitchedOff(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '' && !isLimit(value);
}

/** Adds a limit in the form that the service, or else the file, uses. A `0` is replaced. */
export function addLimit(
  text: string,
  tree: ComposeTree,
  service: ComposeService,
  limit: Limit,
): Edit | undefined {
  const { effective, body } = service;
  const short = effective.entries.get(limit.short);
  const long = lookup(effective, 'deploy', 'resources', 'limits', limit.long);
  if (short || long) return changeLimit(short, long, limit);
  const line = `${limit.long}: ${limit.value}`;
  const deploy = effective.entries.get('deploy');
  if (!deploy) {
    if (!usesDeployLimits(tree))
      return addServiceKey(text, service, { key: limit.short, value: limit.value });
    const block = ['resources:', '  limits:', `    ${line}`];
    return addServiceKey(text, service, {
      key: 'deploy',
      block,
      flow: `{ resources: { limits: { ${line} } } }`,
    });
  }
  // A `deploy` that comes from an anchor is not the service's own to change, and a new one would replace it.
  if (deploy.map !== body || deploy.value?.type !== 'map' || deploy.via !== 'own') {
    return addServiceKey(text, service, { key: limit.short, value: limit.value });
  }
  const resources = mapAt(effective, 'deploy', 'resources');
  const limits = mapAt(effective, 'deploy', 'resources', 'limits');
  if (limits) return addKey(text, limits.node, { key: limit.long, value: limit.value });
  if (resources) return addKey(text, resources.node, { key: 'limits', block: [line], flow: `{ ${line} }` });
  if (lookup(effective, 'deploy', 'resources')) return undefined;
  return addKey(text, deploy.value.node, {
    key: 'resources',
    block: ['limits:', `  ${line}`],
    flow: `{ limits: { ${line} } }`,
  });
}

/** A limit in place of one that limits nothing, where it is written out once. */
function changeLimit(
  short: EffectiveEntry | undefined,
  long: EffectiveEntry | undefined,
  limit: Limit,
): Edit | undefined {
  const [entry, second] = [short, long].filter((each) => each !== undefined);
  if (!entry || second || entry.via !== 'own' || entry.value?.type !== 'scalar') return undefined;
  return entry.value.node.value.includes('$')
    ? undefined
    : setScalar(entry.value.node, limit.value.replaceAll('"', ''));
}

function usesDeployLimits(tree: ComposeTree): boolean {
  return tree.services.some((service) => mapAt(service.effective, 'deploy', 'resources', 'limits'));
}

function isLimit(value: string): boolean {
  return value.trim() !== '' && !/^-1$|^0+(?:\.0+)?\s*[a-z]*$/i.test(value.trim());
}
