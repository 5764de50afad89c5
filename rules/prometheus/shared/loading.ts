import type { Document } from '../../../syntaxes/document.ts';
import { dirname, joinUri, relativePath } from '../../../syntaxes/uri.ts';
import type { Derivation, FactReader, LocatedFact } from '../../core/facts.ts';
import { prometheusRuleFileFacts } from '../../facts/prometheus-rule-file.ts';
import { type PrometheusServiceFact, prometheusServicesFacts } from '../../facts/prometheus-services.ts';

/*
 * Which files a pattern of `rule_files` names: seen from the container of a Compose service, where Prometheus looks, and from
 * the folder that the configuration lies in, which its author had in mind.
 */

/** A container that runs Prometheus. */
export interface Container {
  readonly service: LocatedFact<PrometheusServiceFact>;
  /** The configuration that it reads; undefined where it does not come from the workspace. */
  readonly configUri: string | undefined;
  readonly configFolder: string;
  /** All mounts, those with them that other Compose files of the folder add to the service. */
  readonly mounts: PrometheusServiceFact['mounts'];
  readonly opaque: boolean;
}

/** The containers that run Prometheus, of all Compose files. */
export function containersOf(facts: FactReader): readonly Container[] {
  return facts.derived(CONTAINERS);
}

const CONTAINERS: Derivation<readonly Container[]> = {
  id: 'prometheus-containers',
  derive(facts) {
    const all = facts.all(prometheusServicesFacts);
    const partsOf = groupBy(all, ({ uri, fact }) => `${dirname(uri)} ${fact.name}`);
    return all
      .filter(({ fact }) => fact.standalone)
      .map((service) => {
        const parts = partsOf.get(`${dirname(service.uri)} ${service.fact.name}`) ?? [];
        const mounts = [service, ...parts.filter((part) => part !== service)].flatMap(
          (part) => part.fact.mounts,
        );
        const configPath = service.fact.configPath;
        return {
          service,
          configUri: sourceOf(mounts, configPath),
          configFolder: configPath.slice(0, Math.max(1, configPath.lastIndexOf('/'))),
          mounts,
          opaque: parts.some((part) => part.fact.opaque),
        };
      });
  },
};

/** The containers that read a configuration file. */
export function containersFor(facts: FactReader, configUri: string): readonly Container[] {
  return facts.derived(CONTAINERS_BY_CONFIG).get(configUri) ?? [];
}

const CONTAINERS_BY_CONFIG: Derivation<ReadonlyMap<string | undefined, readonly Container[]>> = {
  id: 'prometheus-containers-by-config',
  derive: (facts) => groupBy(containersOf(facts), ({ configUri }) => configUri),
};

function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

/** The file of the host behind a path in the container. */
function sourceOf(mounts: Container['mounts'], path: string): string | undefined {
  const covering = mounts.filter(({ target }) => path === target || path.startsWith(`${target}/`));
  const nearest = covering.reduce<Container['mounts'][number] | undefined>(
    (best, mount) => (best && best.target.length > mount.target.length ? best : mount),
    undefined,
  );
  if (!nearest || nearest.sourceUri === null) return undefined;
  return path === nearest.target
    ? nearest.sourceUri
    : joinUri(nearest.sourceUri, `.${path.slice(nearest.target.length)}`);
}

/** The files of the workspace that a pattern matches in a container; undefined where that cannot be told. */
export function seenIn(
  facts: FactReader,
  container: Pick<Container, 'configFolder' | 'mounts' | 'opaque'>,
  pattern: string,
): readonly string[] | undefined {
  if (container.opaque) return undefined;
  const path = pattern.startsWith('/') ? pattern : normal(`${container.configFolder}/${pattern}`);
  const literal = literalFolder(path);
  const matches = globPattern(path);
  const found: string[] = [];
  for (const { sourceUri, target } of container.mounts) {
    const concerns = isBelow(literal, target) || isBelow(target, literal);
    if (!concerns) continue;
    if (sourceUri === null) return undefined;
    if (matches.test(target)) {
      if (!facts.exists(sourceUri)) return undefined;
      found.push(sourceUri);
      continue;
    }
    const files = facts.glob(sourceUri, '**');
    if (files.length === 0 && !facts.exists(sourceUri)) return undefined;
    found.push(...files.filter((uri) => matches.test(`${target}/${relativePath(sourceUri, uri) ?? ''}`)));
  }
  return found;
}

