/*
 * Ports on which databases, caches, brokers and their consoles listen, from the projects' manuals and the IANA registry
 * (https://www.iana.org/assignments/service-names-port-numbers), read on 2026-11-24. Only ports that mean one thing: 8080,
 * 9000, 9090 and the like are not here.
 */
export const DATASTORE_PORTS: Readonly<Record<string, string>> = {
  '1433': 'SQL Server',
  '1521': 'Oracle Database',
  '2379': 'etcd',
  '2380': 'etcd',
  '3306': 'MySQL or MariaDB',
  '33060': 'MySQL',
  '4222': 'NATS',
  '5432': 'PostgreSQL',
  '5672': 'AMQP',
  '5984': 'CouchDB',
  '6333': 'Qdrant',
  '6334': 'Qdrant',
  '6379': 'Redis',
  '7474': 'Neo4j',
  '7687': 'Neo4j',
  '8086': 'InfluxDB',
  '8123': 'ClickHouse',
  '9042': 'Cassandra',
  '9092': 'Kafka',
  '9200': 'Elasticsearch or OpenSearch',
  '9300': 'Elasticsearch or OpenSearch',
  '11211': 'Memcached',
  '15672': 'RabbitMQ management',
  '19530': 'Milvus',
  '26257': 'CockroachDB',
  '27017': 'MongoDB',
  '27018': 'MongoDB',
  '28015': 'RethinkDB',
};

/** Ports that other things listen on too: they count only on an image of this name. */
export const AMBIGUOUS_PORTS: Readonly<Record<string, RegExp>> = {
  '8086': /influxdb/,
  '8123': /clickhouse/,
  '4222': /nats/,
  '6333': /qdrant/,
  '6334': /qdrant/,
  '7474': /neo4j/,
  '9092': /kafka|redpanda/,
};
