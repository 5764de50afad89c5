import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf } from './shared/fixes.ts';
import { isMonitoringImage, mountSpan } from './shared/host-paths.ts';
import { readOnlyEdit } from './shared/mount-edits.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { decidesWhatRuns, systemPathOf } from './shared/sensitive-paths.ts';

export const rule = defineRule({
  id: 'compose/sensitive-host-mount-writable',
  title: 'Container can write system folders of the host',
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  mentions: /volumes/,
  docs: {
    why: `Whoever can write \`/etc\`, \`/root\`, \`/boot\` or \`/var/lib/docker\` of the host decides what the host runs next: a line in a
crontab, a key in \`authorized_keys\`, a changed image layer.`,
    fix: 'Mount only the file or folder that is needed, and read-only: `:ro`, or `read_only: true` in the long form.',
    falsePositives: `Folders below these (\`/var/lib/grafana\`, \`/home/app/data\`) are not meant, nor are anonymous volumes: a path without
a colon is no path of the host.`,
    cwe: [668],
    controls: ['CIS Docker 1.6.0 5.5'],
    references: ['https://docs.docker.com/engine/storage/bind-mounts/'],
  },
  bad: [
    {
      name: 'the short form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - «/etc:/host/etc»
      - "«/:/host:rshared»"
      - «/root/.ssh:/root/.ssh:rw»
      - «/lib/modules:/lib/modules»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - /etc:/host/etc:ro
      - "/:/host:rshared"
      - /root/.ssh:/root/.ssh:rw
      - /lib/modules:/lib/modules
`,
    },
    {
      name: 'options are there already',
      files: {
        'compose.yaml': `services:\n  a:\n    image: acme/a:1\n    volumes: ["«/var/lib/docker/:/data:rw,z»"]\n`,
      },
      fixed: `services:\n  a:\n    image: acme/a:1\n    volumes: ["/var/lib/docker/:/data:ro,z"]\n`,
    },
    {
      name: 'the long form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - type: bind
        source: «/boot»
        target: /boot
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - type: bind
        source: /boot
        target: /boot
        read_only: true
`,
    },
    {
      name: 'a named volume that is a folder of the host, and a path that climbs out',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - «host-etc:/host/etc»
      - «../../../../etc/cron.d:/cron»
      - host-etc:/again:ro
      - export:/export
volumes:
  host-etc:
    driver: local
    driver_opts: { type: none, o: bind, device: "/etc" }
  export:
    driver_opts: { type: nfs, o: "addr=10.0.0.1,rw", device: "/etc" }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - host-etc:/host/etc:ro
      - ../../../../etc/cron.d:/cron
      - host-etc:/again:ro
      - export:/export
volumes:
  host-etc:
    driver: local
    driver_opts: { type: none, o: bind, device: "/etc" }
  export:
    driver_opts: { type: nfs, o: "addr=10.0.0.1,rw", device: "/etc" }
`,
    },
  ],
  good: [
    {
      name: 'an anonymous volume, a named one, and a path of the project',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    volumes:
      - /etc
      - etc:/etc/app
      - ./etc:/etc/other
      - type: tmpfs
        target: /root
volumes:
  etc:
`,
      },
    },
    {
      name: 'read-only, folders below, named and anonymous volumes, single harmless files',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - /etc/localtime:/etc/localtime
      - /etc/timezone:/etc/timezone:ro
      - /:/rootfs:ro
      - /etc:/host/etc:ro,rslave
      - /var/lib/grafana:/var/lib/grafana
      - /home/app/data:/data
      - /lib/modules:/lib/modules:ro
      - /usr/lib/node_modules:/modules
      - /etc
      - /dev/shm:/dev/shm
      - etc:/etc
      - ./etc:/etc
      - \${HOST_ETC}:/host/etc
      - type: bind
        source: /proc
        target: /host/proc
        read_only: true
  netdata:
    image: netdata/netdata:v2.5.0
    volumes:
      - /proc:/host/proc
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (service) => writableMounts(document, service),
      ({ mount }) => mount.item.node.span.start,
    )) {
      const { mount, path } = subject;
      const place = `services.${service.name}.volumes[${mount.target ?? path}]`;
      context.report({
        span: mountSpan(document.text, mount),
        message: withSharers(
          `\`${service.name}\` can write \`${path}\` of the host, and so decide what the host runs`,
          sharers,
        ),
        place,
        // Read-only, the folder still tells what is in it.
        covers: [`compose/sensitive-host-mount ${place}`, `compose/credential-file-mount ${place}`],
        fixes: () => {
          const fix = fixOf(readOnlyEdit(document.text, mount), {
            title: 'Mount read-only',
            safety: 'review',
            risk: 'The container can no longer write there.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface WritableMount {
  readonly mount: Mount;
  readonly path: string;
}

function writableMounts(document: Document<'compose'>, service: ComposeService): readonly WritableMount[] {
  return mountsOf(service).flatMap((mount) => {
    const path = mount.readOnly ? undefined : systemPathOf(document, mount);
    if (path === undefined || !decidesWhatRuns(path)) return [];
    // Agents that measure the host mount these as they are told to.
    if ((path === '/proc' || path === '/sys') && isMonitoringImage(imageOf(service) ?? '')) return [];
    return [{ mount, path }];
  });
}
