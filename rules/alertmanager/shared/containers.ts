import { joinUri } from '../../../syntaxes/uri.ts';
import type { Derivation, FactReader } from '../../core/facts.ts';
import { type AlertmanagerServiceFact, alertmanagerServiceFacts } from '../../facts/alertmanager-services.ts';

/** A container that runs an Alertmanager. */
export interface AlertmanagerContainer {
  /** The configuration that it reads; undefined where it does not come from the workspace. */
  readonly configUri: string | undefined;
  readonly configFolder: string;
  readonly mounts: AlertmanagerServiceFact['mounts'];
  readonly opaque: boolean;
}

/** The containers that run an Alertmanager, of all Compose files. */
export function alertmanagersOf(facts: FactReader): readonly AlertmanagerContainer[] {
  return facts.derived(CONTAINERS);
}

const CONTAINERS: Derivation<readonly AlertmanagerContainer[]> = {
  id: 'alertmanager-containers',
  derive: (facts) =>
    facts.all(alertmanagerServiceFacts).map(({ fact }) => ({
      configUri: sourceOf(fact.mounts, fact.configPath),
      configFolder: fact.configPath.slice(0, Math.max(1, fact.configPath.lastIndexOf('/'))),
      mounts: fact.mounts,
      opaque: fact.opaque,
    })),
};

/** The file of the host behind a path in the container. */
function sourceOf(mounts: AlertmanagerServiceFact['mounts'], path: string): string | undefined {
  const covering = mounts
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .sort((a, b) => b.target.length - a.target.length);
  const [nearest] = covering;
  if (!nearest || nearest.sourceUri === null) return undefined;
  return path === nearest.target
    ? nearest.sourceUri
    : joinUri(nearest.sourceUri, `.${path.slice(nearest.target.length)}`);
}
