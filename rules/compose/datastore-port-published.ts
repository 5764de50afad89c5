import { defineRule } from '../core/rule.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { bindToLoopback, openPorts, portPlace, portSpan } from './shared/ports.ts';

export const rule = defineRule({
  id: 'compose/datastore-port-published',
  title: 'Port of a database or broker is open on every network of the host',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Databases, caches and brokers are found by scanners within minutes after their port is open, and Docker opens it past ufw and
firewalld. Several of them have no password by default.`,
    fix: `Delete the mapping: services of the project reach the database by its service name. Where tools on the host need it, publish
it on 127.0.0.1 only.`,
    falsePositives: 'Silent in files for development and tests, and where the address is a variable.',
    cwe: [668],
    controls: ['CIS Docker 1.6.0 5.14', 'OWASP Docker Security Cheat Sheet, rule 5a'],
    references: [
      'https://docs.docker.com/engine/network/packet-filtering-firewalls/',
      'https://docs.docker.com/reference/compose-file/services/#ports',
    ],
  },
  bad: [
    {
      name: 'the short form',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    ports:
      - "«5432:5432»"
  cache:
    image: redis:8
    ports: ["«16379:6379»", 127.0.0.1:6380:6379]
`,
      },
      fixed: `services:
  db:
    image: postgres:17
    ports:
      - "127.0.0.1:5432:5432"
  cache:
    image: redis:8
    ports: ["16379:6379", 127.0.0.1:6380:6379]
`,
      offers: ['Publish on 127.0.0.1 only', 'Delete the port mapping'],
    },
    {
      name: 'a default of a variable, and the long form',
      files: {
        'compose.yaml': `services:
  db:
    image: mysql:8.4
    ports:
      - «\${DB_PORT:-3306}:3306»
  search:
    image: docker.elastic.co/elasticsearch/elasticsearch:9.0.0
    ports:
      - target: 9200
        published: «9200»
  shards:
    image: mongo:8
    ports: [«27017-27019:27017-27019»]
  sessions:
    image: memcached:1.6
    ports: ["«11211:11211/udp»"]
`,
      },
      fixed: `services:
  db:
    image: mysql:8.4
    ports:
      - 127.0.0.1:\${DB_PORT:-3306}:3306
  search:
    image: docker.elastic.co/elasticsearch/elasticsearch:9.0.0
    ports:
      - target: 9200
        published: 9200
  shards:
    image: mongo:8
    ports: [27017-27019:27017-27019]
  sessions:
    image: memcached:1.6
    ports: ["11211:11211/udp"]
`,
    },
  ],
  good: [
    {
      name: 'not published, or on one address, or the address is not known',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    expose: ["5432"]
    ports:
      - 127.0.0.1:5432:5432
      - \${PG_ADDRESS}:5432
      - "\${SQL_PORT:-127.0.0.1:13306}:3306"
`,
      },
    },
    {
      name: 'ports of other things, and a port that is only like one',
      files: {
        'compose.yaml': `services:
  home:
    image: homeassistant/home-assistant:2026.1
    ports: ["8123:8123"]
  web:
    image: ghcr.io/acme/web:1
    ports: ["5432:80", "10000-20000:10000-20000", "5432:5432/udp"]
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      (service) => openPorts(service).filter(({ datastore }) => datastore !== undefined),
      ({ port }) => port.item.node.span.start,
    );
    for (const { service, subject, sharers } of origins) {
      const { port, datastore } = subject;
      context.report({
        span: portSpan(document.text, port),
        message: withSharers(
          `${datastore} of \`${service.name}\` is open on every network of the host, past its firewall`,
          sharers,
        ),
        place: `services.${service.name}.ports[${portPlace(port)}]`,
        fixes: () => {
          const remove = fixOf(removeItemOrKey(document.text, service, 'ports', port.item), {
            title: 'Delete the port mapping',
            safety: 'review',
            risk: 'Only services of this project can reach the port then.',
          });
          return [bindToLoopback(document.text, port), remove].map((fix) => atOrigin(fix, sharers));
        },
      });
    }
  },
});
