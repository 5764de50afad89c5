/*
 * When versions of public images got their last free security fixes. Compiled by hand on 2026-11-25 from what the projects
 * publish, for the databases, runtimes and servers that change most compared with https://endoflife.date (its product names stand
 * beside each image), for Debian and Ubuntu with Debian's package distro-info-data. Only ends that are certain are here: a version that is not in the table is not judged.
 *
 * Debian counts until the end of its LTS, Ubuntu until the end of standard support, since that is what the public images get.
 * Where a project fixes its newest releases only, a version ends on the day that its successor's successor came out.
 *
 * To check an entry, look at the project's page:
 * - PostgreSQL https://www.postgresql.org/support/versioning/ · MySQL https://www.mysql.com/support/eol-notice.html
 * - MariaDB https://mariadb.org/about/#maintenance-policy · MongoDB https://www.mongodb.com/legal/support-policy/lifecycles
 * - Redis https://github.com/redis/redis/security/policy · Cassandra https://cassandra.apache.org/_/download.html
 * - Node.js https://github.com/nodejs/release · Python https://devguide.python.org/versions/
 * - Ruby https://www.ruby-lang.org/en/downloads/branches/ · PHP https://www.php.net/supported-versions.php
 * - Go https://go.dev/doc/devel/release#policy · .NET https://dotnet.microsoft.com/platform/support/policy/dotnet-core
 * - openjdk, deprecated as an image: https://github.com/docker-library/openjdk/issues/505
 * - Temurin https://adoptium.net/support · Tomcat https://tomcat.apache.org/whichversion.html
 * - Debian https://wiki.debian.org/LTS · Ubuntu https://ubuntu.com/about/release-cycle · Alpine https://alpinelinux.org/releases/
 * - CentOS https://www.centos.org/centos-linux-eol/ · Fedora https://docs.fedoraproject.org/en-US/releases/eol/
 * - Amazon Linux https://aws.amazon.com/linux/amazon-linux-2/faqs/
 * - Elastic https://www.elastic.co/support/eol · RabbitMQ https://www.rabbitmq.com/release-information
 * - nginx https://nginx.org/en/download.html · Apache https://httpd.apache.org/download.cgi · HAProxy https://www.haproxy.org/
 * - Traefik https://doc.traefik.io/traefik/deprecation/releases/ · Grafana
 *   https://grafana.com/docs/grafana/latest/upgrade-guide/when-to-upgrade/ · Keycloak https://github.com/keycloak/keycloak/security/policy
 */

/**
 * The day that the table is held against, when it was last looked through: a version is reported whose end lies on this day or
 * before. So what is found depends on the version of hardlint, not on the clock.
 */
export const CHECKED = '2026-11-25';

/** Where `openjdk` went: an image that has the same Java versions, with `jdk` or `jre` in each tag. */
export const OPENJDK_SUCCESSOR = 'eclipse-temurin';

/** A product that comes as one image or several. */
export interface Product {
  /** As people call it: "Debian". */
  readonly label: string;
  /** Names of its images, as `parseImage` gives them. */
  readonly images: readonly string[];
  /** The last day of each version that has an end. `9` means `9` and every `9.x`: it is here only if all of them have ended. */
  readonly ends: ReadonlyMap<string, string>;
  /** Other names of versions, as tags have them; `latest` where the image gets no new one. */
  readonly names?: ReadonlyMap<string, string>;
  /** Versions with about a year or more to go; the lowest one that is higher is named. */
  readonly next?: readonly string[];
  /** Whether it keeps data in a form that another version does not start with. */
  readonly keepsData?: true;
  /** Whether tags of other images name it as what they rest on: `-bullseye`, `-alpine3.18`. */
  readonly isDistribution?: true;
  /** Variants that the next version has too, as they stand in a tag behind the number: `slim`. */
  readonly variants?: readonly string[];
  /** A release of its distribution, by code name, that every version in use has a variant with. */
  readonly base?: string;
}

