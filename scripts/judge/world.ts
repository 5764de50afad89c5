import { join } from 'node:path';
import type { Edit } from '../../rules/core/rule.ts';
import type { NginxDirective, NginxWord } from '../../syntaxes/nginx/tree.ts';
import type { Prefix } from './binary.ts';

/*
 * What a configuration names outside of itself is not on the machine that judges it: certificates, folders, users, hosts, ports that
 * only root may open. Each of them is replaced by something that is, the same before a fix and after it.
 */

/** The machine that a configuration is put on. */
export interface World {
  readonly prefix: Prefix;
  /** Which port stands for one of the configuration's. */
  port(port: number): number;
  /** Whether servers may listen on the loopback device only. */
  readonly loopback: boolean;
  /** Names of directives that are left out. */
  readonly dropped: ReadonlySet<string>;
  /** Names of the upstreams that are defined: no hosts. */
  readonly upstreams: ReadonlySet<string>;
}

/** The edits that put one directive on the machine; `include` and blocks are the caller's. */
export function stubsOf(directive: NginxDirective, world: World): readonly Edit[] {
  const { name, args } = directive;
  const stub = STUBS.get(name) ?? FAMILIES.find(([form]) => form.test(name))?.[1];
  const stubs = stub?.(directive, world) ?? [];
  return stubs.length > 0 ? stubs : args.flatMap(filledIn);
}

type Stub = (directive: NginxDirective, world: World) => readonly Edit[];

const certificate: Stub = ({ args }, { prefix }) => file(args[0], prefix.certificate);
const key: Stub = ({ args }, { prefix }) => file(args[0], prefix.key);
const discarded: Stub = ({ args }) =>
  /^(?:off$|stderr$|syslog:|memory:)|\$/.test(filled(args[0]?.value ?? '')) ? [] : file(args[0], '/dev/null');
const content: Stub = ({ args }, { prefix }) => {
  const path = args[0]?.value ?? '';
  return path.startsWith('/') ? file(args[0], join(prefix.folder, 'root', path)) : [];
};

const STUBS: ReadonlyMap<string, Stub> = new Map<string, Stub>([
  ['ssl_dhparam', ({ args }, { prefix }) => file(args[0], prefix.dhParameters)],
  ['ssl_session_ticket_key', ({ args }, { prefix }) => file(args[0], prefix.ticketKey)],
  ['ssl_password_file', ({ args }) => file(args[0], '/dev/null')],
  ['access_log', discarded],
  ['error_log', discarded],
  ['root', content],
  ['alias', content],
  ['auth_basic_user_file', content],
  ['pid', ({ args }, { prefix }) => replaced(args[0], join(prefix.folder, 'nginx.pid'))],
  ['lock_file', ({ args }, { prefix }) => replaced(args[0], join(prefix.folder, 'nginx.lock'))],
  ['user', ({ args }) => args.flatMap((arg) => replaced(arg, 'root'))],
  ['load_module', ({ span }) => [{ span, text: '' }]],
  ['listen', listen],
  // A server may be called as its upstream is.
  ['server', ({ args }, { prefix }) => [...host(args[0], { prefix }), ...args.flatMap(withoutResolve)]],
  [
    'resolver',
    ({ args }, world) => args.filter((arg) => !arg.value.includes('=')).flatMap((arg) => host(arg, world)),
  ],
  ['set_real_ip_from', ({ args }, world) => host(args[0], world)],
]);

const FAMILIES: readonly (readonly [RegExp, Stub])[] = [
  [/^(?:\w+_)?ssl_(?:certificate|trusted_certificate|client_certificate)$/, certificate],
  [/^(?:\w+_)?ssl_certificate_key$/, key],
  [
    /^\w+_temp_path$/,
    ({ args }, { prefix }) => replaced(args[0], join(prefix.folder, 'temp', nameFor(args[0]))),
  ],
  [
    /^\w+_cache_path$/,
    ({ args }, { prefix }) => replaced(args[0], join(prefix.folder, 'cache', nameFor(args[0]))),
  ],
  [/^(?:proxy|grpc)_pass$/, ({ args }, world) => host(args[0], world)],
  [/^(?:fastcgi|uwsgi|scgi|memcached)_pass$/, ({ args }, world) => host(args[0], world, ':9000')],
];

