import { UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { mountSourceUri, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { imageOf, wordsOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A service of a Compose file that runs Prometheus, or adds to one that does: what its container sees of the host. */
export interface PrometheusServiceFact {
  readonly name: string;
  /** Of the name below `services`. */
  readonly span: Span;
  /** The configuration's path in the container. */
  readonly configPath: string;
  /** The mounts in order; `null` for a volume, a path outside of the workspace's reach or one that is not known. */
  readonly mounts: readonly { readonly sourceUri: string | null; readonly target: string }[];
  /** Whether files may come from elsewhere too: an image built here, `configs`, a part in a file that is not read. */
  readonly opaque: boolean;
  /** False where the file only adds to a service of another file: neither image nor build. */
  readonly standalone: boolean;
}

export const prometheusServicesFacts: FactKey<PrometheusServiceFact> = factKey('prometheus-services');

/** Where the image's own command looks: https://github.com/prometheus/prometheus/blob/main/Dockerfile. */
const DEFAULT_CONFIG = '/etc/prometheus/prometheus.yml';
/** https://github.com/bitnami/containers/tree/main/bitnami/prometheus */
const BITNAMI_CONFIG = '/opt/bitnami/prometheus/conf/prometheus.yml';
const CONFIG_FLAG = /^--?config\.file(?:=(.*))?$/;
const IMAGE = /(?:^|\/)(?:[\w.-]*-)?prometheus(?:[:@]|$)/;

export const extractor = defineExtractor({
  kind: 'compose',
  key: prometheusServicesFacts,
  extract: ({ uri, tree }) => tree.services.flatMap((service) => factOf(service, uri) ?? []),
});

function factOf(service: ComposeService, uri: string): PrometheusServiceFact | undefined {
  const words = (wordsOf(service, 'command') ?? []).map((word) => word.text);
  const flag = configFlag(words);
  const image = imageOf(service);
  const mounts = mountsOf(service);
  const runsPrometheus = flag !== undefined || (image !== undefined && IMAGE.test(image));
  const addsTo = !service.standalone && mounts.some((mount) => mount.target?.startsWith('/etc/prometheus'));
  if (!runsPrometheus && !addsTo) return undefined;
  const keys = service.effective.entries;
  return {
    name: service.name,
    span: service.key.span,
    configPath: flag ?? (/(?:^|\/)bitnami\w*\//.test(image ?? '') ? BITNAMI_CONFIG : DEFAULT_CONFIG),
    mounts: mounts.flatMap((mount) =>
      mount.target === null
        ? []
        : [{ sourceUri: mountSourceUri(mount, uri) ?? null, target: withoutSlash(mount.target) }],
    ),
    opaque:
      keys.has('build') ||
      keys.has('configs') ||
      keys.has('volumes_from') ||
      keys.has('entrypoint') ||
      !service.complete ||
      mounts.some((mount) => mount.target === null) ||
      words.some((word) => word.startsWith(UNKNOWN) || (CONFIG_FLAG.test(word) && word.includes(UNKNOWN))),
    standalone: service.standalone,
  };
}

function configFlag(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const match = CONFIG_FLAG.exec(word);
    if (match) return match[1] ?? words[index + 1];
  }
  return undefined;
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
