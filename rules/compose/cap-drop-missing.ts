import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, itemsAt, lookup, servicesSharing } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { appendItem, setBlock } from '../core/yaml-edits.ts';
import { judgedServices, reportAbsence } from './shared/absence.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';
import { atOrigin } from './shared/origin.ts';
import { runtimeUser } from './shared/user.ts';

/** What an entrypoint needs that starts as root, owns its data and then changes to another user. */
const STEP_DOWN: readonly string[] = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'];

export const rule = defineRule({
  id: 'compose/cap-drop-missing',
  title: 'Container keeps the default capabilities',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Docker gives a container 14 capabilities, among them to change owners, to send raw packets and to bypass file permissions.
Most services need none of them, and each helps an attacker who is in.`,
    fix: `Add \`cap_drop: [ALL]\` and give back with \`cap_add\` what the service needs. Images whose entrypoint changes the user need
\`SETUID\` and \`SETGID\`, often \`CHOWN\`, \`FOWNER\` and \`DAC_OVERRIDE\` as well: the list in the fix is a starting point.`,
    falsePositives: 'Silent where a part of the service is in another file that adds `cap_drop`.',
    cwe: [250],
    controls: ['CIS Docker 1.6.0 5.3', 'OWASP Docker Security Cheat Sheet, rule 3'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#cap_drop',
      'https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities',
    ],
  },
  bad: [
    {
      name: 'nothing is dropped',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    restart: unless-stopped
    ports:
      - 127.0.0.1:8080:8080
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    restart: unless-stopped
    cap_drop:
      - ALL
    ports:
      - 127.0.0.1:8080:8080
`,
    },
    {
      name: 'an image that changes its user gets back what that takes',
      files: {
        'compose.yaml': `services:
    «db»:
        image: postgres:17
        volumes:
            - data:/var/lib/postgresql/data
volumes:
    data:
`,
      },
      fixed: `services:
    db:
        image: postgres:17
        cap_drop:
            - ALL
        cap_add:
            - CHOWN
            - DAC_OVERRIDE
            - FOWNER
            - SETGID
            - SETUID
        volumes:
            - data:/var/lib/postgresql/data
volumes:
    data:
`,
    },
    {
      name: 'only one is dropped',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    cap_drop: [NET_RAW]
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    cap_drop: [NET_RAW, ALL]
`,
    },
    {
      name: 'a key without a list',
      files: { 'compose.yaml': `services:\n  «api»:\n    image: ghcr.io/acme/api:1.4.2\n    cap_drop:\n` },
      fixed: `services:\n  api:\n    image: ghcr.io/acme/api:1.4.2\n    cap_drop:\n      - ALL\n`,
    },
    {
      name: 'flow style',
      files: { 'compose.yaml': `services:\n  «api»: { image: ghcr.io/acme/api:1.4.2 }\n` },
      fixed: `services:\n  api: { image: ghcr.io/acme/api:1.4.2, cap_drop: [ALL] }\n`,
    },
  ],
  good: [
    {
      name: 'all are dropped, by the service, a merge key or extends',
      files: {
        'compose.yaml': `x-hardened: &hardened
  cap_drop: [all]
services:
  a:
    image: ghcr.io/acme/a:1
    cap_drop:
      - ALL
  b:
    <<: *hardened
    image: ghcr.io/acme/b:1
  c:
    extends: a
  d:
    image: ghcr.io/acme/b:1
    cap_drop: ["CAP_ALL"]
`,
      },
    },
    {
      name: 'what is not known: a variable, another file, a service that a second file completes',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    cap_drop: ["\${DROP}"]
  b:
    extends:
      file: common.yaml
      service: base
  c:
    environment: { A: b }
  d:
    image: ghcr.io/acme/d:1
`,
        'compose.prod.yaml': `services:
  d:
    cap_drop: [ALL]
`,
      },
    },
    {
      name: 'a file for development',
      files: { 'compose.override.yaml': `services:\n  a:\n    image: ghcr.io/acme/a:1\n` },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['cap_drop'])) {
      if (dropsAll(service) !== false) continue;
      reportAbsence(context, service, {
        item: 'cap_drop',
        message: `\`${service.name}\` keeps Docker's default capabilities: drop all and add back what it needs.`,
        fixes: () => [fixFor(document, context, service)],
      });
    }
  },
});

/** Undefined where an item is not known. */
function dropsAll(service: ComposeService): boolean | undefined {
  const entry = service.effective.entries.get('cap_drop');
  if (!entry?.value) return false;
  if (entry.value.type !== 'seq') return undefined;
  const texts = itemsAt(service.effective, 'cap_drop').map((item) =>
    item.value?.type === 'scalar' ? interpolate(item.value.node.value).text : undefined,
  );
  if (texts.some((text) => text !== undefined && /^(?:CAP_)?ALL$/i.test(text))) return true;
  return texts.includes(undefined) ? undefined : false;
}

function fixFor(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): Fix | undefined {
  const { text } = document;
  const entry = service.effective.entries.get('cap_drop');
  if (entry?.value?.type === 'seq') {
    const sharers = servicesSharing(document.tree, entry.pair.key.span.start, service);
    const append = fixOf(appendItem(text, entry.value.node, 'ALL'), {
      title: 'Add ALL to cap_drop',
      safety: 'review',
      risk: 'What the service does with a capability fails until `cap_add` gives it back.',
    });
    return atOrigin(append, sharers);
  }
  const drop =
    entry && entry.map === service.body
      ? setBlock(text, entry.map, entry.pair, ['- ALL'])
      : addServiceKey(text, service, { key: 'cap_drop', block: ['- ALL'], flow: '[ALL]' });
  const steps =
    runtimeUser(document, context, service).state === 'steps-down' && !lookup(service.effective, 'cap_add');
  if (!steps) {
    return fixOf(drop, {
      title: 'Add cap_drop: [ALL]',
      safety: 'review',
      risk: 'What the service does with a capability (binding port 80 as a user, changing owners) fails until `cap_add` gives it back.',
    });
  }
  const add = addServiceKey(text, service, {
    key: 'cap_add',
    block: STEP_DOWN.map((capability) => `- ${capability}`),
    flow: `[${STEP_DOWN.join(', ')}]`,
  });
  return fixOf([drop, add], {
    title: 'Add cap_drop: [ALL] and what the entrypoint needs',
    safety: 'review',
    risk: 'The capabilities that are added back are a starting point: start the service once with an empty volume to prove them.',
  });
}
