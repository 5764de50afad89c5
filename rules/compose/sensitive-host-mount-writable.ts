import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { addKey } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { cleanPath, isMonitoringImage, mountSpan } from './shared/host-paths.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

/** Folders whose content decides what the host runs, or holds the data of all containers. Not what lies below them. */
const FOLDERS: ReadonlySet<string> = new Set([
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/lib',
  '/lib64',
  '/proc',
  '/root',
  '/sbin',
  '/sys',
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/sbin',
  '/usr/local/bin',
  '/var',
  '/var/lib',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/spool/cron',
  '/opt/containerd',
]);
/** Files and folders below them that do so by themselves. */
const BELOW =
  /^\/etc\/(?:passwd|shadow|group|sudoers(?:\.d)?|ssh|cron[\w.]*|systemd|pam\.d|ld\.so\.preload|docker|kubernetes|profile(?:\.d)?|init\.d)(?:\/|$)|^\/root\/\.(?:ssh|kube|docker|aws)(?:\/|$)|^\/(?:usr\/)?lib\/systemd(?:\/|$)|^\/var\/lib\/docker\/(?:volumes|overlay2|containers)$/;

export const rule = defineRule({
  id: 'compose/sensitive-host-mount-writable',
  title: 'Container can write system folders of the host',
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
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
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - /etc:/host/etc:ro
      - "/:/host:rshared"
      - /root/.ssh:/root/.ssh:rw
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
  ],
  good: [
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
    for (const { service, subject: mount, sharers } of eachOrigin(
      document.tree,
      sensitive,
      (mount) => mount.item.node.span.start,
    )) {
      const path = cleanPath(mount.source ?? '');
      context.report({
        span: mountSpan(document.text, mount),
        message: withSharers(
          `\`${service.name}\` can write \`${path}\` of the host, and so decide what the host runs`,
          sharers,
        ),
        place: `services.${service.name}.volumes[${mount.target ?? path}]`,
        fixes: () => {
          const fix = fixOf(readOnlyEdit(document, mount), {
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

function sensitive(service: ComposeService): readonly Mount[] {
  return mountsOf(service).filter((mount) => {
    if (mount.type !== 'bind' || mount.readOnly || !mount.source?.startsWith('/')) return false;
    const path = cleanPath(mount.source);
    // Agents that measure the host mount these as they are told to.
    if ((path === '/proc' || path === '/sys') && isMonitoringImage(imageOf(service) ?? '')) return false;
    return FOLDERS.has(path) || BELOW.test(path);
  });
}

function readOnlyEdit({ text }: Document<'compose'>, mount: Mount): Edit | undefined {
  if (mount.long) {
    if (mount.long.entries.has('read_only')) return undefined;
    return addKey(text, mount.long.node, {
      key: 'read_only',
      value: 'true',
      after: ['type', 'source', 'target'],
    });
  }
  if (!mount.short || mount.short.style === 'literal' || mount.short.style === 'folded') return undefined;
  const span = mountSpan(text, mount);
  const parts = text.slice(span.start, span.end).split(':');
  if (text.slice(span.start, span.end).includes('$') || parts.length > 3) return undefined;
  const options = parts[2];
  if (options === undefined) return { span: { start: span.end, end: span.end }, text: ':ro' };
  const start = span.end - options.length;
  const rw = options.split(',').indexOf('rw');
  const next =
    rw < 0
      ? `ro,${options}`
      : options
          .split(',')
          .map((option) => (option === 'rw' ? 'ro' : option))
          .join(',');
  return { span: { start, end: span.end }, text: next };
}
