import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService, EffectiveEntry } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { isMonitoringImage } from './shared/host-paths.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

const NAMESPACES: Readonly<Record<string, string>> = {
  pid: 'sees all processes of the host, with their environment',
  ipc: "shares the host's memory segments with every process there",
  uts: "can change the host's name",
  userns_mode: 'is exempt from user remapping, so its root is root on the host',
  cgroup: "sees and may change the host's control groups",
};

export const rule = defineRule({
  id: 'compose/host-namespace',
  title: 'Container shares a namespace of the host',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /pid|ipc|uts|userns_mode|cgroup/,
  docs: {
    why: `Namespaces are what separates a container from the host. With \`pid: host\` it sees the environment of every process and can
signal them, with \`ipc: host\` it reads their shared memory, with \`userns_mode: host\` the remapping of root is off.`,
    fix: 'Delete the key.',
    falsePositives: 'Silent for agents that measure the host itself, such as node-exporter and cAdvisor.',
    cwe: [668],
    controls: ['CIS Docker 1.6.0 5.16, 5.17, 5.21, 5.31'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#pid',
      'https://docs.docker.com/engine/security/userns-remap/',
    ],
  },
  bad: [
    {
      name: 'pid and ipc',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    pid: «host»
    ipc: «"host"»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    ipc: "host"
`,
    },
    {
      name: 'control groups, users and names, as a default and in flow style',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cgroup: «host»
    userns_mode: «'host'»
    restart: always
  b: { image: "ghcr.io/acme/b:1", uts: «"\${UTS:-host}"» }
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    userns_mode: 'host'
    restart: always
  b: { image: "ghcr.io/acme/b:1", uts: "\${UTS:-host}" }
`,
    },
  ],
  good: [
    {
      name: 'namespaces of other services and of its own',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    pid: "service:app"
    ipc: shareable
    cgroup: private
  app:
    image: ghcr.io/acme/app:1
    ipc: "service:web"
    pid: \${PID_MODE}
`,
      },
    },
    {
      name: 'namespaces of other containers, and agents',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    pid: service:b
    ipc: private
    cgroup: private
    uts: \${UTS}
  b:
    image: prom/node-exporter:v1.9.1
    pid: host
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject: entry, sharers } of eachOrigin(
      document.tree,
      hostEntries,
      (entry) => entry.pair.key.span.start,
    )) {
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`${service.name}\` ${NAMESPACES[entry.key]} (\`${entry.key}: host\`)`,
          sharers,
        ),
        place: `services.${service.name}.${entry.key}`,
        fixes: () => {
          const fix = fixOf(removeEntry(document.text, entry), {
            title: `Delete ${entry.key}: host`,
            safety: 'review',
            risk: 'What the container does with the processes or the memory of the host no longer works.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

function hostEntries(service: ComposeService): readonly EffectiveEntry[] {
  if (isMonitoringImage(imageOf(service) ?? '')) return [];
  return Object.keys(NAMESPACES).flatMap((key) => {
    const entry = service.effective.entries.get(key);
    const text =
      entry?.value?.type === 'scalar' ? interpolate(entry.value.node.value).text?.trim() : undefined;
    return entry && text === 'host' ? [entry] : [];
  });
}
