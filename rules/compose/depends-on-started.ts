import { healthcheckOf, imageOf } from '../../syntaxes/compose/service.ts';
import {
  type ComposeService,
  type EffectiveItem,
  itemsAt,
  mapAt,
  scalarAt,
} from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { lineEndAt, lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';
import type { YamlScalar, YamlSeq } from '../../syntaxes/yaml/tree.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { indentStep, setScalar } from '../core/yaml-edits.ts';
import { isJob } from './shared/absence.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

/** The last part of the name of an image that is a database, a cache, a broker or a search engine. */
const DATASTORE =
  /^(?:postgres|postgresql|postgis|pgvector|timescaledb|timescaledb-ha|mysql|mysql-server|mariadb|percona|mongo|mongodb|mongodb-community-server|redis|redis-stack|redis-stack-server|valkey|keydb|dragonfly|memcached|rabbitmq|kafka|cp-kafka|redpanda|nats|pulsar|activemq|activemq-artemis|zookeeper|cp-zookeeper|etcd|consul|vault|elasticsearch|opensearch|solr|meilisearch|typesense|clickhouse|clickhouse-server|cassandra|scylla|couchdb|couchbase|cockroach|cockroachdb|influxdb|neo4j|arangodb|rethinkdb|surrealdb|questdb|qdrant|weaviate|milvus|chroma|minio|server|azure-sql-edge|oracle-xe|oracle-free)$/;
/** `server` alone is a name that many images have. */
const SERVERS = /(?:mssql|clickhouse|mysql)[-/\w]*\/?server$/;

export const rule = defineRule({
  id: 'compose/depends-on-started',
  title: 'Service does not wait until its database is ready',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /depends_on/,
  docs: {
    why: `The short form of \`depends_on\` and \`service_started\` wait only until the container of the database has been started, which
takes a fraction of the time until it takes connections. After a reboot of the host the service then fails or starts half, although
the healthcheck that would tell is there.`,
    fix: `Write \`condition: service_healthy\`. The healthcheck has to work: while it fails, the service does not start at all.`,
    falsePositives: `Reported only for databases, caches, brokers and search engines that the Compose file gives a healthcheck. A service
that connects again by itself does not need to wait.`,
    cwe: [696],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#depends_on',
      'https://docs.docker.com/compose/how-tos/startup-order/',
    ],
  },
  bad: [
    {
      name: 'the short form, whose order and comments stay',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      # data
      - «db» # first
      - mail
    restart: always
  db:
    image: postgres:17
    healthcheck: { test: [CMD, pg_isready] }
  mail:
    image: ghcr.io/acme/mail:1
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      # data
      db: # first
        condition: service_healthy
      mail:
        condition: service_started
    restart: always
  db:
    image: postgres:17
    healthcheck: { test: [CMD, pg_isready] }
  mail:
    image: ghcr.io/acme/mail:1
`,
    },
    {
      name: 'a list below its key without indentation, names in quotes',
      files: {
        'compose.yaml': `services:
    api:
        image: ghcr.io/acme/api:1.4.2
        depends_on:
        - «"cache"»
        - db
    cache:
        image: valkey/valkey:8
        healthcheck: { test: [CMD, valkey-cli, ping] }
    db:
        image: postgres:17
`,
      },
      fixed: `services:
    api:
        image: ghcr.io/acme/api:1.4.2
        depends_on:
            "cache":
                condition: service_healthy
            db:
                condition: service_started
    cache:
        image: valkey/valkey:8
        healthcheck: { test: [CMD, valkey-cli, ping] }
    db:
        image: postgres:17
`,
    },
    {
      name: 'a list in brackets',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on: [mail, «db»]
  db:
    image: mariadb:11
    healthcheck: { test: [CMD, healthcheck.sh, --connect] }
  mail:
    image: ghcr.io/acme/mail:1
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on: { mail: { condition: service_started }, db: { condition: service_healthy } }
  db:
    image: mariadb:11
    healthcheck: { test: [CMD, healthcheck.sh, --connect] }
  mail:
    image: ghcr.io/acme/mail:1
`,
    },
    {
      name: 'the long form with service_started',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      db:
        condition: «service_started»
        restart: true
  db:
    image: docker.io/bitnami/mongodb:8.0
    healthcheck: { test: mongosh --eval 1 }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      db:
        condition: service_healthy
        restart: true
  db:
    image: docker.io/bitnami/mongodb:8.0
    healthcheck: { test: mongosh --eval 1 }
`,
    },
  ],
  good: [
    {
      name: 'a database without a healthcheck, something else with one, one that is waited for',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on:
      - db
      - other
      - off
      - elsewhere
  web:
    image: ghcr.io/acme/web:1
    depends_on:
      cache: { condition: service_healthy }
  db:
    image: postgres:17
  off:
    image: postgres:17
    healthcheck: { disable: true }
  other:
    image: ghcr.io/acme/other:1
    healthcheck: { test: check }
  cache:
    image: redis:8
    healthcheck: { test: [CMD, redis-cli, ping] }
`,
      },
    },
    {
      name: 'a backup job of a database, a tool for one, an image that is not known',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on: [backup, admin, exporter, db]
  backup:
    image: prodrigestivill/postgres-backup-local:17
    healthcheck: { test: check }
  admin:
    image: mongo-express:1
    healthcheck: { test: check }
  exporter:
    image: oliver006/redis_exporter:v1
    healthcheck: { test: check }
  db:
    image: \${DB_IMAGE}
    healthcheck: { test: check }
`,
      },
    },
    {
      name: 'a database that a job prepares for itself',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    depends_on: [dump]
  dump:
    image: postgres:17
    restart: "no"
    healthcheck: { test: check }
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => startedOnly(document, service);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ scalar }) => scalar.span.start,
    )) {
      const { scalar, target, item } = subject;
      context.report({
        span: scalar.span,
        message: withSharers(
          `\`${service.name}\` starts before \`${target.name}\` is ready, although that has a healthcheck`,
          sharers,
        ),
        place: `services.${service.name}.depends_on.${target.name}`,
        related: [{ uri: document.uri, span: target.key.span, message: 'This service has a healthcheck.' }],
        fixes: () => {
          const edits = item ? longForm(document.text, item) : setScalar(scalar, 'service_healthy');
          const fix = fixOf(edits, {
            title: `Wait until ${target.name} is healthy`,
            safety: 'review',
            risk: `\`${service.name}\` starts later, and not at all while the healthcheck of \`${target.name}\` fails.`,
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface Started {
  readonly scalar: YamlScalar;
  readonly target: ComposeService;
  /** The item of the short form. */
  readonly item?: EffectiveItem;
}

function startedOnly(document: Document<'compose'>, service: ComposeService): readonly Started[] {
  const short = itemsAt(service.effective, 'depends_on').flatMap((item): readonly Started[] => {
    const scalar = item.value?.type === 'scalar' ? item.value.node : undefined;
    const target = scalar && datastore(document, scalar.value);
    return scalar && target ? [{ scalar, target, item }] : [];
  });
  const long = [...(mapAt(service.effective, 'depends_on')?.entries ?? [])].flatMap(
    ([name, entry]): readonly Started[] => {
      const scalar = entry.value?.type === 'map' ? scalarAt(entry.value, 'condition') : undefined;
      const target = scalar?.value === 'service_started' ? datastore(document, name) : undefined;
      return scalar && target ? [{ scalar, target }] : [];
    },
  );
  return [...short, ...long];
}

/** The service of that name where it is a datastore with a healthcheck. */
function datastore(document: Document<'compose'>, name: string): ComposeService | undefined {
  const target = document.tree.services.find((service) => service.name === name);
  if (!target?.complete || healthcheckOf(target) !== 'set' || isJob(target, document.tree)) return undefined;
  const image = parseImage(imageOf(target) ?? '')?.name ?? '';
  const last = image.slice(image.lastIndexOf('/') + 1);
  const matches = last === 'server' ? SERVERS.test(image) : DATASTORE.test(last);
  return matches ? target : undefined;
}

/** The list as a map, in its order and with its comments. */
function longForm(text: string, { seq, index }: EffectiveItem): readonly (Edit | undefined)[] {
  const names = seq.items.map((item) => (item.type === 'scalar' ? textOfName(text, item) : undefined));
  if (names.includes(undefined)) return [undefined];
  const conditions = names.map((_, at) => (at === index ? 'service_healthy' : 'service_started'));
  if (!seq.flow) return seq.items.flatMap((item, at) => longItem(text, seq, item, conditions[at] ?? ''));
  if (text.slice(seq.span.start, seq.span.end).includes('#')) return [undefined];
  const pairs = names.map((name, at) => `${name}: { condition: ${conditions[at]} }`);
  return [{ span: seq.span, text: `{ ${pairs.join(', ')} }` }];
}

function textOfName(text: string, { style, span }: YamlScalar): string | undefined {
  const name = text.slice(span.start, span.end);
  return span.start < 0 || /[\n$]/.test(name) || style === 'literal' || style === 'folded' ? undefined : name;
}

/** An item with its line: the dash goes, a colon comes, and below it a line with the condition. */
function longItem(
  text: string,
  seq: YamlSeq,
  item: YamlSeq['items'][number],
  condition: string,
): readonly (Edit | undefined)[] {
  const { start, end } = item.span;
  const lineStart = lineStartAt(text, start);
  const lead = /^( *)- *$/.exec(text.slice(lineStart, start))?.[1];
  const owner = /^( *)[^\s#-][^\n]*:[^\n]*$/m.exec(ownerLine(text, seq))?.[1];
  if (lead === undefined || owner === undefined) return [undefined];
  const step = indentStep(text);
  const indent = ' '.repeat(lead.length > owner.length ? lead.length : owner.length + step);
  const at = lineEndAt(text, end);
  return [
    { span: { start: lineStart, end }, text: `${indent}${text.slice(start, end)}:` },
    {
      span: { start: at, end: at },
      text: `${lineEndingOf(text)}${indent}${' '.repeat(step)}condition: ${condition}`,
    },
  ];
}

/** The line with the key that a block list belongs to: the last one above it that is neither empty nor a comment. */
function ownerLine(text: string, seq: YamlSeq): string {
  let end = lineStartAt(text, seq.span.start);
  while (end > 0) {
    const start = lineStartAt(text, end - 1);
    const line = text.slice(start, end - 1).replace(/\r$/, '');
    if (!/^\s*(?:#.*)?$/.test(line)) return line;
    end = start;
  }
  return '';
}
