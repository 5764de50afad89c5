/*
 * What is generally known of public images, so that nothing needs to be pulled. Compiled by hand on 2026-11-24; not every entry
 * has been compared with an image. An image that is not here is unknown, and nothing is said to be missing from it.
 *
 * To check an entry, ask the image: `docker image inspect -f '{{.Config.User}} {{.Config.Healthcheck}}' <image>` gives the user
 * and the healthcheck, `docker run --rm --entrypoint id <image>` the numeric id. Whether an entrypoint steps down is in its
 * source, which https://github.com/docker-library/official-images names for Docker's own images.
 */

/**
 * `non-root`: the image has a `USER`. `steps-down`: it starts as root and its entrypoint or its workers change to another user.
 * `root`: whatever it runs, runs as root.
 */
export type ImageUser = 'root' | 'non-root' | 'steps-down';

export interface KnownImage {
  readonly user: ImageUser;
  /** The numeric id that the process has in the end. */
  readonly uid?: string;
  /** A user to run it as instead of root, that the image has or bears. */
  readonly runAs?: string;
  /** A healthcheck with tools that the image has, as the items of a flow list. */
  readonly healthcheck?: string;
}

/** By name, as `parseImage` gives it. */
export const KNOWN_IMAGES: Readonly<Record<string, KnownImage>> = {
  postgres: { user: 'steps-down', healthcheck: '"CMD-SHELL", "pg_isready -U $${POSTGRES_USER:-postgres}"' },
  'pgvector/pgvector': {
    user: 'steps-down',
    healthcheck: '"CMD-SHELL", "pg_isready -U $${POSTGRES_USER:-postgres}"',
  },
  'postgis/postgis': {
    user: 'steps-down',
    healthcheck: '"CMD-SHELL", "pg_isready -U $${POSTGRES_USER:-postgres}"',
  },
  'timescale/timescaledb': {
    user: 'steps-down',
    healthcheck: '"CMD-SHELL", "pg_isready -U $${POSTGRES_USER:-postgres}"',
  },
  redis: { user: 'steps-down', healthcheck: '"CMD", "redis-cli", "ping"' },
  'valkey/valkey': { user: 'steps-down', healthcheck: '"CMD", "valkey-cli", "ping"' },
  mysql: { user: 'steps-down', healthcheck: '"CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "--silent"' },
  mariadb: {
    user: 'steps-down',
    healthcheck: '"CMD", "healthcheck.sh", "--connect", "--innodb_initialized"',
  },
  mongo: {
    user: 'steps-down',
    healthcheck: `"CMD", "mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"`,
  },
  rabbitmq: { user: 'steps-down', healthcheck: '"CMD", "rabbitmq-diagnostics", "-q", "ping"' },
  influxdb: { user: 'steps-down' },
  couchdb: { user: 'steps-down' },
  cassandra: { user: 'steps-down' },
  zookeeper: { user: 'steps-down' },
  neo4j: { user: 'steps-down' },
  ghost: { user: 'steps-down' },
  wordpress: { user: 'steps-down' },
  nextcloud: { user: 'steps-down' },
  drupal: { user: 'steps-down' },
  joomla: { user: 'steps-down' },
  phpmyadmin: { user: 'steps-down' },
  'eclipse-mosquitto': { user: 'steps-down' },
  'hashicorp/vault': { user: 'steps-down' },
  'hashicorp/consul': { user: 'steps-down' },
  // The master stays root to bind port 80, the workers change to another user.
  nginx: { user: 'steps-down' },
  httpd: { user: 'steps-down' },

  'nginxinc/nginx-unprivileged': { user: 'non-root', uid: '101' },
  'grafana/grafana': {
    user: 'non-root',
    uid: '472',
    healthcheck: '"CMD", "wget", "-q", "--spider", "http://localhost:3000/api/health"',
  },
  'grafana/grafana-oss': {
    user: 'non-root',
    uid: '472',
    healthcheck: '"CMD", "wget", "-q", "--spider", "http://localhost:3000/api/health"',
  },
  'grafana/loki': { user: 'non-root', uid: '10001' },
  'prom/prometheus': {
    user: 'non-root',
    uid: '65534',
    healthcheck: '"CMD", "wget", "-q", "--spider", "http://localhost:9090/-/healthy"',
  },
  'quay.io/prometheus/prometheus': {
    user: 'non-root',
    uid: '65534',
    healthcheck: '"CMD", "wget", "-q", "--spider", "http://localhost:9090/-/healthy"',
  },
  'prom/alertmanager': {
    user: 'non-root',
    uid: '65534',
    healthcheck: '"CMD", "wget", "-q", "--spider", "http://localhost:9093/-/healthy"',
  },
  'quay.io/prometheus/alertmanager': {
    user: 'non-root',
    uid: '65534',
    healthcheck: '"CMD", "wget", "-q", "--spider", "http://localhost:9093/-/healthy"',
  },
  'prom/node-exporter': { user: 'non-root', uid: '65534' },
  'quay.io/prometheus/node-exporter': { user: 'non-root', uid: '65534' },
  'prom/pushgateway': { user: 'non-root', uid: '65534' },
  elasticsearch: { user: 'non-root', uid: '1000' },
  kibana: { user: 'non-root', uid: '1000' },
  logstash: { user: 'non-root', uid: '1000' },
  'docker.elastic.co/elasticsearch/elasticsearch': { user: 'non-root', uid: '1000' },
  'docker.elastic.co/kibana/kibana': { user: 'non-root', uid: '1000' },
  'opensearchproject/opensearch': { user: 'non-root', uid: '1000' },
  'jenkins/jenkins': { user: 'non-root', uid: '1000' },
  'quay.io/keycloak/keycloak': { user: 'non-root', uid: '1000' },
  solr: { user: 'non-root', uid: '8983' },
  memcached: { user: 'non-root', uid: '11211' },
  haproxy: { user: 'non-root', uid: '99' },
  'curlimages/curl': { user: 'non-root', uid: '100' },
  'otel/opentelemetry-collector': { user: 'non-root', uid: '10001' },
  'otel/opentelemetry-collector-contrib': { user: 'non-root', uid: '10001' },

  node: { user: 'root', runAs: 'node' },
  python: { user: 'root', runAs: '"1000:1000"' },
  golang: { user: 'root', runAs: '"1000:1000"' },
  ruby: { user: 'root', runAs: '"1000:1000"' },
  rust: { user: 'root', runAs: '"1000:1000"' },
  perl: { user: 'root', runAs: '"1000:1000"' },
  elixir: { user: 'root', runAs: '"1000:1000"' },
  openjdk: { user: 'root', runAs: '"1000:1000"' },
  'eclipse-temurin': { user: 'root', runAs: '"1000:1000"' },
  amazoncorretto: { user: 'root', runAs: '"1000:1000"' },
  alpine: { user: 'root', runAs: '"1000:1000"' },
  debian: { user: 'root', runAs: '"1000:1000"' },
  ubuntu: { user: 'root', runAs: '"1000:1000"' },
  busybox: { user: 'root', runAs: '"1000:1000"' },
  fedora: { user: 'root', runAs: '"1000:1000"' },
  rockylinux: { user: 'root', runAs: '"1000:1000"' },
  almalinux: { user: 'root', runAs: '"1000:1000"' },
  amazonlinux: { user: 'root', runAs: '"1000:1000"' },
  nats: { user: 'root', runAs: '"1000:1000"' },
  registry: { user: 'root', runAs: '"1000:1000"' },
  traefik: { user: 'root' },
  caddy: { user: 'root' },
  'minio/minio': { user: 'root', runAs: '"1000:1000"', healthcheck: '"CMD", "mc", "ready", "local"' },
  'qdrant/qdrant': { user: 'root', runAs: '"1000:1000"' },
};

