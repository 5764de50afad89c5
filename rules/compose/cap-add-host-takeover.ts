import { defineRule } from '../core/rule.ts';
import { reportCapabilities } from './shared/capabilities.ts';

/** What each of them gives: all that a privileged container has, kernel modules, raw device access. */
const TAKEOVER: ReadonlySet<string> = new Set(['ALL', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_RAWIO']);

export const rule = defineRule({
  id: 'compose/cap-add-host-takeover',
  title: 'Capability that hands over the host',
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  mentions: /cap_add/,
  docs: {
    why: `\`SYS_ADMIN\` allows mounts and much else, \`SYS_MODULE\` loads code into the kernel, \`SYS_RAWIO\` reaches memory and disks,
\`ALL\` is all of that: with one of them a break-in into the container becomes one into the host.`,
    fix: 'Delete the item. For FUSE, give `/dev/fuse` and a seccomp profile that allows `mount`; for performance data, `PERFMON`.',
    cwe: [250],
    controls: ['CIS Docker 1.6.0 5.3', 'OWASP Docker Security Cheat Sheet, rule 3'],
    references: [
      'https://man7.org/linux/man-pages/man7/capabilities.7.html',
      'https://docs.docker.com/reference/compose-file/services/#cap_add',
    ],
  },
  bad: [
    {
      name: 'each spelling',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cap_add:
      - NET_BIND_SERVICE
      - «SYS_ADMIN»
  b:
    image: ghcr.io/acme/b:1
    cap_add: [«CAP_SYS_MODULE», «all»]
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    cap_add:
      - NET_BIND_SERVICE
  b:
    image: ghcr.io/acme/b:1
    cap_add: [CAP_SYS_MODULE, all]
`,
    },
    {
      name: 'the only item goes with its key',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cap_add:
      - «SYS_ADMIN»
    restart: always
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    restart: always
`,
    },
  ],
  good: [
    {
      name: 'a block that no service takes over, and an override that takes the list away',
      files: {
        'compose.yaml': `x-admin: &admin
  cap_add: [SYS_ADMIN]
services:
  web:
    image: ghcr.io/acme/web:1
    cap_add: !reset []
`,
      },
    },
    {
      name: 'other capabilities, and ALL that is dropped',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE, CHOWN, SYS_PTRACE, SYS_NICE, "\${CAP}"]
`,
      },
    },
  ],
  check(document, context) {
    reportCapabilities(document, context, {
      has: (name) => TAKEOVER.has(name),
      message: (name, service) => `\`${name}\` makes a break-in into \`${service}\` one into the host`,
      risk: 'What the container does with this capability (mounts, modules, devices) fails then.',
      sparesKnownNeeds: false,
    });
  },
});
