import { isOn } from './flags.ts';
import { placeOf, serverLabel } from './place.ts';
import type { Item, Scope } from './scope.ts';
import { itemsNamed, scopesIn } from './scope.ts';

/** A `server` for HTTP that stands in this file. */
export interface Server {
  readonly scope: Scope;
  /** The names it answers to, as written; empty where it has none. */
  readonly names: readonly string[];
  readonly listens: readonly Listen[];
  /** Whether some of its sockets speak TLS. */
  readonly tls: boolean;
  /** `example.com:443`. */
  readonly label: string;
  /** `http.server[example.com:443]`. */
  readonly place: string;
}

export interface Listen {
  readonly item: Item;
  /** `127.0.0.1`, `[::]`, `unix:/run/x.sock`; empty where only a port is given. */
  readonly address: string;
  /** Undefined for a placeholder and for a socket file. */
  readonly port: number | undefined;
  readonly tls: boolean;
}

/** The servers of this file that speak HTTP, those of `stream` and `mail` not among them. */
export function httpServers(root: Scope): readonly Server[] {
  const found: Server[] = [];
  for (const scope of scopesIn(root)) {
    if (scope.kind === 'server' && scope.parent?.kind === 'http' && scope.block) found.push(serverOf(scope));
  }
  return found;
}

/** What is known of one server. */
export function serverOf(scope: Scope): Server {
  const listens = listensOf(scope);
  const names = itemsNamed(scope, 'server_name').flatMap((item) => item.args);
  const owner = scope.block?.owner;
  return {
    scope,
    names,
    listens,
    tls: listens.some((listen) => listen.tls),
    // Only a finding needs them, and most servers have none.
    get label() {
      return owner ? serverLabel(owner) : (names[0] ?? '_');
    },
    get place() {
      return owner ? placeOf(owner) : 'server';
    },
  };
}

/** Whether requests that reach it over the network come from elsewhere than this machine. */
export function isReachable({ listens }: Server): boolean {
  return (
    listens.length === 0 || listens.some(({ address }) => !/^(?:127\.|\[::1\]|localhost|unix:)/.test(address))
  );
}

/** Names that no browser reaches over the internet, and for which rules about browsers mean nothing: IP addresses, localhost. */
export function isLocalName(name: string): boolean {
  return /^(?:localhost|.*\.(?:localhost|test|invalid)|[\d.]+|\[?[\da-f:]*:[\da-f:]*\]?)$/i.test(name);
}

/** Whether no handshake succeeds: `ssl_reject_handshake on`, or only suites that no browser offers. */
export function refusesHandshakes({ scope }: Server): boolean {
  return scope.items.some(
    ({ name, args }) =>
      (name === 'ssl_reject_handshake' && isOn(args[0])) || (name === 'ssl_ciphers' && args[0] === 'aNULL'),
  );
}

/** Whether it turns everyone away: no handshake succeeds, or `return 444`. */
export function refusesAll(server: Server): boolean {
  const { scope } = server;
  if (refusesHandshakes(server)) return true;
  return itemsNamed(scope, 'return').some((item) => /^4\d\d$/.test(item.args[0] ?? ''));
}

const PASSES =
  /^(?:(?:proxy|fastcgi|uwsgi|scgi|memcached)_pass|content_by_lua(?:_block|_file)?|try_files|root|alias|index|autoindex)$/;

/** Whether it answers with content: not only redirects, refusals, status pages or challenges for certificates. */
export function servesContent({ scope }: Server): boolean {
  if (scope.items.some((item) => item.name === 'return' || isRedirectingRewrite(item))) return false;
  const locations = scope.children.filter((child) => child.kind === 'location');
  if (locations.some(locationServes)) return true;
  const catchesAll = locations.some((location) => location.args.at(-1) === '/');
  return !catchesAll && scope.items.some((item) => PASSES.test(item.name));
}

/** Whether a location answers with content of its own or passes requests on. */
export function locationServes(location: Scope): boolean {
  if (isForCertificates(location) || answersItself(location)) return false;
  if (location.items.some((item) => item.name === 'internal' || item.name === 'stub_status')) return false;
  if (deniesAll(location)) return false;
  if (location.items.some((item) => PASSES.test(item.name))) return true;
  const inner = location.children.filter((child) => child.kind === 'location');
  if (inner.length > 0) return inner.some(locationServes);
  return location.parent?.items.some((item) => item.name === 'root') ?? false;
}

/** A block whose answer is written in the configuration: a redirect, a health check, a refusal. */
export function answersItself(scope: Scope): boolean {
  return scope.items.some((item) => item.name === 'return' || isRedirectingRewrite(item));
}

/** `location /.well-known/acme-challenge/`. */
export function isForCertificates(location: Scope): boolean {
  return location.args.some((arg) => /acme|\.well-known|pki-validation/i.test(arg));
}

export function deniesAll(scope: Scope): boolean {
  return (
    itemsNamed(scope, 'deny').some((item) => item.args[0] === 'all') &&
    itemsNamed(scope, 'allow').length === 0
  );
}

function listensOf(scope: Scope): readonly Listen[] {
  const sslOn = itemsNamed(scope, 'ssl').some((item) => isOn(item.args[0]));
  return itemsNamed(scope, 'listen').map((item): Listen => {
    const [endpoint = '', ...flags] = item.args;
    const port = /(?:^|:)(\d+)$/.exec(endpoint)?.[1];
    const address = endpoint.startsWith('unix:') ? endpoint : endpoint.replace(/(?:^|:)\d+$/, '');
    // An address without a port listens on 80.
    const assumed = endpoint.startsWith('unix:') || item.opaque ? undefined : 80;
    return {
      item,
      address,
      port: port === undefined ? assumed : Number(port),
      tls: flags.includes('ssl') || flags.includes('quic') || (sslOn && port !== '80'),
    };
  });
}

function isRedirectingRewrite(item: Item): boolean {
  if (item.name !== 'rewrite') return false;
  return (
    /^(?:\^|\^\/|\^\(\.\*\)(?:\$)?|\^\/\(\.\*\)\$?|\(\.\*\)|\.\*|\^\.\*\$?)$/.test(item.args[0] ?? '') &&
    /^https?:|^\$/.test(item.args[1] ?? '')
  );
}
