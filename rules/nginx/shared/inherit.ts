import { type Item, itemsNamed, type Scope, scopesAround } from './scope.ts';

/**
 * Directives that are inherited all or none: one of them in a block drops every one of the blocks around it.
 * https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header
 */
export type Family =
  | 'add_header'
  | 'add_trailer'
  | 'proxy_set_header'
  | 'grpc_set_header'
  | 'fastcgi_param'
  | 'limit_req';

/** Since nginx 1.29.3 some of them can be told to add up, or to start anew. */
const INHERIT: Partial<Record<Family, string>> = {
  add_header: 'add_header_inherit',
  add_trailer: 'add_trailer_inherit',
};

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
    if (!around.complete) certain = false;
    const merges = inheritMode(around, family) === 'merge';
    if ((own.length > 0 && !merges) || inheritMode(around, family) === 'off')
      return { owner, items, certain };
    if (around.outside && maySet(around, family)) certain = false;
  }
  return { owner, items, certain };
}

/** What `add_header_inherit` says in a block: its own value or that of a block around it. */
export function inheritMode(scope: Scope, family: Family): string | undefined {
  const name = INHERIT[family];
  return name === undefined ? undefined : effectiveValue(scope, name).item?.args[0]?.toLowerCase();
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

/** Whether a directive may be set around a file whose includer is unknown. */
function maySet({ outside }: Scope, name: string): boolean {
  const { mayBeSet } = outside ?? {};
  return (
    mayBeSet === undefined || mayBeSet.has(name) || [...mayBeSet].some((set) => set.startsWith(`${name} `))
  );
}
