import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, type EffectiveItem, itemsAt } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

/** What each of them gives: all that a privileged container has, kernel modules, raw device access. */
const TAKEOVER = /^(?:CAP_)?(ALL|SYS_ADMIN|SYS_MODULE|SYS_RAWIO)$/i;

export const rule = defineRule({
  id: 'compose/cap-add-host-takeover',
  title: 'Capability that hands over the host',
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
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
    const pick = (service: ComposeService) =>
      itemsAt(service.effective, 'cap_add').flatMap((item) => takeover(item) ?? []);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ item }) => item.node.span.start,
    )) {
      const { item, name } = subject;
      context.report({
        span: item.node.span,
        message: withSharers(
          `\`${name}\` makes a break-in into \`${service.name}\` one into the host`,
          sharers,
        ),
        place: `services.${service.name}.cap_add[${name}]`,
        fixes: () => {
          const fix = fixOf(removeItemOrKey(document.text, service, 'cap_add', item), {
            title: `Delete ${name} from cap_add`,
            safety: 'review',
            risk: 'What the container does with this capability (mounts, modules, devices) fails then.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

function takeover(item: EffectiveItem): { readonly item: EffectiveItem; readonly name: string } | undefined {
  const text = item.value?.type === 'scalar' ? interpolate(item.value.node.value).text : undefined;
  const name = text === undefined ? undefined : TAKEOVER.exec(text.trim())?.[1];
  return name === undefined ? undefined : { item, name: name.toUpperCase() };
}
