import type { Document } from '../../../syntaxes/document.ts';
import type { NginxBlock } from '../../../syntaxes/nginx/tree.ts';
import type { FactReader } from '../../core/facts.ts';
import type { Edit, Fix } from '../../core/rule.ts';
import { nginxDirectivesFacts } from '../../facts/nginx-directives.ts';
import { alone, insertAfter, insertFirst } from './edits.ts';
import { insertAtHttp } from './http-level.ts';
import { effectiveSet, effectiveValue } from './inherit.ts';
import { scopeOf } from './model.ts';
import { type Item, type Scope, scopesAround, scopesIn } from './scope.ts';

/** `limit_req` slows requests down, `limit_conn` counts connections. */
export type Limit = 'limit_req' | 'limit_conn';

/** A zone of memory in which a limit counts. */
export interface LimitZone {
  readonly limit: Limit;
  readonly name: string;
  /** What is counted by: `$binary_remote_addr`. */
  readonly key: string;
  /** Requests in a second; undefined for connections, and where a template fills it in. */
  readonly rate: number | undefined;
  readonly item: Item;
}

/** The zones that are known where a file is read. */
export interface LimitZones {
  readonly zones: readonly LimitZone[];
  /** False where others may be defined in files that are not known. */
  readonly complete: boolean;
}

/** The zones that are known where a file is read, worked out once for all rules. */
export function limitZones(document: Document<'nginx'>, facts: FactReader): LimitZones {
  return facts.ofDocument(document, 'nginx-limit-zones', (own) => {
    const root = scopeOf(document, own);
    const scopes = [...scopesIn(root), ...[...scopesAround(root)].slice(1)];
    const zones = scopes.flatMap(({ items }) => items.flatMap((item) => zoneOf(item) ?? []));
    const https = scopes.filter(({ kind, parent }) => kind === 'http' && parent?.kind === 'main');
    const isWhole =
      https.length > 0 && [...https, ...https.flatMap(({ parent }) => parent ?? [])].every(isKnown);
    return { zones, complete: isWhole };
  });
}

function isKnown({ complete, outside, unread, unreadServers }: Scope): boolean {
  return (
    complete && !outside && !unreadServers && unread.every((pattern) => KNOWN_WITHOUT_ZONES.test(pattern))
  );
}

const KNOWN_WITHOUT_ZONES =
  /(?:^|\/)(?:mime\.types|koi-(?:utf|win)|win-utf|modules(?:-enabled)?\/[^/]*|(?:fastcgi|uwsgi|scgi|proxy)[._]\w+)$/;

function zoneOf(item: Item): LimitZone | undefined {
  const [, limit] = /^(limit_(?:req|conn))_zone$/.exec(item.name) ?? [];
  const name = item.args.flatMap((arg) => /^zone=([^:]+)/.exec(arg)?.[1] ?? [])[0];
  if (!limit || !name) return undefined;
  const [, number, unit] = item.args.flatMap((arg) => /^rate=(\d+)r\/([sm])$/.exec(arg) ?? []);
  return {
    limit: limit === 'limit_req' ? 'limit_req' : 'limit_conn',
    name,
    key: item.args[0] ?? '',
    rate: number === undefined ? undefined : Number(number) / (unit === 'm' ? 60 : 1),
    item,
  };
}

/** The zone that a limit counts in: `zone=a` of `limit_req`, the first word of `limit_conn`. */
export function zoneUsed({ name, args }: Pick<Item, 'name' | 'args'>): string | undefined {
  if (name === 'limit_conn') return args[0];
  return args.flatMap((arg) => /^zone=(.+)$/.exec(arg)?.[1] ?? [])[0];
}

/** Whether requests to a block are limited. `unknown` where something that cannot be seen may do it. */
export function limitState(scope: Scope, limit: Limit): 'yes' | 'no' | 'unknown' {
  const { items, certain } = effectiveSet(scope, limit);
  if (items.length > 0) return 'yes';
  if (!certain) return 'unknown';
  for (const { items: around } of scopesAround(scope)) if (around.some(limitsOtherwise)) return 'unknown';
  return 'no';
}

