import type { Port } from '../../syntaxes/compose/ports.ts';
import { portsOf } from '../../syntaxes/compose/ports.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { networkMode } from './shared/network-mode.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';
import { portLabel, portPlace, portSpan } from './shared/ports.ts';

/** Web, mail and DNS are looked for under these numbers and no others. */
const USUAL: ReadonlySet<number> = new Set([25, 53, 80, 110, 143, 443, 465, 587, 853, 993, 995]);

export const rule = defineRule({
  id: 'compose/privileged-port',
  title: 'Port below 1024 is published',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'low',
  profile: 'strict',
  since: '0.1.0',
  dev: 'off',
  mentions: /ports/,
  docs: {
    why: `Ports below 1024 are those of the system's own services: one that a container takes is one that a service of the host cannot
have, and a rootless Docker may not open it.`,
    fix: 'Publish a higher number, `2049` in place of `49`, or let a proxy on the host serve the low one.',
    falsePositives: `Only in the strict profile. Silent for web, mail and DNS, whose numbers are fixed, and for the port inside the
container, which needs no privilege there.`,
    controls: ['CIS Docker 1.6.0 5.8'],
    references: [
      'https://docs.docker.com/engine/security/rootless/tips/#exposing-privileged-ports',
      'https://docs.docker.com/reference/compose-file/services/#ports',
    ],
  },
  bad: [
    {
      name: 'each form',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ports:
      - "«127.0.0.1:389:3890»"
      - «127.0.0.1:514:514/udp»
      - target: 6360
        published: «"636"»
        host_ip: 127.0.0.1
`,
      },
    },
    {
      name: 'a range that begins below, the default of a variable',
      files: {
        'compose.yaml': `services:
  a: { image: "ghcr.io/acme/a:1", ports: ["«127.0.0.1:1020-1030:1020-1030»", "«127.0.0.1:\${LPD:-515}:5150»"] }
`,
      },
    },
  ],
  good: [
    {
      name: 'fixed numbers, higher ones, the port inside, what is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: nginx:1.30
    ports: ["80:80", "443:443", "127.0.0.1:53:53/udp", "127.0.0.1:8389:389", "127.0.0.1::514", "389", "127.0.0.1:\${P}:389"]
  b:
    image: ghcr.io/acme/b:1
    ports:
      - { target: 389, host_ip: 127.0.0.1 }
`,
      },
    },
    {
      name: "the host's network publishes nothing",
      files: {
        'compose.yaml': `services:\n  a:\n    image: ghcr.io/acme/a:1\n    network_mode: host\n    ports: ["389:389"]\n`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) =>
      networkMode(service) === undefined ? portsOf(service).filter(isLow) : [];
    const origins = eachOrigin(document.tree, pick, ({ item }) => item.node.span.start);
    for (const { service, subject, sharers } of origins) {
      context.report({
        span: portSpan(document.text, subject),
        message: withSharers(
          `Port ${portLabel(subject)} of \`${service.name}\` takes a number below 1024 from the host's own services`,
          sharers,
        ),
        place: `services.${service.name}.ports[${portPlace(subject)}]`,
      });
    }
  },
});

function isLow({ published }: Port): boolean {
  const first = Number(/^\d+/.exec(published ?? '')?.[0] ?? 0);
  return first > 0 && first < 1024 && !USUAL.has(first);
}
