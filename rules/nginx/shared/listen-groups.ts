import type { Document } from '../../../syntaxes/document.ts';
import { dirname } from '../../../syntaxes/uri.ts';
import type { FactReader } from '../../core/facts.ts';
import { includersOf } from './include.ts';
import { scopeOf } from './model.ts';
import { enclosing, type Scope, scopesIn } from './scope.ts';
import { type Listen, type Server, serverOf } from './server.ts';

/*
 * nginx opens each socket once, whatever number of servers name it; the server for a connection is found by the name that the
 * client asks for. What is settled before that name is known (protocols, HTTP/2), and whatever has no such name, is up to the
 * default server: the one that says so, else the first that nginx reads.
 * https://nginx.org/en/docs/http/request_processing.html
 */

/** The servers of one socket. */
export interface ListenGroup {
  /** `*:443`, `[::]:80`, `10.0.0.1:8080`, `unix:/run/x.sock`, with `udp:` before it for QUIC. */
  readonly socket: string;
  /** In the order in which nginx reads them, as far as it is known; those of other files among them. */
  readonly members: readonly ListenMember[];
  /** Undefined where it is not known, since the order of the files or other servers are not. */
  readonly default: Server | undefined;
  /** Whether a server says that it is the default. */
  readonly explicit: boolean;
  /** Whether other servers may share the socket: files are not read, or a template fills in what they listen on. */
  readonly complete: boolean;
}

export interface ListenMember {
  readonly server: Server;
  /** Undefined for a server without `listen`, which nginx puts on port 80. */
  readonly listen: Listen | undefined;
}

/** The sockets of the HTTP servers that nginx reads together with a file, each with at least one server of this file. */
export function listenGroups(document: Document<'nginx'>, facts: FactReader): readonly ListenGroup[] {
  return facts.ofDocument(document, 'nginx-listen-groups', (own) =>
    groupsOf(scopeOf(document, own), { uri: document.uri, byName: isReadByName(own, document.uri) }),
  );
}

/** The groups that a server belongs to. */
export function groupsWith(groups: readonly ListenGroup[], { scope }: Server): readonly ListenGroup[] {
  return groups.filter(({ members }) => members.some(({ server }) => server.scope === scope));
}

/** A socket as one name, however it is written: `80`, `*:80` and `0.0.0.0` are one. Undefined where it is not known. */
export function socketOf({ item, address, port }: Listen): string | undefined {
  if (item.opaque || item.args.some((arg) => arg.includes('$'))) return undefined;
  const prefix = item.args.includes('quic') ? 'udp:' : '';
  if (address.startsWith('unix:')) return address.replace(/:$/, '');
  if (port === undefined || /-\d+$|:\d/.test(address.replace(/\[.*\]/, ''))) return undefined;
  return `${prefix}${hostOf(address)}:${port}`;
}

/** Without `listen`: `*:80`, or `*:8000` for who is not root, which nobody relies on. */
const IMPLICIT_SOCKET = '*:80';

function hostOf(address: string): string {
  const host = address.toLowerCase();
  if (host === '' || host === '0.0.0.0') return '*';
  if (host === 'localhost') return '127.0.0.1';
  return /^\[(?:0*:)*0*\]$/.test(host) ? '[::]' : host;
}

/** The file of a scope. */
interface Place {
  readonly uri: string;
  /** Whether nginx reads it in the order of names among the files beside it. */
  readonly byName: boolean;
}

/** Files that are included one by one are read in the order in which that is written. */
function isReadByName(facts: FactReader, uri: string): boolean {
  return includersOf(facts, uri).every(({ pattern }) => /[*?[]/.test(pattern));
}

function groupsOf(root: Scope, place: Place): readonly ListenGroup[] {
  const https = new Set([...scopesIn(root)].filter(({ kind }) => kind === 'http'));
  const around = enclosing(root, 'http');
  if (around && root.kind !== 'server') https.add(around);
  return [...https].flatMap((http) => groupsIn(http, place));
}

function groupsIn(http: Scope, place: Place): readonly ListenGroup[] {
  const servers = http.children.filter(({ kind }) => kind === 'server').map(serverOf);
  const byPath = inOrder(servers, place);
  const bySocket = new Map<string, ListenMember[]>();
  let complete = http.complete && !http.unreadServers && http.outside === undefined;
  for (const server of byPath ?? servers) {
    const sockets = new Map<string, Listen | undefined>();
    for (const listen of server.listens) {
      const socket = socketOf(listen);
      if (socket === undefined) complete = false;
      else if (!sockets.has(socket)) sockets.set(socket, listen);
    }
    if (server.listens.length === 0) {
      if (server.scope.complete) sockets.set(IMPLICIT_SOCKET, undefined);
      else complete = false;
    }
    for (const [socket, listen] of sockets) {
      const members = bySocket.get(socket) ?? [];
      members.push({ server, listen });
      bySocket.set(socket, members);
    }
  }
  return [...bySocket]
    .filter(([, members]) => members.some(({ server }) => server.scope.block))
    .map(([socket, members]) => {
      const explicit = members.find(({ listen }) => listen && isDefault(listen));
      const first = byPath && complete ? members[0] : undefined;
      return {
        socket,
        members,
        default: (explicit ?? first)?.server,
        explicit: explicit !== undefined,
        complete,
      };
    });
}

/** `default` is how nginx before 0.8.21 wrote it, and still reads it. */
function isDefault({ item }: Listen): boolean {
  return item.args.some((arg) => arg === 'default_server' || arg === 'default');
}

/** Servers as nginx reads them; undefined where that is not known. The files of one folder are read by their names. */
function inOrder(servers: readonly Server[], { uri, byName }: Place): readonly Server[] | undefined {
  const others = servers.filter(({ scope }) => scope.block === undefined);
  if (others.length === 0) return servers;
  if (!byName) return undefined;
  const keyed = servers.map((server) => ({ server, from: server.scope.block ? uri : uriOf(server) }));
  const folder = dirname(uri);
  if (keyed.some(({ from }) => from === undefined || dirname(from) !== folder)) return undefined;
  return keyed
    .sort(({ from: a = '' }, { from: b = '' }) => (a < b ? -1 : Number(a > b)))
    .map(({ server }) => server);
}

/** The file that a server stands in: most of what it sets stands there too. */
function uriOf({ scope }: Server): string | undefined {
  return scope.items.find(({ name }) => name === 'listen' || name === 'server_name')?.uri;
}