/** Modules that limit, or decide who may come. */
function limitsOtherwise({ name, args }: Item): boolean {
  if (/^(?:modsecurity|naxsi|SecRulesEnabled|js_access)/.test(name)) return args[0] !== 'off';
  return /^(?:access|rewrite|content)_by_lua|^(?:limit_traffic|dynamic_limit_req|waf)/.test(name);
}

/** As `limitState` of a server, with all that is in it: one limit somewhere shows that somebody thought of it. */
export function limitStateWithin(server: Scope, limit: Limit): 'yes' | 'no' | 'unknown' {
  let state = limitState(server, limit);
  for (const scope of scopesIn(server)) {
    const own = scope === server ? state : limitState(scope, limit);
    if (own === 'yes') return 'yes';
    if (own === 'unknown') state = 'unknown';
  }
  return state;
}

/** A limit to add, with the zone for it. */
export interface NewLimit {
  readonly limit: Limit;
  /** The name of a new zone, and what is behind it: `:10m rate=10r/s`. */
  readonly zone: string;
  readonly size: string;
  /** Behind the name of the zone: ` burst=20 nodelay`. */
  readonly rest: string;
  /** Whether a zone that is there already serves the purpose. */
  readonly fits: (zone: LimitZone) => boolean;
  readonly title: string;
  readonly risk: string;
}

/**
 * Limits requests to a block: in a zone that is there already, else in a new one. Undefined where neither is known for certain:
 * nginx does not start with a zone that is not defined.
 */
export function limitFix(
  document: Document<'nginx'>,
  facts: FactReader,
  scope: Scope,
  wanted: NewLimit,
): Fix | undefined {
  const { block } = scope;
  if (!block || document.tree.template) return undefined;
  const { zones } = limitZones(document, facts);
  const known = zones.find((zone) => zone.limit === wanted.limit && !zone.item.opaque && wanted.fits(zone));
  const name = known?.name ?? freeName(wanted.zone, namesInWorkspace(facts));
  const zone = known ? undefined : newZone(document, wanted, name);
  if (!known && !zone) return undefined;
  const use = wanted.limit === 'limit_req' ? `zone=${name}` : name;
  const status = `${wanted.limit}_status`;
  const lines = [
    `${wanted.limit} ${use}${wanted.rest};`,
    ...(effectiveValue(scope, status).item ? [] : [`${status} 429;`]),
  ];
  return {
    title: wanted.title,
    safety: 'review',
    risk: wanted.risk,
    edits: [...(zone ? [zone] : []), insertInto(document, block, lines)],
    verify: 'nginx -t',
  };
}

/** The edit that defines a zone by the address of the client. */
export function newZone(
  document: Document<'nginx'>,
  { limit, size }: Pick<NewLimit, 'limit' | 'size'>,
  name: string,
): Edit | undefined {
  const edit = insertAtHttp(document, [`${limit}_zone $binary_remote_addr zone=${name}${size};`]);
  return edit && alone(document.text, edit);
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}${n}`;
  return name;
}

/** The zones of all files: another one may be read together with this file, and nginx does not take a name twice. */
function namesInWorkspace(facts: FactReader): ReadonlySet<string> {
  const directives = facts
    .all(nginxDirectivesFacts)
    .flatMap(({ fact }) => (fact.name === 'http' ? (fact.children ?? []) : [fact]));
  return new Set(
    directives
      .filter(({ name }) => /^limit_(?:req|conn)_zone$/.test(name))
      .flatMap(({ args }) => args.flatMap((arg) => /^zone=([^:]+)/.exec(arg)?.[1] ?? [])),
  );
}

/** In a server behind what says who it is; in a location at the start. */
function insertInto({ text }: Document<'nginx'>, block: NginxBlock, lines: readonly string[]): Edit {
  const anchor = block.directives.findLast(
    ({ name, block: inner }) => !inner && /^(?:ssl_\w+|server_name|listen)$/.test(name),
  );
  return anchor ? insertAfter(text, anchor, lines) : insertFirst(text, block, lines);
}
