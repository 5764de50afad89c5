import { type EnvironmentVariable, environmentOf } from '../../syntaxes/compose/environment.ts';
import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { Port } from '../../syntaxes/compose/ports.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { openDaemon, publishedApi, variableSpan } from './shared/docker-api.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { networkMode } from './shared/network-mode.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { bindToLoopback, portLabel, portPlace, portSpan } from './shared/ports.ts';

export const rule = defineRule({
  id: 'compose/docker-tcp-exposed',
  title: "Docker's API is open on the network without TLS",
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /ports|command|entrypoint|DOCKER_/,
  docs: {
    why: `Whoever reaches Docker's API can start a privileged container with the host's disk in it: that is root on the machine, without a
password. Port 2375 is looked for all over the internet and taken over within minutes.`,
    fix: `Do not publish the port. Where another machine has to reach the daemon, use SSH (\`DOCKER_HOST=ssh://user@host\`), or TLS that checks
the client's certificate (\`--tlsverify\`, port 2376).`,
    falsePositives: `A daemon that only other containers of the project reach is \`compose/docker-tcp-internal\`. Silent for ports on the
host's own address, addresses in variables, daemons with \`--tlsverify\`, and for a \`DOCKER_HOST\` that names another container, such as a
proxy for the socket. Silent in files for development and tests.`,
    cwe: [306, 319],
    controls: ['CIS Docker 1.6.0 2.7', 'OWASP Docker Security Cheat Sheet, rule 1'],
    references: [
      'https://docs.docker.com/engine/security/protect-access/',
      'https://docs.docker.com/reference/cli/dockerd/#bind-docker-to-another-hostport-or-a-unix-socket',
    ],
  },
  bad: [
    {
      name: 'the port, in each form',
      files: {
        'compose.yaml': `services:
  dind:
    image: docker:28-dind
    environment:
      DOCKER_TLS_CERTDIR: ""
    ports:
      - "«2375:2375»"
  proxy:
    image: tecnativa/docker-socket-proxy:v0.4.1
    ports: [80:80, "«192.168.1.5:12375:2375»"]
  long:
    image: ghcr.io/acme/engine:1
    ports:
      - target: 2375
        published: «2375»
`,
      },
      fixed: `services:
  dind:
    image: docker:28-dind
    environment:
      DOCKER_TLS_CERTDIR: ""
    ports:
      - "127.0.0.1:2375:2375"
  proxy:
    image: tecnativa/docker-socket-proxy:v0.4.1
    ports: [80:80, "192.168.1.5:12375:2375"]
  long:
    image: ghcr.io/acme/engine:1
    ports:
      - target: 2375
        published: 2375
`,
    },
    {
      name: 'another port that the daemon listens on',
      files: {
        'compose.yaml': `services:
  engine:
    image: ghcr.io/acme/engine:1
    command: ["dockerd", "-H", "unix:///var/run/docker.sock", "-H", "tcp://0.0.0.0:4243"]
    ports:
      - «4243:4243»
`,
      },
      fixed: `services:
  engine:
    image: ghcr.io/acme/engine:1
    command: ["dockerd", "-H", "unix:///var/run/docker.sock", "-H", "tcp://0.0.0.0:4243"]
    ports:
      - 127.0.0.1:4243:4243
`,
    },
    {
      name: "a daemon on the host's network",
      files: {
        'compose.yaml': `services:
  engine:
    image: docker:28-dind
    network_mode: host
    command: dockerd «--host=tcp://0.0.0.0:2375» --tls=false
  plain:
    image: docker:dind
    network_mode: "host"
    environment:
      - «DOCKER_TLS_CERTDIR=»
`,
      },
    },
    {
      name: 'a client of a daemon on another machine',
      files: {
        'compose.yaml': `services:
  ci:
    image: ghcr.io/acme/ci:1
    environment:
      «DOCKER_HOST»: tcp://10.0.0.5:2375
  agent:
    image: ghcr.io/acme/agent:1
    environment:
      - "«DOCKER_HOST=tcp://host.docker.internal»"
`,
      },
    },
  ],
  good: [
    {
      name: 'Docker in Docker for CI, which only its own network reaches',
      files: {
        'compose.yaml': `services:
  dind:
    image: docker:28-dind
    privileged: true
    environment: { DOCKER_TLS_CERTDIR: "" }
    command: ["dockerd", "--host=tcp://0.0.0.0:2375", "--tls=false"]
  runner:
    image: gitlab/gitlab-runner:v18.0.0
    environment:
      DOCKER_HOST: tcp://dind:2375
`,
      },
    },
    {
      name: 'TLS that checks the client, and the local address',
      files: {
        'compose.yaml': `services:
  a:
    image: docker:28-dind
    ports: ["2376:2376"]
  b:
    image: ghcr.io/acme/engine:1
    command: dockerd -H tcp://0.0.0.0:2375 --tlsverify --tlscacert=/ca.pem
    ports: ["2375:2375"]
  c:
    image: docker:28-dind
    network_mode: host
    command: dockerd --host tcp://127.0.0.1:2375
  d:
    image: tecnativa/docker-socket-proxy:v0.4.1
    ports: ["127.0.0.1:2375:2375", "\${BIND}:2375"]
`,
      },
    },
    {
      name: 'clients with TLS, of a proxy, over SSH',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    environment:
      DOCKER_HOST: tcp://10.0.0.5:2375
      DOCKER_TLS_VERIFY: "1"
  b:
    image: ghcr.io/acme/b:1
    environment: [DOCKER_HOST=tcp://socket-proxy:2375]
  c:
    image: ghcr.io/acme/c:1
    environment: [DOCKER_HOST=ssh://ci@10.0.0.5]
  d:
    image: ghcr.io/acme/d:1
    environment: [DOCKER_HOST=tcp://10.0.0.5:2376]
  e:
    image: ghcr.io/acme/e:1
    environment: ["DOCKER_HOST=tcp://\${HOST}:2375"]
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => exposures(document, service);
    for (const { service, subject, sharers } of eachOrigin(document.tree, pick, ({ offset }) => offset)) {
      context.report({
        span: subject.span,
        message: withSharers(subject.message, sharers),
        place: `services.${service.name}.${subject.place}`,
        ...(subject.covers && { covers: subject.covers }),
        fixes: () => subject.fixes().map((fix) => atOrigin(fix, sharers)),
      });
    }
  },
});

interface Exposure {
  readonly offset: number;
  readonly span: Span;
  readonly message: string;
  readonly place: string;
  readonly covers?: readonly string[];
  readonly fixes: () => readonly (Fix | undefined)[];
}

function exposures(document: Document<'compose'>, service: ComposeService): readonly Exposure[] {
  return [
    ...portsOfApi(document, service),
    ...daemonsOnHost(document, service),
    ...clients(document, service),
  ];
}

function portsOfApi(document: Document<'compose'>, service: ComposeService): readonly Exposure[] {
  const { text } = document;
  return publishedApi(text, service).map((port: Port) => ({
    offset: port.item.node.span.start,
    span: portSpan(text, port),
    message: `Port ${portLabel(port)} of \`${service.name}\` gives Docker's API, and so root, to everyone who reaches it`,
    place: `ports[${portPlace(port)}]`,
    covers: openDaemon(text, service).map(
      ({ place }) => `compose/docker-tcp-internal services.${service.name}.${place}`,
    ),
    fixes: () => [
      bindToLoopback(text, port),
      fixOf(removeItemOrKey(text, service, 'ports', port.item), {
        title: 'Delete the port mapping',
        safety: 'review',
        risk: 'Only services of this project can reach the API then.',
      }),
    ],
  }));
}

function daemonsOnHost(document: Document<'compose'>, service: ComposeService): readonly Exposure[] {
  if (networkMode(service) !== 'host') return [];
  return openDaemon(document.text, service).map(({ span, place, written }) => ({
    offset: span.start,
    span,
    message: `\`${written}\` of \`${service.name}\` opens Docker's API on the host's network, without TLS: root for everyone who reaches it`,
    place,
    fixes: () => [],
  }));
}

/** Where a client talks to another machine without TLS, that machine's daemon is open to everybody. */
function clients(document: Document<'compose'>, service: ComposeService): readonly Exposure[] {
  const variables = environmentOf(service, document.text);
  const host = variables.find(({ name }) => name === 'DOCKER_HOST');
  const address = host && plainAddress(host);
  if (!host || address === undefined || !service.complete || service.effective.entries.has('env_file'))
    return [];
  if (variables.some(({ name, value }) => /^DOCKER_TLS(?:_VERIFY)?$/.test(name) && value !== '')) return [];
  return [
    {
      offset: host.offset,
      span: variableSpan(document.text, host),
      message: `\`${service.name}\` talks to Docker at \`${address.slice(0, 60)}\` without TLS: that daemon takes commands from everyone`,
      place: 'environment.DOCKER_HOST',
      fixes: () => [],
    },
  ];
}

/** The machine that a client talks to without TLS. A name without a dot is a container, which may be a proxy that filters. */
function plainAddress({ value }: EnvironmentVariable): string | undefined {
  const text = value === undefined ? undefined : interpolate(value).text;
  const [, host = '', port = '2375'] =
    /^tcp:\/\/(\[[^\]]*\]|[^:/]+)(?::(\d+))?\/?$/.exec(text?.trim() ?? '') ?? [];
  const isOther = /[.:]/.test(host) && !/^(?:127\.|\[::1\]$|0\.0\.0\.0$)/.test(host);
  return isOther && port !== '2376' ? host : undefined;
}
