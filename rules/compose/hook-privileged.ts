import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { ComposeService, EffectiveEntry } from '../../syntaxes/compose/tree.ts';
import { booleanOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { setScalar } from '../core/yaml-edits.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { type Hook, hookPlace, hooksOf } from './shared/hooks.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/hook-privileged',
  title: 'Lifecycle hook is privileged',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /post_start|pre_stop/,
  docs: {
    why: `A hook with \`privileged: true\` runs in the container with every capability and all devices, however tightly the service
itself is locked. Whoever can change the program or script that the hook runs gets the host at the next start.`,
    fix: 'Delete the key. Owners of a volume are changed by `user: root` alone; what needs devices belongs into a job of its own.',
    cwe: [250],
    controls: ['OWASP Docker Security Cheat Sheet, rule 3'],
    references: [
      'https://docs.docker.com/compose/how-tos/lifecycle/',
      'https://docs.docker.com/reference/compose-file/services/#post_start',
    ],
  },
  bad: [
    {
      name: 'after the start',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    user: "1000"
    post_start:
      - command: ./prepare.sh
        user: root
        privileged: «true»
        environment:
          - FOO=BAR
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1
    user: "1000"
    post_start:
      - command: ./prepare.sh
        user: root
        environment:
          - FOO=BAR
`,
    },
    {
      name: 'before the end, quoted, in flow style, and as a default',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    pre_stop:
      - { command: ["./flush.sh"], privileged: «"true"» }
      - command: sync
        privileged: «\${HOOK_PRIVILEGED:-true}»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1
    pre_stop:
      - { command: ["./flush.sh"] }
      - command: sync
        privileged: \${HOOK_PRIVILEGED:-true}
`,
    },
    {
      name: 'the first key of its item',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    post_start:
    - privileged: «yes»
      command: ./a.sh
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1
    post_start:
    - privileged: false
      command: ./a.sh
`,
    },
  ],
  good: [
    {
      name: 'the documented use: owners are changed by root, without privileges',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    user: "1001"
    volumes: ["data:/data"]
    post_start:
      - command: chown -R 1001:1001 /data
        user: root
volumes:
  data: {}
`,
      },
    },
    {
      name: 'off, unknown, and a key of another thing',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    post_start:
      - command: ./a.sh
        privileged: false
      - command: ./b.sh
        privileged: \${PRIVILEGED}
      - command: ./c.sh
        environment: { privileged: "true" }
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      privilegedHooks,
      ({ entry }) => entry.pair.key.span.start,
    )) {
      const { hook, entry } = subject;
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `This \`${hook.kind}\` hook of \`${service.name}\` is privileged: what it runs has the whole host in reach`,
          sharers,
        ),
        place: hookPlace(service, hook, 'privileged'),
        covers: [`compose/hook-root ${hookPlace(service, hook, 'user')}`],
        fixes: () => [atOrigin(fixFor(document.text, entry), sharers)],
      });
    }
  },
});

function fixFor(text: string, entry: EffectiveEntry): Fix | undefined {
  const risk = 'A hook that mounts, loads or sets up devices fails then.';
  const removed = fixOf(removeEntry(text, entry), { title: 'Delete privileged', safety: 'review', risk });
  if (removed || entry.value?.type !== 'scalar') return removed;
  // The first key of a list's item cannot be deleted: it shares its line with the dash.
  const off = setScalar(entry.value.node, 'false');
  return fixOf(off, { title: 'Set privileged to false', safety: 'review', risk });
}

interface PrivilegedHook {
  readonly hook: Hook;
  readonly entry: EffectiveEntry;
}

function privilegedHooks(service: ComposeService): readonly PrivilegedHook[] {
  return hooksOf(service).flatMap((hook) => {
    const entry = hook.map.entries.get('privileged');
    if (entry?.value?.type !== 'scalar') return [];
    const { node } = entry.value;
    const text = interpolate(node.value).text;
    return text !== undefined && booleanOf({ ...node, value: text }) === true ? [{ hook, entry }] : [];
  });
}
