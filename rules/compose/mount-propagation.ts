import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import { type ComposeService, lookup } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { mountSpan, watchesHost } from './shared/host-paths.ts';
import { changeOptions } from './shared/mount-edits.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

const PROPAGATION: Readonly<Record<string, string>> = {
  shared: 'what it mounts there appears on the host, and the other way round',
  rshared: 'what it mounts there appears on the host, and the other way round',
  slave: 'what the host mounts there later appears in the container',
  rslave: 'what the host mounts there later appears in the container',
};

export const rule = defineRule({
  id: 'compose/mount-propagation',
  title: 'Mounts spread between container and host',
  kinds: ['compose'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /volumes/,
  docs: {
    why: `With \`shared\` a container that may mount can put file systems over folders of the host and of other containers, with \`slave\`
it gets every disk and share that the host mounts below the folder later on.`,
    fix: 'Delete the option: without it Docker uses `rprivate`.',
    falsePositives: `Programs that provide file systems (rclone, mergerfs, CSI drivers) need \`shared\`, those that read them \`slave\`. \`rslave\`
is not reported for node-exporter and other monitoring agents, whose manuals ask for it.`,
    cwe: [668],
    controls: ['CIS Docker 1.6.0 5.20'],
    references: [
      'https://docs.docker.com/engine/storage/bind-mounts/#configure-bind-propagation',
      'https://docs.kernel.org/filesystems/sharedsubtree.html',
    ],
  },
  bad: [
    {
      name: 'the short form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - «/srv/data:/data:shared»
      - "«/mnt:/mnt:ro,rslave»"
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - /srv/data:/data
      - "/mnt:/mnt:ro,rslave"
`,
    },
    {
      name: 'the long form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - type: bind
        source: /srv/data
        target: /data
        bind:
          propagation: «rshared»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - type: bind
        source: /srv/data
        target: /data
`,
    },
    {
      name: 'the long form with another option',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - { type: bind, source: /srv, target: /data, bind: { propagation: «"slave"», create_host_path: false } }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - { type: bind, source: /srv, target: /data, bind: { create_host_path: false } }
`,
    },
  ],
  good: [
    {
      name: 'private propagation, other options',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes:
      - /srv/a:/a:rprivate
      - /srv/b:/b:ro,z
      - ./shared:/shared
      - shared:/rshared
      - data:/data:shared
      - \${SRC}:/c:\${OPTIONS}
      - { type: bind, source: /srv/d, target: /d, bind: { propagation: private } }
`,
      },
    },
    {
      name: 'node-exporter is told to use rslave',
      files: {
        'compose.yaml': `services:
  node-exporter:
    image: quay.io/prometheus/node-exporter:v1.9.1
    volumes: ["/:/host:ro,rslave"]
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      spreadingMounts,
      ({ mount }) => mount.item.node.span.start,
    )) {
      const { mount, option } = subject;
      const entry = mount.long && lookup(mount.long, 'bind', 'propagation');
      context.report({
        span: entry?.pair.value?.span ?? mountSpan(document.text, mount),
        message: withSharers(
          `\`${mount.target ?? '…'}\` of \`${service.name}\` is mounted \`${option}\`: ${PROPAGATION[option]}`,
          sharers,
        ),
        place: `services.${service.name}.volumes[${mount.target ?? mount.source ?? option}].propagation`,
        fixes: () => {
          const fix = fixOf(privateEdit(document, mount), {
            title: `Delete ${option}`,
            safety: 'review',
            risk: 'File systems that are mounted later no longer appear on the other side.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface SpreadingMount {
  readonly mount: Mount;
  readonly option: string;
}

function spreadingMounts(service: ComposeService): readonly SpreadingMount[] {
  const watches = watchesHost(service);
  return mountsOf(service).flatMap((mount) => {
    // Docker refuses it for volumes.
    if (mount.type === 'volume') return [];
    const option = mount.options.find((each) => Object.hasOwn(PROPAGATION, each));
    return option === undefined || (watches && option.endsWith('slave')) ? [] : [{ mount, option }];
  });
}

function privateEdit({ text }: Document<'compose'>, mount: Mount): Edit | undefined {
  if (!mount.long)
    return changeOptions(text, mount, (options) =>
      options.filter((option) => !Object.hasOwn(PROPAGATION, option)),
    );
  const entry = lookup(mount.long, 'bind', 'propagation');
  if (!entry) return undefined;
  if (entry.map.pairs.length > 1) return removePair(text, entry.map, entry.pair);
  const pair = pairOf(mount.long.node, 'bind');
  return pair?.value === entry.map ? removePair(text, mount.long.node, pair) : undefined;
}
