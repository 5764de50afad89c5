/** The parts of an image's name. https://github.com/distribution/reference */
export interface ImageReference {
  /** `docker.io` where none is written. */
  readonly registry: string;
  /** With `library/` in front of Docker's own images: `library/nginx`, `grafana/grafana`. */
  readonly path: string;
  /** The path without `library/`; with the registry in front where it is not Docker Hub. What tables of images are keyed by. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Splits an image's name. Undefined for a text that is none. */
export function parseImage(text: string): ImageReference | undefined {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.lastIndexOf(':');
  const hasTag = colon > tagged.lastIndexOf('/');
  const tag = hasTag ? tagged.slice(colon + 1) : undefined;
  const whole = hasTag ? tagged.slice(0, colon) : tagged;
  if (whole === '' || /\s/.test(text)) return undefined;
  const slash = whole.indexOf('/');
  const first = slash < 0 ? '' : whole.slice(0, slash);
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = hasRegistry ? normalRegistry(first) : 'docker.io';
  const rest = hasRegistry ? whole.slice(slash + 1) : whole;
  const path = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  const name = registry === 'docker.io' ? path.replace(/^library\//, '') : `${registry}/${path}`;
  return { registry, path, name, tag, digest };
}

function normalRegistry(host: string): string {
  return /^(?:registry-1\.|index\.|registry\.hub\.)?docker\.(?:io|com)$/.test(host) ? 'docker.io' : host;
}
