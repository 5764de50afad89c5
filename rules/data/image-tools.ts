/*
 * Programs for healthchecks that public images do not have. Compiled by hand on 2026-11-24 from the Dockerfiles of the images and
 * from what is generally known of their bases: Alpine and busybox have their own `wget` and `nc` and no `curl`, Debian and Ubuntu
 * have none of the three, distroless images and those from scratch have no shell either. An image that is not here may have all.
 *
 * To check an entry, ask the image: `docker run --rm --entrypoint sh <image> -c 'command -v curl wget nc'`; where there is no
 * shell, that call fails.
 */
import type { ImageReference } from '../core/image-reference.ts';

export type ProbeTool = 'curl' | 'wget' | 'nc' | 'sh';

const NONE: ReadonlySet<ProbeTool> = new Set();
const NO_CURL: ReadonlySet<ProbeTool> = new Set(['curl']);
const NO_CLIENT: ReadonlySet<ProbeTool> = new Set(['curl', 'wget', 'nc']);
const NOTHING: ReadonlySet<ProbeTool> = new Set(['curl', 'wget', 'nc', 'sh']);

/** What an image lacks, by what its tag says of the base: Alpine, a slim Debian, or the default. */
interface Lacks {
  readonly default: ReadonlySet<ProbeTool>;
  readonly slim?: ReadonlySet<ProbeTool>;
  readonly alpine?: ReadonlySet<ProbeTool>;
}

/** The default of a language's image is Debian with many tools. */
const LANGUAGE: Lacks = { default: NONE, slim: NO_CLIENT, alpine: NO_CURL };
const DEBIAN: Lacks = { default: NO_CLIENT, alpine: NO_CURL };
const ALPINE: Lacks = { default: NO_CURL };
const SCRATCH: Lacks = { default: NOTHING, alpine: NONE };

const LACKS: Readonly<Record<string, Lacks>> = {
  node: LANGUAGE,
  python: LANGUAGE,
  golang: LANGUAGE,
  ruby: LANGUAGE,
  rust: LANGUAGE,
  perl: LANGUAGE,
  debian: { default: NO_CLIENT },
  ubuntu: { default: NO_CLIENT },
  postgres: DEBIAN,
  redis: DEBIAN,
  'valkey/valkey': DEBIAN,
  memcached: DEBIAN,
  haproxy: DEBIAN,
  // The default image installs `curl`, and so does the one on Alpine, but its slim variant.
  nginx: { default: new Set(['wget', 'nc']), alpine: NONE },
  alpine: ALPINE,
  busybox: ALPINE,
  traefik: ALPINE,
  caddy: ALPINE,
  registry: ALPINE,
  'prom/prometheus': ALPINE,
  'prom/alertmanager': ALPINE,
  'prom/node-exporter': ALPINE,
  'prom/blackbox-exporter': ALPINE,
  'prom/pushgateway': ALPINE,
  'quay.io/prometheus/prometheus': ALPINE,
  'quay.io/prometheus/alertmanager': ALPINE,
  'quay.io/prometheus/node-exporter': ALPINE,
  'quay.io/prometheus/blackbox-exporter': ALPINE,
  'quay.io/keycloak/keycloak': { default: NO_CLIENT },
  'qdrant/qdrant': { default: NO_CLIENT },
  'ollama/ollama': { default: NO_CLIENT },
  scratch: SCRATCH,
  nats: SCRATCH,
  'otel/opentelemetry-collector': SCRATCH,
  'otel/opentelemetry-collector-contrib': SCRATCH,
  'cloudflare/cloudflared': SCRATCH,
  'portainer/portainer-ce': SCRATCH,
  'portainer/portainer-ee': SCRATCH,
};

/** What it is known that an image does not have. */
export function missingTools({ name, tag = '' }: ImageReference): ReadonlySet<ProbeTool> {
  if (/windows|nanoserver/i.test(tag)) return NONE;
  if (/^gcr\.io\/distroless\//.test(name)) return /(?:^|-)debug(?:$|-)/.test(tag) ? NO_CURL : NOTHING;
  // Microsoft took `curl` out of its images for running programs with .NET 8.
  if (/^mcr\.microsoft\.com\/dotnet\/(?:aspnet|runtime|runtime-deps)$/.test(name))
    return /^(?:[89]|1\d)\.0/.test(tag) ? NO_CURL : NONE;
  const lacks = Object.hasOwn(LACKS, name) ? LACKS[name] : undefined;
  if (!lacks) return NONE;
  if (name === 'nginx' && /alpine-slim|alpine.*-slim/.test(tag)) return NO_CURL;
  if (/distroless/.test(tag)) return NOTHING;
  if (/alpine/.test(tag)) return lacks.alpine ?? lacks.default;
  return (/slim/.test(tag) ? lacks.slim : undefined) ?? lacks.default;
}
