import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { isEveryAddress, type Port, portsOf } from '../../syntaxes/compose/ports.ts';
import { type ComposeService, itemsAt, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { isElsewhere } from '../../syntaxes/document.ts';
import { defineRule } from '../core/rule.ts';
import { networkMode } from './shared/network-mode.ts';
import { portLabel, portPlace, portSpan } from './shared/ports.ts';

export const rule = defineRule({
  id: 'compose/duplicate-port',
  title: 'Port of the host is taken twice',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ports/,
  docs: {
    why: `A port of the host belongs to one container. The second one that wants it does not start ("port is already allocated"), and which
of them is the second one differs from start to start.`,
    fix: 'Give one of the services another port, or let a proxy serve both under one.',
    falsePositives: `Silent where the addresses differ, for TCP beside UDP, for IPv4 beside IPv6, for services whose profiles have nothing
in common (they may be alternatives), for those with no replica, for a service beside the one that it extends
and other variants of one service, where Docker picks a
port of a range, and where a variable has no default.`,
    references: ['https://docs.docker.com/reference/compose-file/services/#ports'],
  },
  bad: [
    {
      name: 'two services, in either form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ports:
      - "127.0.0.1:8080:80"
  b:
    image: ghcr.io/acme/b:1
    ports: ["«127.0.0.1:8080:8080/tcp»"]
  c:
    image: ghcr.io/acme/c:1
    ports:
      - { target: 9000, published: «"8080"», host_ip: 127.0.0.1 }
`,
      },
    },
    {
      name: 'within a range, every address beside a single one, within one service',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ports:
      - 9000-9010:9000-9010
      - «9005:80»
      - "9500:9500"
      - "«127.0.0.1:9500:9500»"
  b:
    image: ghcr.io/acme/b:1
    ports:
      - "«192.168.1.5:9001:9001»"
`,
      },
    },
    {
      name: 'a profile beside a service that always runs, and two with a profile in common',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ports: ["127.0.0.1:80:80"]
  b:
    image: ghcr.io/acme/b:1
    profiles: [debug]
    ports: ["«127.0.0.1:80:80»"]
  c:
    image: ghcr.io/acme/c:1
    profiles: [debug, tools]
    ports: ["127.0.0.1:81:80"]
  d:
    image: ghcr.io/acme/d:1
    profiles: ["tools"]
    ports: ["«127.0.0.1:\${D_PORT:-81}:80»"]
`,
      },
    },
    {
      name: 'an anchor that gives two services the same port',
      files: {
        'compose.yaml': `x-app: &app
  image: ghcr.io/acme/a:1
  ports: ["«127.0.0.1:8080:80»"]
services:
  a: { <<: *app }
  b: { <<: *app }
`,
      },
    },
  ],
  good: [
    {
      name: 'other protocols, addresses and families',
      files: {
        'compose.yaml': `services:
  dns:
    image: ghcr.io/acme/dns:1
    ports: ["53:53", "53:53/udp"]
  a:
    image: ghcr.io/acme/a:1
    ports: ["127.0.0.1:8080:80", "[::1]:8080:80", "192.168.1.5:8080:80"]
  b:
    image: ghcr.io/acme/b:1
    ports: ["0.0.0.0:443:443", "[::]:443:443"]
  c:
    image: ghcr.io/acme/c:1
    ports: ["127.0.0.2:8080:80"]
`,
      },
    },
    {
      name: 'profiles without anything in common, no replica, the network of the host',
      files: {
        'compose.yaml': `services:
  cpu:
    image: ghcr.io/acme/a:1
    profiles: [cpu]
    ports: ["127.0.0.1:8080:80"]
  gpu:
    image: ghcr.io/acme/a:1-gpu
    profiles: [gpu]
    ports: ["127.0.0.1:8080:80"]
  spare:
    image: ghcr.io/acme/a:1
    deploy: { replicas: 0 }
    ports: ["127.0.0.1:8080:80"]
  host:
    image: ghcr.io/acme/h:1
    network_mode: host
    ports: ["127.0.0.1:8080:80"]
`,
      },
    },
    {
      name: 'picked by Docker, or not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ports: ["127.0.0.1::80", "80", "127.0.0.1:8000-8010:81", "\${A}:80", "127.0.0.1:\${B}:80"]
  b:
    image: ghcr.io/acme/b:1
    ports: ["127.0.0.1::80", "80", "127.0.0.1:8000-8010:81", "\${A}:80", "127.0.0.1:\${B}:80"]
`,
      },
    },
    {
      name: 'variants of one service',
      files: {
        'compose.yaml': `x-app: &app
  image: ghcr.io/acme/a:1
  ports: ["127.0.0.1:8080:80"]
services:
  gpu: { <<: *app }
  cpu:
    <<: *app
    profiles: [cpu]
`,
      },
    },
    {
      name: 'one service that extends the other, and an override',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports: ["127.0.0.1:8080:80"]
  web-dev:
    extends: web
    command: dev
`,
        'compose.override.yaml': `services:
  web:
    ports: ["127.0.0.1:8080:80"]
`,
      },
    },
  ],
  check(document, context) {
    const taken: Taken[] = [];
    const reported = new Set<number>();
    for (const service of document.tree.services) {
      for (const own of takenBy(service)) {
        const other = taken.find((each) => collide(each, own));
        taken.push(own);
        const { node } = own.port.item;
        if (!other || isElsewhere(node.span) || reported.has(node.span.start)) continue;
        reported.add(node.span.start);
        const who = other.service === service ? 'the same service' : `\`${other.service.name}\``;
        const where = relatedTo(document, other, own);
        context.report({
          span: portSpan(document.text, own.port),
          message: `Port ${portLabel(own.port)} of \`${service.name}\` is taken by ${who} too: only one of them can start.`,
          place: `services.${service.name}.ports[${portPlace(own.port)}]`,
          ...(where && { related: [where] }),
        });
      }
    }
  },
});

