import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, type EffectiveItem, itemsAt, scalarAt } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { cleanPath, watchesHost } from './shared/host-paths.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

/** Disks, partitions, volumes and what stands for them. */
const DISK =
  /^\/dev\/(?:(?:sd|vd|xvd)[a-z]+\d*|hd[a-z]\d*|nvme\d+(?:n\d+(?:p\d+)?)?|mmcblk\d+(?:p\d+|boot\d+)?|dm-\d+|mapper(?:\/.+)?|md\d+|md\/.+|loop\d+|loop-control|nbd\d+|zd\d+|zvol\/.+|zfs|drbd\d+|rbd\d+|disk(?:\/.+)?|block(?:\/.+)?)$/;
const MEMORY = /^\/dev\/(?:mem|kmem|port)$/;

/** Major numbers of disks. https://www.kernel.org/doc/Documentation/admin-guide/devices.txt */
const DISK_MAJORS: ReadonlySet<string> = new Set([
  '*',
  '3',
  '7',
  '8',
  '9',
  '65',
  '66',
  '147',
  '179',
  '202',
  '252',
  '253',
  '254',
  '259',
]);

export const rule = defineRule({
  id: 'compose/dangerous-device',
  title: 'Container gets a disk or the memory of the host',
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  mentions: /devices|device_cgroup_rules/,
  docs: {
    why: `Through a block device the container reads and writes the file system of the host below all permissions, through \`/dev/mem\`
its memory, and \`/dev/kmsg\` shows and forges the kernel's log. A rule \`a *:* rwm\` opens every device that it makes a file for.`,
    fix: 'Delete the item. Mount the file system on the host and give the container the one directory that it needs.',
    falsePositives: `\`/dev/dri\`, \`/dev/net/tun\`, \`/dev/kvm\`, \`/dev/fuse\`, serial and USB ports are not reported, nor is \`/dev/kmsg\` for cAdvisor
and other agents that watch the host. Programs that read the health of disks do need them: accept the finding with that reason.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 5.18'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#devices',
      'https://docs.docker.com/reference/compose-file/services/#device_cgroup_rules',
    ],
  },
  bad: [
    {
      name: 'disks and memory, short and long form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    devices:
      - «"/dev/sda1:/dev/xvda"»
      - «/dev/mem»
      - /dev/dri:/dev/dri
      - source: «/dev/nvme0n1»
        target: /dev/disk
        permissions: r
  b: { image: "ghcr.io/acme/b:1", devices: [«"\${DISK:-/dev/mapper/vg-root}:/dev/vda:rwm"»] }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    devices:
      - /dev/mem
      - /dev/dri:/dev/dri
      - source: /dev/nvme0n1
        target: /dev/disk
        permissions: r
  b: { image: "ghcr.io/acme/b:1", devices: ["\${DISK:-/dev/mapper/vg-root}:/dev/vda:rwm"] }
`,
    },
    {
      name: 'rules that open all devices',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    device_cgroup_rules:
      - «'a *:* rwm'»
  b:
    image: ghcr.io/acme/b:1
    device_cgroup_rules: ["c 189:* rwm", «"b 8:* r"»]
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
  b:
    image: ghcr.io/acme/b:1
    device_cgroup_rules: ["c 189:* rwm", "b 8:* r"]
`,
    },
  ],
  good: [
    {
      name: 'graphics, tunnels, virtual machines, serial ports',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    devices:
      - /dev/dri:/dev/dri
      - /dev/net/tun
      - /dev/kvm
      - /dev/fuse:/dev/fuse:rwm
      - /dev/ttyUSB0:/dev/ttyACM0
      - /dev/nvidia0:/dev/nvidia0
      - /dev/bus/usb
      - /dev/hdmi0:/dev/hdmi0
      - /dev/serial/by-id/usb-1:/dev/sda
      - \${DEVICE}:/dev/sda
      - vendor.example/device=all
    device_cgroup_rules:
      - 'c 189:* rwm'
      - "c 1:3 mr"
      - 'b *:* m'
`,
      },
    },
    {
      name: 'the kernel’s log for cAdvisor, and devices of a reservation',
      files: {
        'compose.yaml': `services:
  cadvisor:
    image: gcr.io/cadvisor/cadvisor:v0.52.1
    devices: [/dev/kmsg]
  gpu:
    image: ghcr.io/acme/model:1
    deploy:
      resources:
        reservations:
          devices: [{ driver: nvidia, count: all, capabilities: [gpu] }]
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      dangerous,
      ({ item }) => item.node.span.start,
    )) {
      const { item, key, name, what } = subject;
      const long = item.value?.type === 'map' ? scalarAt(item.value, 'source') : undefined;
      context.report({
        span: long?.span ?? item.node.span,
        message: withSharers(`\`${name}\` ${what.replace('$', `\`${service.name}\``)}`, sharers),
        place: `services.${service.name}.${key}[${name}]`,
        fixes: () => {
          const fix = fixOf(removeItemOrKey(document.text, service, key, item), {
            title: `Delete ${name}`,
            safety: 'review',
            risk: 'What the container does with the device fails then.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface Dangerous {
  readonly item: EffectiveItem;
  readonly key: 'devices' | 'device_cgroup_rules';
  readonly name: string;
  /** What it does, with `$` in place of the service. */
  readonly what: string;
}

function dangerous(service: ComposeService): readonly Dangerous[] {
  const watches = watchesHost(service);
  const devices = itemsAt(service.effective, 'devices').flatMap((item): readonly Dangerous[] => {
    const name = sourceOf(item);
    const what = name === undefined ? undefined : dangerOf(name, watches);
    return name === undefined || what === undefined ? [] : [{ item, key: 'devices', name, what }];
  });
  const rules = itemsAt(service.effective, 'device_cgroup_rules').flatMap((item): readonly Dangerous[] => {
    const text = item.value?.type === 'scalar' ? interpolate(item.value.node.value).text?.trim() : undefined;
    if (text === undefined || !opensDisks(text)) return [];
    return [
      { item, key: 'device_cgroup_rules', name: text, what: 'lets $ open disks or the memory of the host' },
    ];
  });
  return [...devices, ...rules];
}

function sourceOf({ value }: EffectiveItem): string | undefined {
  const scalar = value?.type === 'map' ? scalarAt(value, 'source') : value?.node;
  if (scalar?.type !== 'scalar') return undefined;
  const source = interpolate(scalar.value).pattern.split(':')[0]?.trim() ?? '';
  return /^\/[^\0]*$/.test(source) ? cleanPath(source) : undefined;
}

function dangerOf(path: string, watches: boolean): string | undefined {
  if (DISK.test(path)) return 'lets $ read and write a disk of the host below all permissions';
  if (MEMORY.test(path)) return 'lets $ read and write the memory of the host';
  if (path === '/dev') return 'gives $ every device of the host, its disks with them';
  if (path === '/dev/kmsg' && !watches) return "lets $ read and forge the kernel's log";
  return undefined;
}

/** `type major:minor access`. That any device file may be made (`m`) is so by default; to open it is another matter. */
function opensDisks(rule: string): boolean {
  const [, type, major = '', minor = ''] = /^([abc])\s+(\*|\d+):(\*|\d+)\s+m?[rw][rwm]*$/.exec(rule) ?? [];
  if (type === 'b') return DISK_MAJORS.has(major);
  if (type === 'a') return major === '*' || DISK_MAJORS.has(major);
  if (type !== 'c') return false;
  return major === '*' || (major === '1' && /^(?:\*|1|2|4)$/.test(minor));
}
