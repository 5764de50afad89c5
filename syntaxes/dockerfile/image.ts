/** An image's name taken apart: `registry:5000/team/app:1.2@sha256:…`. */
export interface ImageReference {
  /** As written, variables replaced. */
  readonly text: string;
  /** The host before the first slash, with its port; undefined for Docker Hub's short names. */
  readonly registry: string | undefined;
  /** Without registry, tag and digest: `library/nginx` stays as written. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** With its algorithm: `sha256:…`. */
  readonly digest: string | undefined;
}

/**
 * Splits a name as the distribution library does: the part before the first slash is a registry where it holds a dot or a
 * colon or is `localhost`. https://github.com/distribution/reference/blob/main/normalize.go
 */
export function parseImage(text: string): ImageReference {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const slash = named.indexOf('/');
  const head = named.slice(0, Math.max(slash, 0));
  const registry = /[.:]/.test(head) || head === 'localhost' ? head : undefined;
  const path = registry === undefined ? named : named.slice(slash + 1);
  const colon = path.lastIndexOf(':');
  const hasTag = colon > path.lastIndexOf('/');
  return {
    text,
    registry,
    repository: hasTag ? path.slice(0, colon) : path,
    tag: hasTag ? path.slice(colon + 1) : undefined,
    digest,
  };
}

/**
 * One spelling for each repository: Docker Hub's own prefixes (`docker.io/`, `index.docker.io/`, `library/`) are dropped,
 * so that `docker.io/library/nginx` and `nginx` are the same.
 */
export function canonicalName(image: ImageReference): string {
  const hub = image.registry === undefined || /^(index\.|registry-1\.)?docker\.io$/.test(image.registry);
  const repository = hub ? image.repository.replace(/^library\//, '') : image.repository;
  return (hub ? repository : `${image.registry}/${repository}`).toLowerCase();
}
