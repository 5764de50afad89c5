/** What a file holds by its name: `file` for keys and credentials, `environment` for `.env`, which a builder may need. */
export type SecretFileKind = 'file' | 'environment';

/** Keys by names that only private ones have. */
const PRIVATE_KEY =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:[._-][\w-]+)?|(?:deploy|ssh_host_(?:rsa|dsa|ecdsa|ed25519))_key|(?:server|tls|ssl|private|privkey|client|domain|host|localhost|site|cert|nginx|jwt|signing[-_]private)\.key|private(?:[-_]key)?\.pem|privkey\d*\.pem|[\w.-]*[-_.](?:private[-_]key|privkey|key)\.pem|key\.pem|[\w.-]+\.(?:p12|pfx|ppk|kdbx))$/i;
const CREDENTIALS =
  /^(?:\.netrc|_netrc|\.pypirc|\.git-credentials|\.pgpass|\.my\.cnf|\.htpasswd|\.dockercfg|\.boto|\.s3cfg|kubeconfig|credentials\.json|client_secrets?\.json|[\w.-]*service[-_]?account[\w.-]*\.json|\.vault-token|secrets?\.(?:ya?ml|json|env|toml))$|(?:^|\/)\.(?:aws|ssh|kube|gnupg)\/?$|(?:^|\/)\.aws\/credentials$|(?:^|\/)\.kube\/config$|(?:^|\/)\.docker\/config\.json$/i;
const ENVIRONMENT = /^(?:\.env|\.env\.(?:prod|production|local|staging|live)(?:\.local)?|[\w-]+\.env)$/i;
const HARMLESS =
  /example\b(?!\.(?:com|org|net)\b)|sample|template|dummy|fake|dist$|\.pub$|^(?:test|build|versions?|common|default|defaults)\.env$/i;

/** Folders in which a `.key` is one of TLS: `/etc/nginx/ssl`, `certs`. */
const TLS_FOLDER = /(?:^|[/._-])(?:ssl|tls|certs?|certificates?|private|pki|https)(?:[/._-]|$)/i;

/** What a file that is copied to a place holds; undefined where its name does not tell. */
export function secretFileKind(path: string, destination: string): SecretFileKind | undefined {
  const name = path.replace(/\/$/, '').replace(/^.*\//, '');
  if (HARMLESS.test(path) || path.includes('$') || isPublic(path, destination)) return undefined;
  if (/\.key$/i.test(name) && TLS_FOLDER.test(`${path} ${destination}`)) return 'file';
  if (/[*?]/.test(name)) return undefined;
  if (PRIVATE_KEY.test(name) || CREDENTIALS.test(name) || CREDENTIALS.test(path)) return 'file';
  return ENVIRONMENT.test(name) ? 'environment' : undefined;
}

/** Keys that package managers check signatures with are public. */
function isPublic(path: string, destination: string): boolean {
  return (
    /(?:^|[-_./])(?:public|pub|gpg|repo|release|archive|signing|docker|nodesource|kubernetes|microsoft|google|hashicorp)(?:[-_./]|$)/i.test(
      path,
    ) || /\/(?:apk|apt|keyrings|rpm-gpg|trusted\.gpg\.d)\b/.test(destination)
  );
}