export const PRODUCTS: readonly Product[] = [
  {
    label: 'PostgreSQL', // postgresql
    images: ['postgres', 'postgis/postgis', 'pgvector/pgvector'],
    keepsData: true,
    next: ['18'],
    ends: pairs(`
      8 2014-07-24, 9 2021-11-11, 9.0 2015-10-08, 9.1 2016-10-27, 9.2 2017-11-09, 9.3 2018-11-08, 9.4 2020-02-13,
      9.5 2021-02-11, 9.6 2021-11-11, 10 2022-11-10, 11 2023-11-09, 12 2024-11-14, 13 2025-11-13, 14 2026-11-12,
      15 2027-11-11`),
  },
  {
    label: 'MySQL', // mysql
    images: ['mysql', 'mysql/mysql-server'],
    keepsData: true,
    next: ['8.4'],
    ends: pairs(`
      5 2023-10-31, 5.5 2018-12-31, 5.6 2021-02-28, 5.7 2023-10-31, 8.0 2026-04-30, 8.1 2023-10-25, 8.2 2023-12-14,
      8.3 2024-04-10, 9.0 2024-10-15`),
  },
  {
    label: 'MariaDB', // mariadb
    images: ['mariadb'],
    keepsData: true,
    next: ['11.8'],
    ends: pairs(`
      5 2020-04-11, 10.0 2019-03-31, 10.1 2020-10-17, 10.2 2022-05-23, 10.3 2023-05-25, 10.4 2024-06-18,
      10.5 2025-06-24, 10.6 2026-07-06, 10.7 2023-02-14, 10.8 2023-05-20, 10.9 2023-08-22, 10.10 2023-11-17,
      11.0 2024-06-06, 11.1 2024-08-21, 11.2 2024-11-21`),
  },
  {
    label: 'MongoDB', // mongodb
    images: ['mongo', 'mongodb/mongodb-community-server'],
    keepsData: true,
    next: ['8.0'],
    ends: pairs(`
      2 2016-10-31, 3 2021-04-30, 3.0 2018-02-28, 3.2 2018-09-30, 3.4 2020-01-31, 3.6 2021-04-30, 4 2024-02-29,
      4.0 2022-04-30, 4.2 2023-04-30, 4.4 2024-02-29, 5 2024-10-31, 5.0 2024-10-31, 6 2025-07-31, 6.0 2025-07-31,
      7.1 2024-01-31, 7.2 2024-04-30, 7.3 2024-10-31`),
  },
  {
    label: 'Redis', // redis
    images: ['redis'],
    keepsData: true,
    next: ['8'],
    ends: pairs('2 2017-07-14, 3 2018-10-17, 4 2020-04-30, 5 2022-04-27, 6.0 2022-05-31, 7.0 2024-07-29'),
  },
  {
    label: 'CouchDB', // apache-couchdb
    images: ['couchdb', 'apache/couchdb'],
    keepsData: true,
    ends: pairs('2 2020-05-05, 3.0 2021-10-08, 3.1 2022-12-28, 3.2 2024-09-20'),
  },
  {
    label: 'Cassandra', // apache-cassandra
    images: ['cassandra'],
    keepsData: true,
    next: ['5.0'],
    ends: pairs('2 2021-07-26, 3 2024-09-05'),
  },
  ...['elasticsearch', 'kibana', 'logstash'].map(
    (name): Product => ({
      label: name.replace(/^./, (letter) => letter.toUpperCase()), // elasticsearch, kibana, logstash
      images: [name, `docker.elastic.co/${name}/${name}`, `docker.elastic.co/${name}/${name}-oss`],
      keepsData: true,
      next: ['9'],
      ends: pairs('1 2017-01-16, 2 2018-02-28, 5 2019-03-11, 6 2022-02-10, 7 2026-01-15'),
    }),
  ),
  {
    label: 'RabbitMQ', // rabbitmq
    images: ['rabbitmq'],
    keepsData: true,
    next: ['4'],
    ends: pairs(`
      3 2024-09-17, 3.6 2018-05-31, 3.7 2020-09-30, 3.8 2022-07-31, 3.9 2023-01-31, 3.10 2023-07-31,
      3.11 2023-12-31, 3.12 2024-06-30, 3.13 2024-09-17`),
  },
  {
    label: 'Grafana', // grafana
    images: ['grafana/grafana', 'grafana/grafana-oss', 'grafana/grafana-enterprise'],
    keepsData: true,
    next: ['13'],
    ends: pairs(`
      5 2020-05-15, 6 2021-06-08, 7 2022-06-14, 8 2023-06-09, 9 2024-05-14, 10 2025-06-05, 11 2026-06-25`),
  },
  {
    label: 'Keycloak', // keycloak
    images: ['quay.io/keycloak/keycloak', 'keycloak/keycloak', 'jboss/keycloak'],
    keepsData: true,
    next: ['26'],
    ends: pairs(`
      10 2020-07-22, 11 2020-12-16, 12 2021-05-06, 13 2021-06-18, 14 2021-07-30, 15 2021-12-17, 16 2022-03-11,
      17 2022-04-20, 18 2022-07-27, 19 2022-11-01, 20 2023-02-23, 21 2023-07-11, 22 2023-11-23, 23 2024-03-04,
      24 2024-06-10, 25 2024-10-04`),
  },
  {
    label: 'Node.js', // nodejs
    images: ['node'],
    base: 'bookworm',
    next: ['24', '26'],
    variants: ['', 'slim', 'alpine'],
    names: pairs(`
      argon 4, boron 6, carbon 8, dubnium 10, erbium 12, fermium 14, gallium 16, hydrogen 18, iron 20`),
    ends: pairs(`
      0 2016-12-31, 4 2018-04-30, 5 2016-06-30, 6 2019-04-30, 7 2017-06-30, 8 2019-12-31, 9 2018-06-30,
      10 2021-04-30, 11 2019-06-30, 12 2022-04-30, 13 2020-06-01, 14 2023-04-30, 15 2021-06-01, 16 2023-09-11,
      17 2022-06-01, 18 2025-04-30, 19 2023-06-01, 20 2026-04-30, 21 2024-06-01, 23 2025-06-01, 25 2026-06-01,
      22 2027-04-30`),
  },
  {
    label: 'Python', // python
    images: ['python'],
    base: 'bookworm',
    next: ['3.13'],
    variants: ['', 'slim', 'alpine'],
    ends: pairs(`
      2 2020-01-01, 3.2 2016-02-20, 3.3 2017-09-29, 3.4 2019-03-18, 3.5 2020-09-30, 3.6 2021-12-23, 3.7 2023-06-27,
      3.8 2024-10-07, 3.9 2025-10-31, 3.10 2026-10-31, 3.11 2027-10-31`),
  },
  {
    label: 'Ruby', // ruby
    images: ['ruby'],
    base: 'bookworm',
    next: ['3.4'],
    variants: ['', 'slim', 'alpine'],
    ends: pairs(`
      1 2015-02-23, 2 2023-03-31, 2.0 2016-02-24, 2.1 2017-03-31, 2.2 2018-03-31, 2.3 2019-03-31, 2.4 2020-03-31,
      2.5 2021-03-31, 2.6 2022-03-31, 2.7 2023-03-31, 3.0 2024-04-23, 3.1 2025-03-31, 3.2 2026-03-31,
      3.3 2027-03-31`),
  },
  {
    label: 'PHP', // php
    images: ['php'],
    base: 'bookworm',
    next: ['8.4'],
    variants: ['', 'cli', 'fpm', 'apache', 'zts', 'alpine', 'cli-alpine', 'fpm-alpine', 'zts-alpine'],
    ends: pairs(`
      5 2018-12-31, 5.3 2014-08-14, 5.4 2015-09-03, 5.5 2016-07-21, 5.6 2018-12-31, 7 2022-11-28, 7.0 2019-01-10,
      7.1 2019-12-01, 7.2 2020-11-30, 7.3 2021-12-06, 7.4 2022-11-28, 8.0 2023-11-26, 8.1 2025-12-31,
      8.2 2026-12-31`),
  },
  {
    label: 'Go', // go
    images: ['golang'],
    base: 'bookworm',
    next: ['1.26'],
    variants: ['', 'alpine'],
    ends: pairs(`
      1.4 2016-02-17, 1.5 2016-08-15, 1.6 2017-02-16, 1.7 2017-08-24, 1.8 2018-02-16, 1.9 2018-08-24,
      1.10 2019-02-25, 1.11 2019-09-03, 1.12 2020-02-25, 1.13 2020-08-11, 1.14 2021-02-16, 1.15 2021-08-16,
      1.16 2022-03-15, 1.17 2022-08-02, 1.18 2023-02-01, 1.19 2023-09-06, 1.20 2024-02-06, 1.21 2024-08-13,
      1.22 2025-02-11, 1.23 2025-08-12, 1.24 2026-02-10`),
  },
  {
    label: 'openjdk', // oracle-jdk; the image itself is what has ended
    images: ['openjdk'],
    names: pairs('latest 18'),
    ends: pairs(`
      6 2022-07-31, 7 2022-07-31, 8 2022-07-31, 9 2022-07-31, 10 2022-07-31, 11 2022-07-31, 12 2022-07-31,
      13 2022-07-31, 14 2022-07-31, 15 2022-07-31, 16 2022-07-31, 17 2022-07-31, 18 2022-07-31, 19 2023-03-21,
      20 2023-09-19, 21 2023-09-19`),
  },
  {
    label: 'Temurin', // eclipse-temurin
    images: ['eclipse-temurin'],
    base: 'noble',
    next: ['21', '25'],
    variants: ['', 'jdk', 'jre', 'jdk-alpine', 'jre-alpine', 'alpine'],
    ends: pairs(`
      16 2021-09-14, 18 2022-09-20, 19 2023-03-21, 20 2023-09-19, 22 2024-09-17, 23 2025-03-18, 24 2025-09-16`),
  },
  {
    label: 'Tomcat', // tomcat
    images: ['tomcat'],
    ends: pairs('6 2016-12-31, 7 2021-03-31, 8 2024-03-31, 8.0 2018-06-30, 8.5 2024-03-31, 10.0 2022-10-31'),
  },
  {
    label: '.NET', // dotnet
    images: ['sdk', 'aspnet', 'runtime', 'runtime-deps'].flatMap((name) => [
      `mcr.microsoft.com/dotnet/${name}`,
      `mcr.microsoft.com/dotnet/core/${name}`,
    ]),
    next: ['10.0'],
    variants: ['', 'alpine'],
    ends: pairs(`
      1 2019-06-27, 2.0 2018-10-01, 2.1 2021-08-21, 2.2 2019-12-23, 3.0 2020-03-03, 3.1 2022-12-13, 5.0 2022-05-10,
      6.0 2024-11-12, 7.0 2024-05-14, 8.0 2026-11-10, 9.0 2026-11-10`),
  },
  {
    label: 'nginx', // nginx
    images: ['nginx', 'nginxinc/nginx-unprivileged'],
    variants: ['', 'alpine'],
    ends: pairs(`
      1.7 2015-04-21, 1.8 2016-04-26, 1.9 2016-04-26, 1.10 2017-04-12, 1.11 2017-04-12, 1.12 2018-04-17,
      1.13 2018-04-17, 1.14 2019-04-23, 1.15 2019-04-23, 1.16 2020-04-20, 1.17 2020-04-21, 1.18 2021-04-20,
      1.19 2021-05-25, 1.20 2022-05-24, 1.21 2022-06-21, 1.22 2023-04-11, 1.23 2023-05-23, 1.24 2024-04-23,
      1.25 2024-05-29, 1.26 2025-04-23, 1.27 2025-06-24`),
  },
  {
    label: 'Apache httpd', // apache-http-server
    images: ['httpd'],
    next: ['2.4'],
    variants: ['', 'alpine'],
    ends: pairs('2.2 2017-07-11'),
  },
  { label: 'Traefik', images: ['traefik'], next: ['3'], ends: pairs('1 2021-12-31') }, // traefik
  {
    label: 'HAProxy', // haproxy
    images: ['haproxy', 'haproxytech/haproxy-alpine'],
    next: ['3.2'],
    variants: ['', 'alpine'],
    ends: pairs(`
      1 2022-12-09, 1.5 2020-01-10, 1.6 2020-12-31, 1.7 2021-12-31, 1.8 2022-12-09, 1.9 2020-07-31, 2.0 2024-04-05,
      2.1 2021-03-18, 2.2 2025-04-23, 2.3 2022-07-27, 2.4 2026-06-30, 2.5 2023-05-02, 2.7 2024-04-05,
      2.9 2025-03-21, 3.1 2026-03-31`),
  },
  {
    label: 'Debian', // debian
    images: ['debian'],
    isDistribution: true,
    next: ['13'],
    variants: ['', 'slim'],
    names: pairs('squeeze 6, wheezy 7, jessie 8, stretch 9, buster 10, bullseye 11, bookworm 12, trixie 13'),
    ends: pairs(`
      6 2016-02-29, 7 2018-05-31, 8 2020-06-30, 9 2022-06-30, 10 2024-06-30, 11 2026-08-31, 12 2028-06-30`),
  },
  {
    label: 'Ubuntu', // ubuntu
    images: ['ubuntu'],
    isDistribution: true,
    next: ['24.04'],
    variants: [''],
    names: pairs(`
      precise 12.04, trusty 14.04, xenial 16.04, artful 17.10, bionic 18.04, cosmic 18.10, disco 19.04, eoan 19.10,
      focal 20.04, groovy 20.10, hirsute 21.04, impish 21.10, kinetic 22.10, lunar 23.04, mantic 23.10,
      oracular 24.10, plucky 25.04, questing 25.10, jammy 22.04, noble 24.04`),
    ends: pairs(`
      12.04 2017-04-28, 14.04 2019-04-25, 16.04 2021-04-30, 16.10 2017-07-20, 17.04 2018-01-13, 17.10 2018-07-19,
      18.04 2023-05-31, 18.10 2019-07-18, 19.04 2020-01-23, 19.10 2020-07-17, 20.04 2025-05-31, 20.10 2021-07-22,
      21.04 2022-01-20, 21.10 2022-07-14, 22.10 2023-07-20, 23.04 2024-01-25, 23.10 2024-07-11, 24.10 2025-07-10,
      25.04 2026-01-15, 25.10 2026-07-09, 22.04 2027-06-01`),
  },
  {
    label: 'Alpine', // alpine-linux
    images: ['alpine'],
    isDistribution: true,
    next: ['3.24'],
    variants: [''],
    ends: pairs(`
      2 2015-11-01, 3.0 2016-05-01, 3.1 2016-11-01, 3.2 2017-05-01, 3.3 2017-11-01, 3.4 2018-05-01, 3.5 2018-11-01,
      3.6 2019-05-01, 3.7 2019-11-01, 3.8 2020-05-01, 3.9 2020-11-01, 3.10 2021-05-01, 3.11 2021-11-01,
      3.12 2022-05-01, 3.13 2022-11-01, 3.14 2023-05-01, 3.15 2023-11-01, 3.16 2024-05-23, 3.17 2024-11-22,
      3.18 2025-05-09, 3.19 2025-11-01, 3.20 2026-04-01, 3.21 2026-11-01, 3.22 2027-05-01, 3.23 2027-11-01`),
  },
  {
    label: 'CentOS', // centos, centos-stream
    images: ['centos', 'quay.io/centos/centos'],
    isDistribution: true,
    names: pairs('latest 8, stream8 8-stream'),
    ends: pairs('5 2017-03-31, 6 2020-11-30, 7 2024-06-30, 8 2021-12-31, 8-stream 2024-05-31'),
  },
  {
    label: 'Fedora', // fedora
    images: ['fedora', 'registry.fedoraproject.org/fedora', 'quay.io/fedora/fedora'],
    ends: pairs(`
      28 2019-05-28, 29 2019-11-26, 30 2020-05-26, 31 2020-11-24, 32 2021-05-25, 33 2021-11-30, 34 2022-06-07,
      35 2022-12-13, 36 2023-05-16, 37 2023-12-05, 38 2024-05-21, 39 2024-11-26, 40 2025-05-13, 41 2025-12-15`),
  },
  {
    label: 'Amazon Linux', // amazon-linux
    images: ['amazonlinux', 'public.ecr.aws/amazonlinux/amazonlinux'],
    next: ['2023'],
    variants: [''],
    ends: pairs('1 2023-12-31, 2016 2023-12-31, 2017 2023-12-31, 2018 2023-12-31, 2 2026-06-30'),
  },
];

/** `9.5 2021-02-11, 9.6 2021-11-11` as a map. */
function pairs(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(',').map((pair) => {
      const [key = '', value = ''] = pair.trim().split(' ');
      return [key, value];
    }),
  );
}