/** A path to a file that has to be there; variables are resolved later, and what is no path is none. */
function file(word: NginxWord | undefined, path: string): readonly Edit[] {
  return word === undefined || /^(?:data:|engine:|store:)|\$/.test(filled(word.value))
    ? []
    : replaced(word, path);
}

function replaced(word: NginxWord | undefined, text: string): readonly Edit[] {
  return word === undefined
    ? []
    : [{ span: word.span, text: /[\s;{}'"\\#]/.test(text) ? `"${text}"` : text }];
}

function nameFor(word: NginxWord | undefined): string {
  return (word?.value ?? '').replaceAll(/[^\w.-]/g, '_');
}

/** `[scheme://]host[:port][/…]` at another host: 127.0.0.1, which nobody has to look up. */
function host(
  word: NginxWord | undefined,
  { upstreams, prefix }: Pick<World, 'prefix'> & Partial<World>,
  defaultPort = '',
): readonly Edit[] {
  const parts = /^((?:\w+:\/\/)?)(\[[^\]]*\]|[^:/$[\]]+)((?::\d+)?)((?:\/.*)?)$/s.exec(word?.value ?? '');
  const [, scheme = '', name = '', port = '', rest = ''] = parts ?? [];
  if (!parts) {
    const socket = /^((?:\w+:\/\/)?unix:)\/[^:$]*(.*)$/s.exec(word?.value ?? '');
    return socket ? replaced(word, `${socket[1]}${join(prefix.folder, 'sockets/upstream')}${socket[2]}`) : [];
  }
  if (upstreams?.has(name) || /^(?:unix|[\d.]+)$/.test(name) || name.startsWith('[')) return [];
  return replaced(word, `${scheme}127.0.0.1${port || defaultPort}${rest}`);
}

/** Names that are looked up again and again came to nginx with 1.27.3. */
function withoutResolve({ value, span }: NginxWord): readonly Edit[] {
  return value === 'resolve' ? [{ span, text: '' }] : [];
}

/** A socket that everyone may open. Addresses that differ still do; QUIC came after nginx 1.22. */
function listen({ args, span }: NginxDirective, world: World): readonly Edit[] {
  if (args.some(({ value }) => value === 'quic')) return [{ span, text: '' }];
  const [endpoint] = args;
  const text = filled(endpoint?.value ?? '', '8080');
  if (text.startsWith('unix:'))
    return replaced(
      endpoint,
      `unix:${join(world.prefix.folder, 'sockets', text.slice(5).replaceAll(/\W/g, '_'))}`,
    );
  const parts = /^(?:(\[[^\]]*\]|[^:]*[^\d:][^:]*):?)?(\d*)$/.exec(text);
  if (!parts) return [];
  const [, address, port] = parts;
  const number = world.port(port === undefined || port === '' ? 80 : Number(port));
  const at = addressFor(address, world);
  return [
    ...replaced(endpoint, at === '' ? String(number) : `${at}:${number}`),
    ...args.slice(1).flatMap(filledIn),
  ];
}

function addressFor(address: string | undefined, { loopback }: World): string {
  if (address?.startsWith('[')) return '[::1]';
  if (address === undefined || address === '*' || address === '0.0.0.0') return loopback ? '127.0.0.1' : '';
  if (address === 'localhost' || /^127\./.test(address)) return '127.0.0.1';
  // All of 127.0.0.0/8 is the loopback device.
  const sum = [...address].reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) % 62_500, 7);
  return `127.9.${Math.floor(sum / 250)}.${(sum % 250) + 1}`;
}

/** A word with its `${NAME}` placeholders filled in, as whoever starts nginx does. */
function filledIn(word: NginxWord): readonly Edit[] {
  const text = filled(word.value);
  return text === word.value ? [] : replaced(word, text);
}

function filled(text: string, value?: string): string {
  return text.replaceAll(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_, name: string) => value ?? valueFor(name));
}

function valueFor(name: string): string {
  if (/PORT/.test(name)) return '8080';
  if (/SIZE/.test(name)) return '8m';
  if (/TIME|TTL|AGE/.test(name)) return '60';
  if (/COUNT|CONNECTIONS|BURST|NUM/.test(name)) return '512';
  if (/URL|URI/.test(name)) return 'http://127.0.0.1:8080';
  return /PATH|DIR|ROOT/.test(name) ? '/srv' : '127.0.0.1';
}
