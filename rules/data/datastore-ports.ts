/*
 * Ports on which databases, caches, brokers and their consoles listen by default. Compiled by hand on 2026-11-24 from what is
 * generally known of these products; a default port is in each product's manual, registered ones are in
 * https://www.iana.org/assignments/service-names-port-numbers, which is where an entry can be checked. Only ports that mean one
 * thing are here as such: 8080, 9000, 9090 and the like are not.
 */
export const DATASTORE_PORTS: Readonly<Record<string, string>> = {
  '1433': 'SQL Server',
  '1521': 'Oracle Database',
  '2181': 'ZooKeeper',
  '2379': 'etcd',
  '2380': 'etcd',
  '3306': 'MySQL or MariaDB',
  '33060': 'MySQL',
  '4222': 'NATS',
  '5432': 'PostgreSQL',
  '5601': 'Kibana',
  '5672': 'AMQP',
  '5984': 'CouchDB',
  '6333': 'Qdrant',
  '6334': 'Qdrant',
  '6379': 'Redis',
  '6432': 'PgBouncer',
  '7474': 'Neo4j',
  '7687': 'Neo4j',
  '8086': 'InfluxDB',
  '8123': 'ClickHouse',
  '8500': 'Consul',
  '8529': 'ArangoDB',
  '8983': 'Solr',
  '9000': 'ClickHouse or MinIO',
  '9042': 'Cassandra',
  '9092': 'Kafka',
  '9200': 'Elasticsearch or OpenSearch',
  '9300': 'Elasticsearch or OpenSearch',
  '11211': 'Memcached',
  '15672': 'RabbitMQ management',
  '19530': 'Milvus',
  '26257': 'CockroachDB',
  '26379': 'Redis Sentinel',
  '27017': 'MongoDB',
  '27018': 'MongoDB',
  '27019': 'MongoDB',
  '28015': 'RethinkDB',
  '61616': 'ActiveMQ',
};

/** Those that answer over UDP too. */
export const UDP_PORTS: ReadonlySet<string> = new Set(['11211']);

/** Ports that other things listen on too: they count only on an image of this name. */
export const AMBIGUOUS_PORTS: Readonly<Record<string, RegExp>> = {
  '2181': /zookeeper/,
  '4222': /nats/,
  '5601': /kibana/,
  '6333': /qdrant/,
  '6334': /qdrant/,
  '7474': /neo4j/,
  '8086': /influxdb/,
  '8123': /clickhouse/,
  '8500': /consul/,
  '8529': /arangodb/,
  '8983': /solr/,
  '9000': /clickhouse|minio/,
};
