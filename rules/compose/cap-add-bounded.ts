import { defineRule } from '../core/rule.ts';
import { reportCapabilities } from './shared/capabilities.ts';

const BOUNDED: Readonly<Record<string, string>> = {
  SYS_PTRACE: 'can read and change the memory of every process it sees',
  DAC_READ_SEARCH:
    'reads every file whatever its permissions, and with some storage drivers files of the host',
};

export const rule = defineRule({
  id: 'compose/cap-add-bounded',
  title: 'Capability that opens all processes or files in reach',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /cap_add/,
  dev: 'off',
  docs: {
    why: `\`SYS_PTRACE\` takes secrets out of the memory of the processes beside it, of the host's too where \`pid: host\` is set.
\`DAC_READ_SEARCH\` is what the first escapes from containers used to open files of the host by their number.`,
    fix: 'Delete the item. A debugger or a profiler belongs into a file for development, or into a container that is started when needed.',
    falsePositives: `Silent in files for development, where debuggers need it, and for monitoring agents and backup programs whose
manuals ask for it.`,
    cwe: [250],
    controls: ['OWASP Docker Security Cheat Sheet, rule 3'],
    references: [
      'https://man7.org/linux/man-pages/man7/capabilities.7.html',
      'https://docs.docker.com/reference/compose-file/services/#cap_add',
    ],
  },
  bad: [
    {
      name: 'both, in a block list',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    cap_add:
      - «SYS_PTRACE»
      - «cap_dac_read_search»
    restart: always
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1
    cap_add:
      - cap_dac_read_search
    restart: always
`,
    },
    {
      name: 'the only one, in a flow list',
      files: {
        'compose.yaml': `services:
  api: { image: "ghcr.io/acme/api:1", cap_add: [«"SYS_PTRACE"»] }
`,
      },
      fixed: `services:
  api: { image: "ghcr.io/acme/api:1" }
`,
    },
  ],
  good: [
    {
      name: 'a debugger in a file for development',
      files: {
        'compose.dev.yaml': `services:
  api:
    build: .
    cap_add: [SYS_PTRACE]
`,
      },
    },
    {
      name: 'agents that need it, dropped and unknown ones',
      files: {
        'compose.yaml': `services:
  netdata:
    image: netdata/netdata:v2.5.0
    cap_add: [SYS_PTRACE]
  api:
    image: ghcr.io/acme/api:1
    cap_drop: [SYS_PTRACE]
    cap_add: ["\${CAP}", KILL]
`,
      },
    },
  ],
  check(document, context) {
    reportCapabilities(document, context, {
      has: (name) => Object.hasOwn(BOUNDED, name),
      message: (name, service) => `With \`${name}\` \`${service}\` ${BOUNDED[name]}`,
      risk: 'Debuggers, profilers and backup programs in the container fail then.',
      sparesKnownNeeds: true,
    });
  },
});
