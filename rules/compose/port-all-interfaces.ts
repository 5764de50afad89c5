import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { publishedApi } from './shared/docker-api.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { bindToLoopback, openPorts, portLabel, portPlace, portSpan } from './shared/ports.ts';
import { sshPorts } from './shared/ssh.ts';

export const rule = defineRule({
  id: 'compose/port-all-interfaces',
  title: 'Port is published on every network of the host',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `\`"8080:80"\` listens on every address of the host, and Docker's own firewall rules come before those of ufw or firewalld: a
port that the firewall seems to close is open to the internet.`,
    fix: `Put \`127.0.0.1:\` in front and let a reverse proxy on the host serve the outside; services of one Compose project reach each
other without any published port. Where the port is meant for the outside, name the address to listen on.`,
    falsePositives: `Silent for ports that are public by nature when they keep their number: HTTPS, mail and DNS, port 80 of a
web server or proxy, VPNs and media over UDP. Silent too where the address is a variable. Databases and brokers are
\`compose/datastore-port-published\`, Docker's API is \`compose/docker-tcp-exposed\`, a login over SSH is \`compose/ssh-port\`. Swarm's ingress
network knows no addresses: there a firewall has to do it.`,
    cwe: [668],
    controls: ['CIS Docker 1.6.0 5.14', 'OWASP Docker Security Cheat Sheet, rule 5a'],
    references: [
      'https://docs.docker.com/engine/network/packet-filtering-firewalls/',
      'https://docs.docker.com/reference/compose-file/services/#ports',
    ],
  },
  bad: [
    {
      name: 'the short form, with and without quotes',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports:
      - «8080:80»
      - "«9443:8443»"
      - '«0.0.0.0:3000:3000/tcp»'
      - «9000»
`,
      },
      fixed: `services:
  web:
    image: ghcr.io/acme/web:1
    ports:
      - 127.0.0.1:8080:80
      - "9443:8443"
      - '0.0.0.0:3000:3000/tcp'
      - 9000
`,
    },
    {
      name: 'only the container port, a variable, UDP',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports: [«8000», "«\${PORT:-8081}:8081»", «8125:8125/udp»]
`,
      },
      fixed: `services:
  web:
    image: ghcr.io/acme/web:1
    ports: ["127.0.0.1::8000", "\${PORT:-8081}:8081", 8125:8125/udp]
`,
    },
    {
      name: 'plain HTTP of something that is no web server',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    ports:
      - «80:8080»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1
    ports:
      - 127.0.0.1:80:8080
`,
    },
    {
      name: 'an address in a variable, UDP beside TCP',
      files: {
        'compose.yaml': `services:
  stats:
    image: ghcr.io/acme/stats:1
    ports:
      - "«\${BIND:-0.0.0.0}:8125:8125/udp»"
      - "«8125:8125»"
`,
      },
      fixed: `services:
  stats:
    image: ghcr.io/acme/stats:1
    ports:
      - "\${BIND:-127.0.0.1}:8125:8125/udp"
      - "8125:8125"
`,
    },
    {
      name: 'the long form',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports:
      - target: 80
        published: «"8080"»
        protocol: tcp
      - name: admin
        target: 9000
        published: «9000»
        host_ip: "::"
`,
      },
      fixed: `services:
  web:
    image: ghcr.io/acme/web:1
    ports:
      - target: 80
        published: "8080"
        host_ip: 127.0.0.1
        protocol: tcp
      - name: admin
        target: 9000
        published: 9000
        host_ip: "::"
`,
    },
  ],
  good: [
    {
      name: 'an address is given, or not known',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports:
      - 127.0.0.1:8080:80
      - "[::1]:8080:80"
      - \${BIND_IP}:8081:80
      - "\${BIND:-127.0.0.1}:8082:80"
      - "\${HTTP}:80"
      - 192.168.1.10:9000:9000
      - 127.0.0.1:9001
      - target: 80
        published: 127.0.0.1:8085
      - target: 80
        published: 8084
        host_ip: 10.0.0.1
    expose:
      - "9000"
`,
      },
    },
    {
      name: 'ports that are public by nature, and other protocols',
      files: {
        'compose.yaml': `services:
  proxy:
    image: traefik:v3.4
    ports: ["80:80", "443:443", "443:443/udp", "443:8443"]
  vpn:
    image: ghcr.io/acme/wireguard:1
    ports: ["51820:51820/udp"]
`,
      },
    },
    {
      name: 'a database has a rule of its own; the host network publishes nothing',
      files: {
        'compose.yaml': `services:
  db:
    image: postgres:17
    ports: ["5432:5432"]
  agent:
    image: ghcr.io/acme/agent:1
    network_mode: host
    ports: ["8080:8080"]
`,
      },
    },
    {
      name: "Docker's API and SSH have rules of their own",
      files: {
        'compose.yaml': `services:
  engine:
    image: docker:28-dind
    ports: ["2375:2375"]
  app:
    image: ghcr.io/acme/app:1
    ports: ["2222:22"]
`,
      },
    },
    {
      name: 'a developer’s file',
      files: { 'compose.override.yaml': `services:\n  web:\n    ports: ["8080:80"]\n` },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => {
      const told = new Set(
        [...publishedApi(document.text, service), ...sshPorts(service)].map(({ item }) => item.node),
      );
      return openPorts(service).filter(
        ({ datastore, isPublic, port }) => datastore === undefined && !isPublic && !told.has(port.item.node),
      );
    };
    const origins = eachOrigin(document.tree, pick, ({ port }) => port.item.node.span.start);
    for (const { service, subject, sharers } of origins) {
      const label = portLabel(subject.port);
      context.report({
        span: portSpan(document.text, subject.port),
        message: withSharers(
          `Port ${label} of \`${service.name}\` is open on every network of the host, past its firewall`,
          sharers,
        ),
        place: `services.${service.name}.ports[${portPlace(subject.port)}]`,
        fixes: () => [atOrigin(bindToLoopback(document.text, subject.port), sharers)],
      });
    }
  },
});
