import { environmentOf } from '../../syntaxes/compose/environment.ts';
import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { portsOf } from '../../syntaxes/compose/ports.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { isMonitoringImage, mountSpan } from './shared/host-paths.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';
import { type DaemonSocket, daemonSocketOf } from './shared/sockets.ts';

/** They filter the API, which is the remedy. */
const SOCKET_PROXY = /(?:^|\/)(?:docker-)?socket-?proxy(?::|@|$)|docker-socket-(?:proxy|protector)/;

export const rule = defineRule({
  id: 'compose/docker-socket-mount',
  title: "Container gets the container daemon's socket",
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  mentions: /volumes/,
  docs: {
    why: `Whoever can talk to the Docker daemon can start a privileged container that mounts the whole host: the socket is root on
the host. Mounting it read-only changes nothing, since that only keeps the file itself from being replaced.`,
    fix: `Put a socket proxy between (\`tecnativa/docker-socket-proxy\`, \`wollomatic/socket-proxy\`) which lets only the calls through
that are needed, and point \`DOCKER_HOST\` at it; or use the rootless mode of Docker, or a file provider instead of discovery.`,
    falsePositives: `A socket proxy that publishes no port and sets no \`POST=1\` is not reported. Folders that hold the socket are not reported on
node-exporter, cAdvisor and other monitoring agents that read the host.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 5.32', 'OWASP Docker Security Cheat Sheet, rule 1'],
    references: [
      'https://docs.docker.com/engine/security/protect-access/',
      'https://docs.docker.com/engine/security/rootless/',
    ],
  },
  bad: [
    {
      name: 'the short form, read-only too',
      files: {
        'compose.yaml': `services:
  traefik:
    image: traefik:v3.4
    volumes:
      - «/var/run/docker.sock:/var/run/docker.sock:ro»
      - ./traefik.yml:/etc/traefik/traefik.yml:ro
`,
      },
    },
    {
      name: 'the long form, a default of a variable, another daemon, a folder',
      files: {
        'compose.yaml': `services:
  agent:
    image: ghcr.io/acme/agent:1
    volumes:
      - type: bind
        source: «/run/docker.sock»
        target: /var/run/docker.sock
      - «\${DOCKER_SOCK:-/var/run/docker.sock}:/docker.sock»
      - «/run/containerd/containerd.sock:/containerd.sock»
      - «/var/run:/host/run»
      - «\${SOCKET}:/var/run/docker.sock»
      - «\${XDG_RUNTIME_DIR}/docker.sock:/run/rootless.sock»
      - «socket:/socket»
volumes:
  socket:
    driver_opts: { type: none, o: bind, device: /var/run/docker.sock }
`,
      },
    },
    {
      name: 'folders that hold it, a rootless daemon, other machines’ spellings',
      files: {
        'compose.yaml': `services:
  agent:
    image: ghcr.io/acme/agent:1
    volumes:
      - «/:/host:ro»
      - «/var/run/../run/:/run/host»
      - «/run/user/1000/docker.sock:/var/run/docker.sock»
      - "«//var/run/docker.sock:/socket»"
      - «~/.docker/run/docker.sock:/desktop.sock»
      - «\\\\.\\pipe\\docker_engine:\\\\.\\pipe\\docker_engine»
      - { type: npipe, source: «"//./pipe/docker_engine"», target: "//./pipe/other" }
      - «host:/all»
volumes:
  host: { driver: local, driver_opts: { type: none, o: bind, device: "\${HOST_RUN:-/run}" } }
`,
      },
    },
    {
      name: 'a socket proxy that lets changes through',
      files: {
        'compose.yaml': `services:
  proxy:
    image: lscr.io/linuxserver/socket-proxy:3.2.3
    environment:
      - CONTAINERS=1
      - POST=1
    volumes:
      - «/var/run/docker.sock:/var/run/docker.sock:ro»
`,
      },
    },
    {
      name: 'a socket proxy that everybody can reach',
      files: {
        'compose.yaml': `services:
  proxy:
    image: tecnativa/docker-socket-proxy:0.3
    ports: ["2375:2375"]
    volumes:
      - «/var/run/docker.sock:/var/run/docker.sock:ro»
`,
      },
    },
  ],
  good: [
    {
      name: 'a socket proxy',
      files: {
        'compose.yaml': `services:
  proxy:
    image: tecnativa/docker-socket-proxy:0.3
    environment: { CONTAINERS: 1 }
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro
  traefik:
    image: traefik:v3.4
    environment:
      DOCKER_HOST: tcp://proxy:2375
`,
      },
    },
    {
      name: 'other sockets, volumes of that name, monitoring agents',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1
    volumes:
      - /run/postgresql:/run/postgresql
      - docker.sock:/data
      - ./run:/run
      - /run/udev:/run/udev:ro
      - /var/run/docker.pid
      - \${SOCK}:/x
  cadvisor:
    image: gcr.io/cadvisor/cadvisor:v0.52.1
    volumes:
      - /var/run:/var/run:ro
      - /:/rootfs:ro
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (service) => socketMounts(document, service),
      ({ mount }) => mount.item.node.span.start,
    )) {
      const { mount, socket } = subject;
      context.report({
        span: mountSpan(document.text, mount),
        message: withSharers(messageOf(service.name, subject), sharers),
        place: `services.${service.name}.volumes[${mount.target ?? socket.path}]`,
      });
    }
  },
});

interface SocketMount {
  readonly mount: Mount;
  readonly socket: DaemonSocket;
}

function socketMounts({ tree, text }: Document<'compose'>, service: ComposeService): readonly SocketMount[] {
  const image = imageOf(service) ?? '';
  if (SOCKET_PROXY.test(image) && portsOf(service).length === 0 && !letsPost(service, text)) return [];
  const reads = isMonitoringImage(image);
  return mountsOf(service).flatMap((mount) => {
    const socket = daemonSocketOf(tree, mount);
    return socket && !(socket.folder && reads) ? [{ mount, socket }] : [];
  });
}

/** Whether a proxy lets calls through that change something, so that it is no filter any more. */
function letsPost(service: ComposeService, text: string): boolean {
  return environmentOf(service, text).some(
    ({ name, value }) => name === 'POST' && value !== undefined && /^(?:1|true)$/i.test(value.trim()),
  );
}

function messageOf(service: string, { mount, socket }: SocketMount): string {
  const limit = mount.readOnly ? '; `:ro` does not limit it' : '';
  return socket.rootless
    ? `\`${socket.path}\` gives \`${service}\` a user's container daemon, and with it all that user's files${limit}`
    : `\`${socket.path}\` gives \`${service}\` the container daemon, which is root on the host${limit}`;
}
