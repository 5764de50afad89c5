import { basename, dirname, joinUri } from '../../../syntaxes/uri.ts';
import type { Derivation, FactReader, LocatedFact } from '../../core/facts.ts';
import { parseImage } from '../../core/image-reference.ts';
import { composeRoutedFacts } from '../../facts/compose-routed.ts';
import { type ComposeServiceFact, composeServicesFacts } from '../../facts/compose-services.ts';
import { dockerfileCopyFacts } from '../../facts/dockerfile-copies.ts';
import { dockerfileStagesFacts } from '../../facts/dockerfile-stages.ts';

/** A container, or an image, that has a file of this configuration. */
export interface NginxContainer {
  /** The image whose nginx reads the file, through the Dockerfile that is built; undefined where it is not known. */
  readonly image: string | undefined;
  /** Whether requests come through another container: a proxy is told of it, or no port of it is published. */
  readonly isBehind: boolean;
  /** The service of Compose; undefined for an image that none is built from. */
  readonly service: LocatedFact<ComposeServiceFact> | undefined;
}

/** The containers that a file is mounted or copied into, by itself or with the nearest folder that is. */
export function containersOf(facts: FactReader, uri: string): readonly NginxContainer[] {
  const bySource = facts.derived(CONTAINERS);
  for (let at = uri; ; at = dirname(at)) {
    const found = bySource.get(at);
    if (found) return found;
    if (dirname(at) === at) return [];
  }
}

const CONTAINERS: Derivation<ReadonlyMap<string, readonly NginxContainer[]>> = {
  id: 'nginx-containers',
  derive(facts) {
    const found = new Map<string, NginxContainer[]>();
    const add = (sources: readonly string[], container: NginxContainer) => {
      for (const source of sources.filter(isConfiguration))
        found.set(source, [...(found.get(source) ?? []), container]);
    };
    const built = new Set<string>();
    for (const { uri, fact } of facts.all(composeServicesFacts)) {
      if (fact.build?.dockerfileUri) built.add(fact.build.dockerfileUri);
      add(sourcesOf(facts, fact), {
        image: imageOf(facts, fact),
        isBehind: facts.of(composeRoutedFacts, uri).includes(fact.name) || isUnpublished(fact),
        service: { uri, fact },
      });
    }
    const dockerfiles = new Set(facts.all(dockerfileCopyFacts).map(({ uri }) => uri));
    for (const uri of dockerfiles) {
      if (!built.has(uri))
        add(copiesOf(facts, uri, dirname(uri)), {
          image: baseOf(facts, uri),
          isBehind: false,
          service: undefined,
        });
    }
    return found;
  },
};

/** A whole project in a container says nothing of how it is served. */
function isConfiguration(uri: string): boolean {
  return /nginx|conf|vhost|sites-/i.test(basename(uri));
}

function sourcesOf(facts: FactReader, { mounts, build }: ComposeServiceFact): readonly string[] {
  const { contextUri, dockerfileUri } = build ?? {};
  const copied = contextUri && dockerfileUri ? copiesOf(facts, dockerfileUri, contextUri) : [];
  return [...mounts.map(({ sourceUri }) => sourceUri), ...copied];
}

function copiesOf(facts: FactReader, dockerfileUri: string, contextUri: string): readonly string[] {
  return facts
    .of(dockerfileCopyFacts, dockerfileUri)
    .filter(({ inFinal }) => inFinal)
    .flatMap(({ sources }) => sources.map((source) => joinUri(contextUri, source.replace(/^\/+/, ''))));
}

function isUnpublished({ ports, networkMode, complete, standalone }: ComposeServiceFact): boolean {
  return complete && standalone && ports.length === 0 && networkMode === undefined;
}

function imageOf(facts: FactReader, { image, build }: ComposeServiceFact): string | undefined {
  if (!build) return image ?? undefined;
  return build.dockerfileUri && !build.target ? baseOf(facts, build.dockerfileUri) : undefined;
}

function baseOf(facts: FactReader, dockerfileUri: string): string | undefined {
  return facts.of(dockerfileStagesFacts, dockerfileUri)[0]?.final.base ?? undefined;
}

/** A tag without the last number stands for the newest of its line. */
const NEWEST = 999;

const NGINX_TAG = /^(\d+)\.(\d+)(?:\.(\d+))?(?:-|$)/;

/** How tags of images with nginx name its version. OpenResty adds a number of its own: https://hub.docker.com/r/openresty/openresty */
const TAG_FORMS: ReadonlyMap<string, RegExp> = new Map([
  ['nginx', NGINX_TAG],
  ['nginxinc/nginx-unprivileged', NGINX_TAG],
  ['openresty/openresty', /^(\d+)\.(\d+)\.(\d+)\.\d+(?:-|$)/],
]);

/** The version of nginx in an image, as its tag says. */
export function nginxVersionOf(image: string): readonly number[] | undefined {
  const { name, tag } = parseImage(image) ?? {};
  const form = TAG_FORMS.get(name ?? '');
  const [, major, minor, patch] = form?.exec(tag ?? '') ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return [Number(major), Number(minor), patch === undefined ? NEWEST : Number(patch)];
}
