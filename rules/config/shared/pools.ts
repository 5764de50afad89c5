import { settingOf } from '../../../syntaxes/appconfig/placeholder.ts';
import type { AppConfigTree, ConfigEntry } from '../../../syntaxes/appconfig/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import type { YamlMap } from '../../../syntaxes/yaml/tree.ts';

/** A number that a configuration sets, and where exactly its digits stand. */
export interface PoolNumber {
  readonly value: number;
  readonly span: Span;
  readonly entry: ConfigEntry;
}

/** A pool of database connections. */
export type Pool =
  /** SQLAlchemy's: a base, and connections that come on top under load. One of the two may be left to its default. */
  | { readonly type: 'pair'; readonly size: PoolNumber | undefined; readonly overflow: PoolNumber }
  /** All others': one maximum. */
  | { readonly type: 'single'; readonly max: PoolNumber };

const SIZE_KEY =
  /^(?:(?:\w+_)?(?:db|database|sql|sqlalchemy|postgres|postgresql|pg|mysql|mariadb)_)?(?:pool_)?size$/;
const OVERFLOW_KEY = /^(?:\w+_)?max_overflow$/;

/** Keys that name a maximum by themselves, and those that do so only in a map `pool`. */
const MAX_KEY =
  /^(?:maximum_pool_size|max_pool_size|max_pool|pool_size|pool_max|pool_max_size|connection_limit|max_open_conns|max_open_connections)$/;
const MAX_KEY_IN_POOL = /^(?:max|size|limit|max_size|max_active|max_total|max_connections|maximum)$/;
const NAMED_MAX_KEY =
  /^(?:\w+_)?(?:db|database|sql|sqlalchemy|postgres|postgresql|pg|mysql|mariadb|hikari)_(?:max_)?pool_(?:max_)?size$/;

const POOL = /(?:^|_)pool$/;
const DATABASE =
  /(?:^|_)(?:database|databases|db|datasource|datasources|data_source|postgres|postgresql|pg|mysql|mariadb|mssql|sqlserver|oracle|sql|sqlalchemy|hikari|knex|sequelize|typeorm|jdbc|r2dbc|druid|prisma|dbcp2)(?:_config|_settings|_pool)?$/;

/** Pools of these are no connections to a database server. */
const OTHER =
  /(?:^|_)(?:sqlite3?|redis|lettuce|jedis|redisson|http|https|thread|threads|memory|gpu|worker|workers|vector|milvus|elasticsearch|kafka|rabbitmq|amqp|ldap|smtp|mongo|mongodb)(?:_|$)/;
const DATABASE_URL =
  /^(?:jdbc:|r2dbc:)?(?:postgres(?:ql)?|mysql|mariadb|mssql|sqlserver|oracle|cockroachdb)(?:\+\w+)?:/i;
const DIALECT = /^(?:postgres(?:ql)?|pg|mysql2?|mariadb|mssql|sqlserver|oracle(?:db)?|cockroachdb)$/i;

/** The pools of database connections that a configuration sizes with numbers. */
export function poolsOf(text: string, tree: AppConfigTree): readonly Pool[] {
  const around = new Map<YamlMap, readonly ConfigEntry[]>();
  for (const { pair, siblings } of tree.entries)
    if (pair.value?.type === 'map') around.set(pair.value, siblings);
  return tree.entries.flatMap(({ map, siblings }, index) => {
    const isFirst = tree.entries[index] === siblings[0];
    return isFirst ? poolsIn(text, siblings, around.get(map) ?? []) : [];
  });
}

function poolsIn(
  text: string,
  entries: readonly ConfigEntry[],
  around: readonly ConfigEntry[],
): readonly Pool[] {
  const above = entries[0]?.keys.slice(0, -1) ?? [];
  if (above.some((key) => OTHER.test(key)) || isOther([...entries, ...around])) return [];
  const overflows = entries.filter(
    ({ key }) =>
      OVERFLOW_KEY.test(key) || (key === 'overflow' && above.some((folder) => DATABASE.test(folder))),
  );
  if (overflows.length > 0) return overflows.flatMap((entry) => pairOf(text, entries, entry) ?? []);
  return entries.flatMap((entry) => singleOf(text, entry, [...entries, ...around]) ?? []);
}

function pairOf(text: string, entries: readonly ConfigEntry[], overflowEntry: ConfigEntry): Pool | undefined {
  const overflow = numberAt(text, overflowEntry);
  const prefix = overflowEntry.key.replace(/(?:max_)?overflow$/, '');
  const siblings = entries.filter(
    (entry) => SIZE_KEY.test(entry.key) && entry.keys.length === overflowEntry.keys.length,
  );
  const sizeEntry =
    siblings.find((entry) => entry.key === `${prefix}size` || entry.key === `${prefix}pool_size`) ??
    (siblings.length === 1 ? siblings[0] : undefined);
  const size = sizeEntry && numberAt(text, sizeEntry);
  // Half of the pair is filled in from elsewhere: nobody can add it up.
  if (!overflow || (sizeEntry && !size)) return undefined;
  return { type: 'pair', size, overflow };
}

function singleOf(text: string, entry: ConfigEntry, near: readonly ConfigEntry[]): Pool | undefined {
  if (!namesMaximum(entry, near)) return undefined;
  const max = numberAt(text, entry);
  return max && { type: 'single', max };
}

function namesMaximum(entry: ConfigEntry, near: readonly ConfigEntry[]): boolean {
  if (OTHER.test(entry.key)) return false;
  if (NAMED_MAX_KEY.test(entry.key)) return true;
  const above = entry.keys.slice(0, -1);
  const inPool = POOL.test(above.at(-1) ?? '') || /^(?:hikari|druid|dbcp2)$/.test(above.at(-1) ?? '');
  if (!MAX_KEY.test(entry.key) && !(inPool && MAX_KEY_IN_POOL.test(entry.key))) return false;
  return above.some((key) => DATABASE.test(key)) || near.some(isDatabaseSetting);
}

/** A sibling that only a connection to a database server has. */
function isDatabaseSetting({ key, scalar }: ConfigEntry): boolean {
  const value = scalar?.value ?? '';
  if (/^(?:url|uri|dsn|jdbc_url|database_url|connection_string|connection)$/.test(key))
    return DATABASE_URL.test(value);
  if (/^(?:dialect|client|driver|engine|adapter|type)$/.test(key)) return DIALECT.test(value);
  return /^(?:pool_)?(?:pre_ping|recycle|use_lifo)$/.test(key);
}

/** A sibling that says that the pool is another sort's: SQLite, or a server that is not a database. */
function isOther(entries: readonly ConfigEntry[]): boolean {
  return entries.some(
    ({ key, scalar }) =>
      /^(?:url|uri|dsn|jdbc_url|database_url|connection_string|dialect|client|driver|engine|adapter|type|filename|storage)$/.test(
        key,
      ) &&
      /^(?:jdbc:)?sqlite|\.sqlite3?$|^(?:redis|amqp|mongodb|https?|file|h2|jdbc:h2)\b/i.test(
        scalar?.value ?? '',
      ),
  );
}

function numberAt(text: string, entry: ConfigEntry): PoolNumber | undefined {
  const setting = entry.scalar && settingOf(text, entry.scalar);
  if (setting?.type !== 'literal' || !/^-?\d{1,9}$/.test(setting.value)) return undefined;
  return { value: Number(setting.value), span: setting.span, entry };
}

/** Whether the settings are Sequelize's, whose own default is five connections. */
export function isSequelize(entry: ConfigEntry): boolean {
  return entry.keys.includes('sequelize');
}
