import { type Item, itemsNamed, type Scope, scopesAround } from './scope.ts';

interface Inheritance {
  /** Since nginx 1.29.3 some can be told to add up, or to start anew. */
  readonly mode?: string;
  /** Includes that are left alone where they are not in the workspace, and that may set some of these. */
  readonly unread?: RegExp;
  /** What nginx adds to every set that does not have it. */
  readonly defaults?: ReadonlyMap<string, string>;
}

const PROXY_SNIPPETS = /proxy|websocket/i;

/**
 * Directives that are inherited all or none: one of them in a block drops every one of the blocks around it.
 * https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header,
 * https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header
 */
const FAMILIES = {
  add_header: { mode: 'add_header_inherit' },
  add_trailer: { mode: 'add_trailer_inherit' },
  proxy_set_header: {
    unread: PROXY_SNIPPETS,
    defaults: new Map([
      ['host', '$proxy_host'],
      ['connection', 'close'],
    ]),
  },
  grpc_set_header: { unread: /grpc/i },
  fastcgi_param: { unread: /fastcgi/i },
  uwsgi_param: { unread: /uwsgi/i },
  scgi_param: { unread: /scgi/i },
  proxy_hide_header: { unread: PROXY_SNIPPETS },
  fastcgi_hide_header: { unread: /fastcgi/i },
  uwsgi_hide_header: { unread: /uwsgi/i },
  scgi_hide_header: { unread: /scgi/i },
  grpc_hide_header: { unread: /grpc/i },
  error_page: {},
  limit_req: { unread: /limit/i },
  limit_conn: { unread: /limit/i },
} satisfies Record<string, Inheritance>;

export type Family = keyof typeof FAMILIES;

export interface EffectiveSet {
  /** The block whose directives they are; undefined where none has any. */
  readonly owner: Scope | undefined;
  readonly items: readonly Item[];
  /** False where something that cannot be seen may set others. */
  readonly certain: boolean;
}

/** The directives of a family that are in effect in a block. */
export function effectiveSet(scope: Scope, family: Family): EffectiveSet {
  let certain = true;
  let owner: Scope | undefined;
  const items: Item[] = [];
  for (const around of scopesAround(scope)) {
    const own = itemsNamed(around, family);
    items.push(...own);
    if (own.length > 0) owner ??= around;
    if (!isCertain(around, family)) certain = false;
    const mode = inheritMode(around, family);
    if ((own.length > 0 && mode !== 'merge') || mode === 'off') return { owner, items, certain };
    if (around.outside && maySet(around, family)) certain = false;
  }
  return { owner, items, certain };
}

/**
 * What a block would inherit and loses by directives of its own, unless it sets the same again. Empty where it has none, and where
 * something that cannot be seen may bring it back.
 */
export function droppedBy(scope: Scope, family: Family): readonly Item[] {
  const own = itemsNamed(scope, family);
  if (own.length === 0 || !scope.parent || !isCertain(scope, family)) return [];
  // `on` is what nginx does by itself.
  if (/^(?:merge|off)$/.test(inheritMode(scope, family) ?? '')) return [];
  // Of an `if` in a server only what rewrites has an effect.
  if (scope.kind === 'if' && scope.parent.kind === 'server') return [];
  const inherited = effectiveSet(scope.parent, family);
  if (!inherited.certain) return [];
  const set = new Set(own.map((item) => keyOf(item, family)));
  return inherited.items.filter((item) => !set.has(keyOf(item, family)) && !isDefault(item, family));
}

/** What tells the directives of a family apart: the header's name, the parameter's, the codes. */
export function keyOf(item: Item, family: Family): string {
  const [first = ''] = item.args;
  if (/_header$|^add_trailer$/.test(family)) return first.toLowerCase();
  return family === 'error_page' ? item.args.slice(0, -1).join(' ') : first;
}

/** What `add_header_inherit` says in a block: its own value or that of a block around it. */
export function inheritMode(scope: Scope, family: Family): string | undefined {
  const { mode }: Inheritance = FAMILIES[family];
  return mode === undefined ? undefined : effectiveValue(scope, mode).item?.args[0]?.toLowerCase();
}

export interface EffectiveValue {
  readonly item: Item | undefined;
  /** False where something that cannot be seen may set it nearer. */
  readonly certain: boolean;
}

/** The directive that sets a single value in a block: its own, or that of the nearest block around it. */
export function effectiveValue(scope: Scope, name: string): EffectiveValue {
  let certain = true;
  for (const around of scopesAround(scope)) {
    const item = itemsNamed(around, name).at(-1);
    if (item) return { item, certain: certain && !item.opaque };
    if (!around.complete || (around.outside && maySet(around, name))) certain = false;
  }
  return { item: undefined, certain };
}

/** Whether all directives of a family that stand in a block are known. */
function isCertain({ complete, unread }: Scope, family: Family): boolean {
  const { unread: setBy }: Inheritance = FAMILIES[family];
  return complete && !(setBy && unread.some((pattern) => setBy.test(pattern)));
}

function isDefault(item: Item, family: Family): boolean {
  const { defaults }: Inheritance = FAMILIES[family];
  return defaults !== undefined && defaults.get(keyOf(item, family)) === item.args[1];
}

/** Whether a directive may be set around a file whose includer is unknown. */
function maySet({ outside }: Scope, name: string): boolean {
  const { mayBeSet } = outside ?? {};
  return (
    mayBeSet === undefined || mayBeSet.has(name) || [...mayBeSet].some((set) => set.startsWith(`${name} `))
  );
}