/** Ports of the host that a service takes. */
interface Taken {
  readonly service: ComposeService;
  readonly port: Port;
  readonly from: number;
  readonly to: number;
  readonly families: readonly Family[];
  /** Undefined for a service that always runs, null where the profiles are not known. */
  readonly profiles: ReadonlySet<string> | undefined | null;
}

type Family = 'IPv4' | 'IPv6';

function takenBy(service: ComposeService): readonly Taken[] {
  const mode = networkMode(service);
  if (mode !== undefined || !service.standalone || hasNoReplica(service)) return [];
  const profiles = profilesOf(service);
  return portsOf(service).flatMap((port) => {
    const { hostIp, published, target } = port;
    if (hostIp === null || published === null || target === null) return [];
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(published.trim()) ?? [];
    // Of a range for one port Docker takes what is free.
    if (first === undefined || (first !== last && !target.includes('-'))) return [];
    return [{ service, port, from: Number(first), to: Number(last), families: familiesOf(hostIp), profiles }];
  });
}

function collide(one: Taken, two: Taken): boolean {
  if (one.port.protocol !== two.port.protocol || one.from > two.to || two.from > one.to) return false;
  if (!one.families.some((family) => two.families.includes(family))) return false;
  const [a, b] = [one.port.hostIp ?? '', two.port.hostIp ?? ''];
  if (!isEveryAddress(a) && !isEveryAddress(b) && plain(a) !== plain(b)) return false;
  return one.service === two.service
    ? collideWithin(one, two)
    : runTogether(one, two) && !areVariants(one, two);
}

/** Compose joins equal entries of one service, and a pair for IPv4 and IPv6 is meant so. */
function collideWithin({ port: one }: Taken, { port: two }: Taken): boolean {
  const [a, b] = [plain(one.hostIp ?? ''), plain(two.hostIp ?? '')];
  const isPair = a === b || a.includes(':') || b.includes(':');
  return !isPair || one.target !== two.target || one.published !== two.published;
}

/**
 * A service beside the one that it extends, which may be a template, and two that get the very same entry from an anchor under
 * different profiles: variants of one service.
 */
function areVariants(one: Taken, two: Taken): boolean {
  if (one.port.item.node === two.port.item.node && (one.profiles || two.profiles)) return true;
  const isInherited = [one, two].some(
    ({ service, port }) =>
      port.item.via === 'extends' || service.effective.entries.get('ports')?.via === 'extends',
  );
  return isInherited && one.service.layers.some((layer) => two.service.layers.includes(layer));
}

function runTogether({ profiles: one }: Taken, { profiles: two }: Taken): boolean {
  if (one === null || two === null) return false;
  return one === undefined || two === undefined || [...one].some((profile) => two.has(profile));
}

function profilesOf(service: ComposeService): Taken['profiles'] {
  if (!service.effective.entries.get('profiles')?.value) return undefined;
  const names = itemsAt(service.effective, 'profiles').map(({ value }) =>
    value?.type === 'scalar' ? interpolate(value.node.value).text : undefined,
  );
  const known = names.filter((name) => name !== undefined);
  if (known.length < names.length) return null;
  return known.length > 0 ? new Set(known) : undefined;
}

function hasNoReplica(service: ComposeService): boolean {
  const replicas = scalarAt(service.effective, 'deploy', 'replicas') ?? scalarAt(service.effective, 'scale');
  return replicas !== undefined && /^0+$|\$/.test(replicas.value);
}

function familiesOf(ip: string): readonly Family[] {
  if (ip === '') return ['IPv4', 'IPv6'];
  return ip.includes(':') ? ['IPv6'] : ['IPv4'];
}

function plain(ip: string): string {
  return ip.replace(/^\[|\]$/g, '').toLowerCase();
}

function relatedTo({ uri, text }: Document<'compose'>, other: Taken, own: Taken) {
  const span = portSpan(text, other.port);
  if (isElsewhere(span) || other.port.item.node === own.port.item.node) return undefined;
  return { uri, span, message: `\`${other.service.name}\` takes it here.` };
}