/**
 * The files that a pattern matches beside the configuration on disk. An absolute pattern below the container's folder of the
 * configuration is taken relative to it; undefined for any other absolute one.
 */
export function besideConfig(
  facts: FactReader,
  configUri: string,
  pattern: string,
  configFolder = '/etc/prometheus',
): readonly string[] | undefined {
  const relative = relativePattern(pattern, configFolder);
  if (relative === undefined) return undefined;
  const up = /^(?:\.\.\/)+/.exec(relative)?.[0] ?? '';
  const folder = up === '' ? dirname(configUri) : joinUri(dirname(configUri), up);
  const below = relative.slice(up.length);
  // Prometheus knows neither `**` nor `{a,b}`.
  const matches = globPattern(below);
  return facts.glob(folder, below).filter((uri) => matches.test(relativePath(folder, uri) ?? ''));
}

/** A pattern relative to the folder of the configuration; undefined for an absolute one that lies elsewhere. */
export function relativePattern(pattern: string, configFolder: string): string | undefined {
  if (!pattern.startsWith('/')) return pattern.replace(/^(?:\.\/)+/, '');
  return pattern.startsWith(`${configFolder}/`) ? pattern.slice(configFolder.length + 1) : undefined;
}

/** The folder part of a pattern that holds no wildcard. */
export function literalFolder(pattern: string): string {
  const wild = pattern.search(/[*?[{\\]/);
  const fixed = wild < 0 ? pattern : pattern.slice(0, wild);
  return fixed.slice(0, Math.max(0, fixed.lastIndexOf('/')));
}

/** How many alerts the files hold together. */
export function alertsIn(facts: FactReader, uris: readonly string[]): number {
  return uris.reduce(
    (sum, uri) =>
      sum + facts.of(prometheusRuleFileFacts, uri).reduce((inner, fact) => inner + fact.alerts, 0),
    0,
  );
}

const SAMPLE =
  /\/(?:examples?|samples?|docs?|demo|tests?|testdata|fixtures|__tests__|vendor|node_modules|third[_-]party|templates?|roles|charts?|helm|mixins?|jsonnet|assets|loki|mimir|cortex|thanos|dist|_gen)\//i;

/** Whether a file, by its path below the workspace folder, lies in a folder whose rules are not this system's own. */
export function isSample(path: string): boolean {
  return SAMPLE.test(`/${path.slice(0, path.lastIndexOf('/') + 1)}`);
}

/** The path of another file below the workspace folder that holds the document; undefined for one outside of it. */
export function pathBeside(document: Document, path: string, uri: string): string | undefined {
  let root = document.uri;
  for (const _ of path.split('/')) root = dirname(root);
  return relativePath(root, uri);
}

/** Whether a pattern holds what something else replaces before Prometheus reads it. */
export function isComputed(pattern: string): boolean {
  return /\$\{?\w|\{\{|<%|%\(/.test(pattern);
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

function normal(path: string): string {
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') out.pop();
    else if (segment !== '' && segment !== '.') out.push(segment);
  }
  return `/${out.join('/')}`;
}

/** Go's `filepath.Match`: `*` and `?` stop at a slash, and there is no `**`. */
function globPattern(pattern: string): RegExp {
  const source = pattern.replace(/\[[^\]/]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1) return part.replace(/\\/g, '\\\\');
    return part.replace(/[\\^$.|+(){}[\]]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /^(?!)/; // a class such as [z-a] matches nothing
  }
}
