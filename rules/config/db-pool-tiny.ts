import * as z from 'zod';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { isSequelize, type Pool, type PoolNumber, poolsOf } from './shared/pools.ts';

const defaults = { minCapacity: 20, minPoolSize: 10 };

const schema = () =>
  z.object({
    minCapacity: z
      .number()
      .int()
      .min(1)
      .default(defaults.minCapacity)
      .describe('Fewest connections, overflow included, of a pool with an overflow.'),
    minPoolSize: z
      .number()
      .int()
      .min(1)
      .default(defaults.minPoolSize)
      .describe('Fewest connections of a pool with one maximum.'),
  });

/** What SQLAlchemy takes where the configuration says nothing. */
const DEFAULT_SIZE = 5;

/** What the fix sets. A base for the usual load, and more than as much again for bursts. */
const GOOD_SIZE = 20;
const GOOD_OVERFLOW = 30;

/** Jobs that do one thing at a time need few connections. */
const SINGLE_FILE_JOB =
  /(?:^|[/._-])(?:migrations?|alembic|flyway|liquibase|cron|lambda|serverless|batch)(?=[/._-])/i;

export const rule = defineRule({
  id: 'config/db-pool-tiny',
  title: 'Database connection pool is too small for concurrent load',
  kinds: ['appconfig'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  options: { defaults, schema },
  docs: {
    why: 'When every connection of the pool is in use, the next request waits until one comes back or the wait times out. A pool of 5 with 10 in reserve is a library default that was meant to work anywhere; under some twenty concurrent requests it is exhausted, and the application answers with timeouts while the database idles.',
    fix: 'Raise the size, and the overflow where the library has one. Then check the other side: replicas × worker processes × pool capacity must stay below what the database server accepts (`max_connections`, 100 in PostgreSQL unless it is set). Thresholds are the options `minCapacity` and `minPoolSize`.',
    falsePositives:
      'Only pools that are certainly of database connections are judged: by a key above (`database`, `datasource`, `hikari`, …), by a database URL or dialect beside them, or by a key such as `DB_POOL_SIZE`. Pools that are left to their default, pools of SQLite, Redis or threads, values that come from a variable without a default, and Sequelize pools with its own default of 5 are not reported.',
    cwe: [400, 770],
    references: [
      'https://docs.sqlalchemy.org/en/20/core/pooling.html#sqlalchemy.pool.QueuePool',
      'https://node-postgres.com/guides/pool-sizing',
      'https://github.com/brettwooldridge/HikariCP#gear-configuration-knobs-baby',
    ],
  },
  bad: [
    {
      name: 'a base and an overflow in a map of their own',
      files: {
        'conf/app.yaml': `db:
  dsn: postgres://db/app
  pool: {size: «5», overflow: 10}
`,
      },
      fixed: `db:
  dsn: postgres://db/app
  pool: {size: 20, overflow: 30}
`,
    },
    {
      name: 'the copied defaults, 5 and 10',
      files: {
        'config/config.yaml': `server:
  port: 8091
database:
  host: postgres
  name: aidb
pool:
  size: «5»          # base connections
  max_overflow: 10
  timeout: 30
  recycle: 1800
  pre_ping: true
`,
      },
      fixed: `server:
  port: 8091
database:
  host: postgres
  name: aidb
pool:
  size: 20          # base connections
  max_overflow: 30
  timeout: 30
  recycle: 1800
  pre_ping: true
`,
    },
    {
      name: 'only the overflow is written; the size is the default of 5',
      files: {
        'config.yaml': `database:
  url: postgresql://db/app
  pool:
    max_overflow: «0»
`,
      },
      fixed: `database:
  url: postgresql://db/app
  pool:
    max_overflow: 30
`,
    },
    {
      name: 'one half is large enough already and stays',
      files: {
        'settings.yml': `sqlalchemy:
  pool_size: «2»
  max_overflow: 15
`,
      },
      fixed: `sqlalchemy:
  pool_size: 20
  max_overflow: 30
`,
    },
    {
      name: 'flat keys and a flow map',
      files: { 'config/app.yaml': `orm: { db_pool_size: «5», db_max_overflow: 5, echo: false }\n` },
      fixed: `orm: { db_pool_size: 20, db_max_overflow: 30, echo: false }\n`,
    },
    {
      name: 'Spring Boot with Hikari, dotted keys, the default of a placeholder',
      files: {
        'src/main/resources/application.yml': `spring:
  datasource:
    url: jdbc:postgresql://db:5432/shop
    hikari.maximum-pool-size: \${POOL_SIZE:«4»}
`,
      },
      fixed: `spring:
  datasource:
    url: jdbc:postgresql://db:5432/shop
    hikari.maximum-pool-size: \${POOL_SIZE:20}
`,
    },
    {
      name: 'knex and TypeORM',
      files: {
        'config/production.yaml': `knex:
  client: pg
  pool:
    min: 0
    max: «3»
typeorm:
  type: postgres
  poolSize: "«2»"
`,
      },
      fixed: `knex:
  client: pg
  pool:
    min: 0
    max: 20
typeorm:
  type: postgres
  poolSize: "2"
`,
    },
    {
      name: 'a database URL beside the pool',
      files: {
        'app.yaml': `storage:
  url: mysql://db/shop
  pool: { max: «5» }
`,
      },
      fixed: `storage:
  url: mysql://db/shop
  pool: { max: 20 }
`,
    },
  ],
  good: [
    {
      name: 'enough connections',
      files: { 'config.yaml': `database:\n  pool:\n    size: 20\n    max_overflow: 30\n` },
    },
    {
      name: 'exactly the threshold',
      files: {
        'config.yaml': `database:\n  pool:\n    size: 10\n    max_overflow: 10\nhikari:\n  maximum-pool-size: 10\n`,
      },
    },
    {
      name: 'no limit: size 0 and overflow -1',
      files: {
        'config.yaml': `read:\n  sqlalchemy:\n    pool_size: 0\n    max_overflow: 10\nwrite:\n  sqlalchemy:\n    pool_size: 5\n    max_overflow: -1\n`,
      },
    },
    {
      name: 'pools of other things',
      files: {
        'config.yaml': `workers:
  pool_size: 4
http_client:
  host: api.example.com
  url: https://api.example.com
  pool: { max: 5 }
redis:
  host: redis
  database: 0
  pool:
    max-active: 8
spring:
  data:
    redis:
      lettuce:
        pool:
          max-active: 8
executor:
  pool:
    size: 4
gpu:
  pool_size: 2
`,
      },
    },
    {
      name: 'SQLite has one writer anyway',
      files: {
        'config.yaml': `database:
  client: sqlite3
  pool: { min: 1, max: 1 }
other:
  sqlalchemy:
    url: sqlite:///app.db
    pool_size: 1
    max_overflow: 0
`,
      },
    },
    {
      name: 'from a variable, or half from a variable',
      files: {
        'config.yaml': `database:
  pool:
    size: \${DB_POOL_SIZE}
    max_overflow: 10
hikari:
  maximum-pool-size: \${POOL}
`,
      },
    },
    {
      name: 'the minimum and timeouts of a pool',
      files: {
        'application.yml': `spring:
  datasource:
    hikari:
      minimum-idle: 2
      connection-timeout: 5
      max-lifetime: 9
`,
      },
    },
    {
      name: 'the default of Sequelize, written out',
      files: { 'config.yaml': `sequelize:\n  dialect: postgres\n  pool:\n    max: 5\n    min: 0\n` },
    },
    {
      name: 'a migration job',
      files: { 'migrations/config.yaml': `database:\n  pool:\n    size: 1\n    max_overflow: 0\n` },
    },
    {
      name: "a developer's machine",
      files: { 'config/local.yaml': `database:\n  pool:\n    size: 2\n    max_overflow: 0\n` },
    },
  ],
  check({ text, tree }, context) {
    if (!/pool|max_?overflow|connection_?limit|max_?open/i.test(text) || SINGLE_FILE_JOB.test(context.path))
      return;
    for (const pool of poolsOf(text, tree)) {
      const problem =
        pool.type === 'pair'
          ? judgePair(pool, context.options.minCapacity)
          : judgeSingle(pool, context.options.minPoolSize);
      if (!problem) continue;
      const { number, message, fix } = problem;
      context.report({ span: number.span, message, place: number.entry.place, fixes: () => [fix] });
    }
  },
});

interface Judgement {
  readonly number: PoolNumber;
  readonly message: string;
  readonly fix: Fix;
}

function judgePair(
  { size, overflow }: Extract<Pool, { type: 'pair' }>,
  minimum: number,
): Judgement | undefined {
  const base = size?.value ?? DEFAULT_SIZE;
  // 0 connections and an overflow of -1 both mean "no limit" to SQLAlchemy.
  if (base === 0 || overflow.value < 0 || base + overflow.value >= minimum) return undefined;
  const goodSize = Math.max(base, size ? Math.ceil(minimum * 0.4) : 0, size ? GOOD_SIZE : 0);
  const goodOverflow = Math.max(overflow.value, GOOD_OVERFLOW, minimum - goodSize);
  const edits = [...(size ? raise(size, goodSize) : []), ...raise(overflow, goodOverflow)];
  const title = size
    ? `Set the pool to ${goodSize} + ${goodOverflow} connections`
    : `Set the overflow to ${goodOverflow} connections`;
  return {
    number: size ?? overflow,
    message: `The pool holds at most ${base} + ${overflow.value} = ${base + overflow.value} connections; more concurrent requests than that wait for one and time out.`,
    fix: fixOf(title, edits, goodSize + goodOverflow),
  };
}

function judgeSingle({ max }: Extract<Pool, { type: 'single' }>, minimum: number): Judgement | undefined {
  if (max.value <= 0 || max.value >= minimum || (isSequelize(max.entry) && max.value === DEFAULT_SIZE))
    return undefined;
  const good = Math.max(GOOD_SIZE, minimum);
  const noun = max.value === 1 ? 'connection' : 'connections';
  return {
    number: max,
    message: `The pool holds at most ${max.value} ${noun}; more concurrent requests than that wait for one and time out.`,
    fix: fixOf(`Set the pool to ${good} connections`, raise(max, good), good),
  };
}

function raise(number: PoolNumber, target: number): readonly Edit[] {
  return number.value >= target ? [] : [{ span: number.span, text: String(target) }];
}

function fixOf(title: string, edits: readonly Edit[], total: number): Fix {
  return {
    title,
    safety: 'review',
    edits,
    risk: `Each process may then open ${total} connections; replicas × workers × ${total} must stay below the server's max_connections.`,
  };
}
