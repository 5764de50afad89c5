import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { mountSpan, watchesHost } from './shared/host-paths.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';
import { decidesWhatRuns, holdsSecrets, systemPathOf } from './shared/sensitive-paths.ts';

/** What a folder gives away; of all others the files in it. */
const GIVES: Readonly<Record<string, string>> = {
  '/proc': 'the environment and the memory of all processes',
  '/sys': 'the hardware and the settings of the kernel',
  '/dev': 'its disks and other devices',
  '/boot': 'its kernel and what it is started with',
};
const FILES = 'the passwords, keys and settings in it';

export const rule = defineRule({
  id: 'compose/sensitive-host-mount',
  title: "Container can read the host's system or home folders",
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /volumes/,
  docs: {
    why: `Read-only keeps the files as they are, it does not keep them secret: \`/etc\` holds password hashes and host keys, a home
folder SSH keys and cloud credentials, \`/var/lib/docker\` the files of all other containers, \`/proc\` their environment.`,
    fix: 'Mount the one file or folder that the container needs.',
    falsePositives: `Time zone, machine id and certificates (\`/etc/localtime\`, \`/etc/ssl/certs\`), \`/etc/passwd\` read-only, \`/dev/shm\` and folders
below these are not meant. Monitoring agents such as node-exporter, cAdvisor and Promtail are expected to read the host. What a
container can write as well is reported by \`compose/sensitive-host-mount-writable\`.`,
    cwe: [668],
    controls: ['CIS Docker 1.6.0 5.6'],
    references: ['https://docs.docker.com/engine/storage/bind-mounts/'],
  },
  bad: [
    {
      name: 'read-only folders of the system',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - «/etc:/host/etc:ro»
      - "«/var/lib/docker/:/docker:ro»"
      - type: bind
        source: «/proc»
        target: /host/proc
        read_only: true
      - «\${ROOT:-/}:/rootfs:ro,rslave»
`,
      },
    },
    {
      name: 'homes, with and without ro',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes: ["«~:/host-home:ro»", "«/home/alice/:/home/alice»", "«\${HOME}:/root»", "«/home:/home:ro»"]
`,
      },
    },
    {
      name: 'a named volume that is a folder of the host',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - «keys:/keys:ro»
volumes:
  keys:
    driver_opts:
      type: none
      o: bind,ro
      device: \${KEYS:-/etc/ssh}
`,
      },
    },
  ],
  good: [
    {
      name: 'harmless files, folders below, anonymous and named volumes',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - /etc/localtime:/etc/localtime:ro
      - /etc/timezone:/etc/timezone
      - /etc/machine-id:/etc/machine-id:ro
      - /etc/os-release:/etc/os-release:ro
      - /etc/ssl/certs:/etc/ssl/certs:ro
      - /etc/passwd:/etc/passwd:ro
      - /etc/nginx:/etc/nginx:ro
      - /dev/shm:/dev/shm
      - /dev/null:/dev/null
      - /sys/fs/cgroup:/sys/fs/cgroup:ro
      - /lib/modules:/lib/modules:ro
      - /usr/share/zoneinfo:/usr/share/zoneinfo:ro
      - /home/mysql:/var/lib/mysql
      - /home/alice/app:/app
      - ~/app:/app2
      - /etc
      - etc:/etc
      - ../..:/workspaces:cached
      - \${HOST}:/host:ro
`,
      },
    },
    {
      name: 'agents that measure the host, with the paths of their manuals',
      files: {
        'compose.yaml': `services:
  node-exporter:
    image: prom/node-exporter:v1.9.1
    volumes:
      - /proc:/host/proc:ro
      - /sys:/host/sys:ro
      - /:/rootfs:ro,rslave
  cadvisor:
    image: gcr.io/cadvisor/cadvisor:v0.52.1
    volumes:
      - /:/rootfs:ro
      - /var/run:/var/run:ro
      - /sys:/sys:ro
      - /var/lib/docker/:/var/lib/docker:ro
      - /dev/disk/:/dev/disk:ro
  promtail:
    image: grafana/promtail:3.5.0
    volumes: ["/var/lib/docker/containers:/var/lib/docker/containers:ro"]
`,
      },
    },
    {
      name: 'what can be written is another finding',
      files: {
        'compose.yaml':
          'services:\n  a:\n    image: ghcr.io/acme/a:1\n    volumes:\n      - /etc:/host/etc\n',
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (service) => readableMounts(document, service),
      ({ mount }) => mount.item.node.span.start,
    )) {
      const { mount, path } = subject;
      context.report({
        span: mountSpan(document.text, mount),
        message: withSharers(
          `\`${service.name}\` can read \`${path}\` of the host, and with it ${GIVES[path] ?? FILES}`,
          sharers,
        ),
        place: `services.${service.name}.volumes[${mount.target ?? path}]`,
      });
    }
  },
});

interface ReadableMount {
  readonly mount: Mount;
  readonly path: string;
}

function readableMounts(document: Document<'compose'>, service: ComposeService): readonly ReadableMount[] {
  const watches = watchesHost(service);
  return mountsOf(service).flatMap((mount) => {
    const path = systemPathOf(document, mount);
    if (path === undefined || !holdsSecrets(path, mount.target)) return [];
    if (!mount.readOnly && decidesWhatRuns(path)) return [];
    return watches && !/^(?:~|\/root|\/home|\/Users)/.test(path) ? [] : [{ mount, path }];
  });
}
