import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import type { ComposeService, EffectiveEntry, EffectiveMap } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { type Hook, hookPlace, hooksOf } from './shared/hooks.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { runtimeUser } from './shared/user.ts';

/** Commands that give files to the service's user, for which the hooks were made. */
const GIVES_FILES = /\b(?:chown|chgrp|chmod|setfacl|install -[dogm])\b/;

export const rule = defineRule({
  id: 'compose/hook-root',
  title: 'Lifecycle hook runs as root in a container that does not',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /post_start|pre_stop/,
  docs: {
    why: `The service has a user of its own, but the hook runs as root in the same container, with the same files. What the service may
write (its scripts, its \`PATH\`, its volumes) decides what root runs at the next start or stop.`,
    fix: 'Delete the key, so that the hook runs as the service does. What only root can do belongs into the image.',
    falsePositives:
      'Hooks that only change owners or modes of a volume are not reported: that is what root hooks are documented for.',
    cwe: [250],
    references: [
      'https://docs.docker.com/compose/how-tos/lifecycle/',
      'https://docs.docker.com/reference/compose-file/services/#post_start',
    ],
  },
  bad: [
    {
      name: 'a script as root beside a user of the Compose file',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    user: "1001:1001"
    post_start:
      - command: ./warm-up.sh
        user: «root»
    pre_stop:
      - { command: [sh, -c, ./flush.sh], user: «"0:0"» }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1
    user: "1001:1001"
    post_start:
      - command: ./warm-up.sh
    pre_stop:
      - { command: [sh, -c, ./flush.sh], user: "0:0" }
`,
    },
    {
      name: 'beside the user of the Dockerfile',
      files: {
        'compose.yaml': `services:
  api:
    build: .
    post_start:
      - command: /app/register
        user: «0»
`,
        Dockerfile: 'FROM node:24-slim\nUSER node\nCMD ["node", "server.js"]\n',
      },
      fixed: `services:
  api:
    build: .
    post_start:
      - command: /app/register
`,
    },
  ],
  good: [
    {
      name: 'owners of a volume, the documented use',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1
    user: "1001"
    post_start:
      - command: chown -R 1001:1001 /data
        user: root
      - command: ["sh", "-c", "mkdir -p /data/cache && chown app /data/cache"]
        user: "0"
`,
      },
    },
    {
      name: 'a service that is root itself or whose user is not known, other users, privileged hooks',
      files: {
        'compose.yaml': `services:
  root:
    image: ghcr.io/acme/a:1
    user: root
    post_start: [{ command: ./a.sh, user: root }]
  unknown:
    image: ghcr.io/acme/b:1
    post_start: [{ command: ./b.sh, user: root }]
  other:
    image: ghcr.io/acme/c:1
    user: "1000"
    post_start:
      - { command: ./c.sh, user: nobody }
      - { command: ./d.sh, user: "\${HOOK_USER}" }
      - { command: ./e.sh, user: root, privileged: true }
      - { command: ./f.sh }
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => rootHooks(document, context, service);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ entry }) => entry.pair.key.span.start,
    )) {
      const { hook, entry } = subject;
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`${service.name}\` is not root, but this \`${hook.kind}\` hook is: what the service can write, root may run`,
          sharers,
        ),
        place: hookPlace(service, hook, 'user'),
        fixes: () => {
          const fix = fixOf(removeEntry(document.text, entry), {
            title: 'Delete user: the hook runs as the service does',
            safety: 'review',
            risk: 'What the hook may do only as root fails then.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

interface RootHook {
  readonly hook: Hook;
  readonly entry: EffectiveEntry;
}

function rootHooks(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): readonly RootHook[] {
  const found = hooksOf(service).flatMap((hook): readonly RootHook[] => {
    const entry = hook.map.entries.get('user');
    // A privileged hook has a finding of its own, which says more.
    if (!entry || !isRootUser(entry) || hook.map.entries.has('privileged')) return [];
    return GIVES_FILES.test(commandText(hook.map)) ? [] : [{ hook, entry }];
  });
  return found.length > 0 && runtimeUser(document, context, service).state === 'non-root' ? found : [];
}

function isRootUser(entry: EffectiveEntry): boolean {
  const text = entry.value?.type === 'scalar' ? interpolate(entry.value.node.value).text : undefined;
  return text !== undefined && /^(?:root|0+)(?::|$)/.test(text.trim());
}

function commandText(map: EffectiveMap): string {
  const value = map.entries.get('command')?.value;
  if (value?.type === 'scalar') return value.node.value;
  const items = value?.type === 'seq' ? value.items : [];
  return items.map((item) => (item.value?.type === 'scalar' ? item.value.node.value : '')).join(' ');
}