/** Images of whole namespaces that have a `USER`. */
const NON_ROOT_NAMES: readonly RegExp[] = [
  /^(?:bitnami|bitnamilegacy)\//,
  /^cgr\.dev\/chainguard\//,
  /^dhi\.io\//,
];

/** What is known of an image; a tag that says `rootless` or `nonroot` counts. */
export function knownImage(name: string, tag: string | undefined): KnownImage | undefined {
  if (tag !== undefined && /(?:^|[-_.])(?:nonroot|rootless|unprivileged)(?:$|[-_.])/.test(tag))
    return { user: 'non-root' };
  return (
    KNOWN_IMAGES[name] ??
    (NON_ROOT_NAMES.some((pattern) => pattern.test(name)) ? { user: 'non-root' } : undefined)
  );
}

/** Docker Official Images in use as servers or bases (https://github.com/docker-library/official-images/tree/master/library). */
const OFFICIAL: ReadonlySet<string> = new Set(
  (
    'adminer aerospike almalinux alpine amazoncorretto amazonlinux arangodb archlinux bash bonita buildpack-deps busybox caddy cassandra ' +
    'clickhouse clojure composer convertigo couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin elasticsearch ' +
    'elixir emqx erlang fedora flink fluentd friendica gcc geonetwork ghost golang gradle groovy haproxy haskell hitch httpd influxdb ' +
    'joomla jetty jruby julia kapacitor kibana kong krakend liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo ' +
    'mongo-express monica mysql nats neo4j neurodebian nextcloud nginx node odoo openjdk open-liberty oraclelinux orientdb percona perl ' +
    'php phpmyadmin plone postfixadmin postgres pypy python rabbitmq rakudo-star redis redmine registry rethinkdb rockylinux ros ruby ' +
    'rust sapmachine silverpeas solr sonarqube spark spiped storm swift swipl telegraf tomcat tomee traefik ubuntu unit varnish ' +
    'websphere-liberty wordpress xwiki yourls znc zookeeper'
  ).split(' '),
);

/**
 * Whether it is known that an image brings no healthcheck: Docker Official Images do not, by policy
 * (https://github.com/docker-library/faq#healthcheck).
 */
export function bringsNoHealthcheck(name: string): boolean {
  return OFFICIAL.has(name) || KNOWN_IMAGES[name]?.healthcheck !== undefined;
}
