import { type Mount, mountsOf } from '../../syntaxes/compose/mounts.ts';
import type { ComposeService, ComposeTree } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isJob } from './shared/absence.ts';
import { mountSpan } from './shared/host-paths.ts';

export const rule = defineRule({
  id: 'compose/shared-volume',
  title: 'Several services write one volume',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /volumes/,
  docs: {
    why: `Whoever breaks into one of the services can change the files that the others read: uploads, generated configuration, code. It
is also the usual reason why files belong to the wrong user.`,
    fix: 'Let one service write and mount the volume with `:ro` in all others, or give each a volume of its own.',
    falsePositives: `Sharing is a normal pattern, so the rule is off in the recommended profile. Services that only read (\`:ro\`) and jobs
that end by themselves do not count.`,
    cwe: [668],
    references: ['https://docs.docker.com/reference/compose-file/volumes/'],
  },
  bad: [
    {
      name: 'two writers and a reader',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    volumes:
      - «uploads:/data»
  worker:
    image: ghcr.io/acme/worker:1
    volumes:
      - { type: volume, source: uploads, target: /data }
  web:
    image: nginx:1.29
    volumes: ["uploads:/usr/share/nginx/html:ro"]
volumes:
  uploads: {}
`,
      },
    },
    {
      name: 'the long form is marked at its source',
      files: {
        'compose.yaml': `services:
  a: { image: "acme/a:1", volumes: [{ type: volume, source: «shared», target: /data }] }
  b: { image: "acme/b:1", volumes: ["shared:/data"] }
volumes: { shared: {} }
`,
      },
    },
  ],
  good: [
    {
      name: 'one writer, readers, jobs',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    volumes: ["uploads:/data"]
  web:
    image: nginx:1.29
    volumes:
      - uploads:/usr/share/nginx/html:ro
      - { type: volume, source: uploads, target: /more, read_only: true }
  init:
    image: busybox:1.37
    restart: "no"
    command: chown -R 1000 /data
    volumes: ["uploads:/data"]
volumes:
  uploads: {}
`,
      },
    },
    {
      name: 'volumes of one’s own, anonymous and unknown ones, folders of the host',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    volumes: [a:/data, /cache, "./conf:/conf", "\${VOLUME}:/x"]
  b:
    image: ghcr.io/acme/b:1
    volumes: [b:/data, /cache, "./conf:/conf", "\${VOLUME}:/x"]
volumes: { a: {}, b: {} }
`,
      },
    },
  ],
  check(document, context) {
    const { tree, text, uri } = document;
    for (const [volume, [first, ...others]] of writersByVolume(tree)) {
      if (!first || others.length === 0) continue;
      context.report({
        span: mountSpan(text, first.mount),
        message: `\`${first.service.name}\` and ${others.length} more write the volume \`${volume}\`: a break-in into one changes the files of all.`,
        place: `volumes[${volume}]`,
        related: others.map(({ service, mount }) => ({
          uri,
          span: mountSpan(text, mount),
          message: `\`${service.name}\` writes it here.`,
        })),
      });
    }
  },
});

interface Writer {
  readonly service: ComposeService;
  readonly mount: Mount;
}

function writersByVolume(tree: ComposeTree): ReadonlyMap<string, readonly Writer[]> {
  const writers = new Map<string, Writer[]>();
  for (const service of tree.services) {
    if (isJob(service, tree)) continue;
    const own = new Map<string, Mount>();
    for (const mount of mountsOf(service)) {
      if (mount.type === 'volume' && mount.source && !mount.readOnly) own.set(mount.source, mount);
    }
    for (const [volume, mount] of own) {
      writers.set(volume, [...(writers.get(volume) ?? []), { service, mount }]);
    }
  }
  return writers;
}
