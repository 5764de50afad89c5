import { defineRule } from '../core/rule.ts';
import { reportCapabilities } from './shared/capabilities.ts';

/** What a container can do with it to others on the machine, or to the way out. */
const DANGEROUS: Readonly<Record<string, string>> = {
  NET_ADMIN: "changes routes, firewall and interfaces, and reaches the kernel's packet filter",
  BPF: 'loads programs into the kernel',
  SYS_BOOT: 'can restart the machine and load another kernel',
  SYS_TIME: "changes the host's clock, and with it logs and certificates",
  PERFMON: 'watches what the kernel and all processes do',
  SYSLOG: "reads the kernel's log with its addresses",
  SYS_NICE: 'takes the processor from everything else on the host',
  IPC_LOCK: 'can lock memory without a limit until the host has none left',
  LEASE: 'can block the opening of files that others need',
};

export const rule = defineRule({
  id: 'compose/cap-add-dangerous',
  title: 'Capability that reaches beyond the container',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /cap_add/,
  docs: {
    why: `These capabilities act on things that all containers share: the network stack, the clock, the scheduler, the kernel's log and
its programs. None is a takeover by itself, but each opens a part of the kernel in which holes are found every year.`,
    fix: 'Delete the item. Where a program asks for it, look for the narrower way: a sysctl, a `ulimits` entry, a port above 1024.',
    falsePositives: `Silent for images whose own manual asks for it: VPNs, DHCP and DNS servers with \`NET_ADMIN\`, Vault with
\`IPC_LOCK\`, MySQL with \`SYS_NICE\`, time servers with \`SYS_TIME\`.`,
    cwe: [250],
    controls: ['CIS Docker 1.6.0 5.4', 'OWASP Docker Security Cheat Sheet, rule 3'],
    references: [
      'https://man7.org/linux/man-pages/man7/capabilities.7.html',
      'https://docs.docker.com/reference/compose-file/services/#cap_add',
    ],
  },
  bad: [
    {
      name: 'one of several, with the prefix, in lower case',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    cap_add:
      - NET_BIND_SERVICE
      - «NET_ADMIN»
      - «CAP_SYSLOG»
  worker:
    image: ghcr.io/acme/worker:1
    cap_add: [«"sys_time"», «"\${EXTRA_CAP:-SYS_NICE}"»]
`,
      },
      fixed: `services:
  web:
    image: ghcr.io/acme/web:1
    cap_add:
      - NET_BIND_SERVICE
      - CAP_SYSLOG
  worker:
    image: ghcr.io/acme/worker:1
    cap_add: ["sys_time", "\${EXTRA_CAP:-SYS_NICE}"]
`,
    },
    {
      name: 'in an anchor, once for all services',
      files: {
        'compose.yaml': `x-caps: &caps
  cap_drop: [ALL]
  cap_add:
    - «BPF»
services:
  a:
    <<: *caps
    image: ghcr.io/acme/a:1
  b:
    <<: *caps
    image: ghcr.io/acme/b:1
`,
      },
      fixed: `x-caps: &caps
  cap_drop: [ALL]
services:
  a:
    <<: *caps
    image: ghcr.io/acme/a:1
  b:
    <<: *caps
    image: ghcr.io/acme/b:1
`,
    },
  ],
  good: [
    {
      name: 'VPN images cannot work without',
      files: {
        'compose.yaml': `services:
  wireguard:
    image: lscr.io/linuxserver/wireguard:1.0.20210914
    cap_add: [NET_ADMIN]
  gluetun:
    image: qmcgaw/gluetun:v3.40
    cap_add:
      - NET_ADMIN
  vault:
    image: hashicorp/vault:1.19
    cap_add: [IPC_LOCK]
`,
      },
    },
    {
      name: 'capabilities of the default set, other rules’ capabilities, dropped ones, unknown ones',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cap_drop: [NET_ADMIN, SYS_TIME]
    cap_add: [CHOWN, SETUID, SYS_ADMIN, SYS_PTRACE, "\${CAP}", NET_BROADCAST]
  b:
    image: ghcr.io/acme/b:1
    cap_add: !reset [NET_ADMIN]
`,
      },
    },
  ],
  check(document, context) {
    reportCapabilities(document, context, {
      has: (name) => Object.hasOwn(DANGEROUS, name),
      message: (name, service) => `With \`${name}\` \`${service}\` ${DANGEROUS[name]}`,
      risk: 'What the container does with this capability fails then.',
      sparesKnownNeeds: true,
    });
  },
});
