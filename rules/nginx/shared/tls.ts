import { effectiveSet, effectiveValue } from './inherit.ts';
import { type Item, itemsNamed, type Scope, scopesIn } from './scope.ts';
import { refusesHandshakes, type Server, serverOf } from './server.ts';

/** The TLS servers of this file in or around a block, those apart that fail every handshake. */
export function tlsServersIn(scope: Scope): readonly Server[] {
  return [...scopesIn(scope)]
    .filter(({ kind, parent }) => kind === 'server' && parent?.kind === 'http')
    .map(serverOf)
    .filter((server) => server.tls && !refusesHandshakes(server));
}

/** The protocols that hold in a block, in lower case; undefined where they are not known, empty where none are set. */
export function protocolsOf(scope: Scope): ReadonlySet<string> | undefined {
  const { item, certain } = effectiveValue(scope, 'ssl_protocols');
  if (!certain) return undefined;
  return new Set(item?.args.map((arg) => arg.toLowerCase()));
}

/** Whether TLS 1.3 is the only protocol that is spoken. */
export function speaksOnlyTls13(scope: Scope): boolean {
  const protocols = protocolsOf(scope);
  return protocols?.size === 1 && protocols.has('tlsv1.3');
}

/** The files of certificates that hold in a block, as written; undefined where they are not known. */
export function certificatesOf(scope: Scope): readonly string[] | undefined {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const own = itemsNamed(at, 'ssl_certificate');
    if (own.length > 0) return own.flatMap((item) => item.args[0] ?? []);
    if (!at.complete || at.outside) return undefined;
  }
  return [];
}

/** The names of suites in a list of ciphers, without exclusions. `undefined` where it is not known. */
export function ciphersOf(scope: Scope): readonly string[] | undefined {
  const { item, certain } = effectiveValue(scope, 'ssl_ciphers');
  if (!certain || item?.args[0]?.includes('$')) return undefined;
  return (
    item?.args
      .join(':')
      .split(/[:, ]+/)
      .filter((token) => token !== '') ?? []
  );
}

/** Whether all suites of a list are for authenticated encryption, so that each one is good. */
export function areAllAead(tokens: readonly string[]): boolean {
  const added = tokens.filter((token) => !/^[!@-]/.test(token));
  return added.length > 0 && added.every((token) => /GCM|CHACHA20|CCM/.test(token));
}

/** A directive that is set in a block or around it, and may be repeated there. */
export function isSet(scope: Scope, name: string): 'yes' | 'no' | 'unknown' {
  const { item, certain } = effectiveValue(scope, name);
  if (item) return 'yes';
  return certain ? 'no' : 'unknown';
}

/** The headers that a block sends to its upstream, by name in lower case. `certain` as in `EffectiveSet`. */
export function forwardedHeaders(scope: Scope): {
  readonly names: ReadonlySet<string>;
  readonly items: readonly Item[];
  readonly owner: Scope | undefined;
  readonly certain: boolean;
} {
  const { items, owner, certain } = effectiveSet(scope, 'proxy_set_header');
  return { names: new Set(items.map((item) => (item.args[0] ?? '').toLowerCase())), items, owner, certain };
}

/** Whether all certificates of a block come from Let's Encrypt, as their files are kept by its clients. */
export function areFromLetsEncrypt(scope: Scope): boolean | undefined {
  const files = certificatesOf(scope);
  if (files === undefined || files.length === 0) return undefined;
  return files.every((file) => /\/(?:letsencrypt|certbot|dehydrated|lego)\//i.test(file));
}
