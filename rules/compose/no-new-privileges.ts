import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import {
  type ComposeService,
  type EffectiveItem,
  itemsAt,
  servicesSharing,
} from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { appendItem, setBlock, setScalar } from '../core/yaml-edits.ts';
import { judgedServices, reportAbsence } from './shared/absence.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';
import { atOrigin } from './shared/origin.ts';

/** Images in which a setuid program or a file capability is a part of what they do. */
const NEEDS_SETUID =
  /netdata|code-server|jupyter|selenium|vscode|devcontainer|mailserver|postfix|zabbix|nagios|icinga|webtop|kasm|gitpod|sudo/;

export const rule = defineRule({
  id: 'compose/no-new-privileges',
  title: 'Processes in the container may gain privileges',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: `Without \`no-new-privileges\` a process can become root through a setuid program such as \`su\` or \`mount\`, which nearly
every image has. The flag takes that way from an attacker who is in as an ordinary user.`,
    fix: 'Add `security_opt: ["no-new-privileges:true"]`. Entrypoints that start as root and change the user still work.',
    falsePositives: `Images that use \`sudo\` or file capabilities need to gain privileges. A daemon with \`no-new-privileges\` in its
\`daemon.json\` makes the key unnecessary, which cannot be seen from here.`,
    cwe: [269],
    controls: ['CIS Docker 1.6.0 5.26', 'OWASP Docker Security Cheat Sheet, rule 4'],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#security_opt',
      'https://docs.kernel.org/userspace-api/no_new_privs.html',
    ],
  },
  bad: [
    {
      name: 'not set',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    environment:
      A: b
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    security_opt:
      - no-new-privileges:true
    environment:
      A: b
`,
    },
    {
      name: 'other options are there already',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    security_opt:
    - seccomp:./seccomp.json
    environment:
      A: b
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    security_opt:
    - seccomp:./seccomp.json
    - no-new-privileges:true
    environment:
      A: b
`,
    },
    {
      name: 'written as JSON',
      files: {
        'compose.yaml': `{
  "services": {
    «"api"»: {
      "image": "ghcr.io/acme/api:1.4.2"
    }
  }
}
`,
      },
      fixed: `{
  "services": {
    "api": {
      "image": "ghcr.io/acme/api:1.4.2",
      "security_opt": ["no-new-privileges:true"]
    }
  }
}
`,
    },
    {
      name: 'set to false',
      files: {
        'compose.yaml': `services:
  «api»:
    image: ghcr.io/acme/api:1.4.2
    security_opt: ["no-new-privileges:false"]
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    security_opt: ["no-new-privileges:true"]
`,
    },
  ],
  good: [
    {
      name: 'each spelling',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    security_opt: [no-new-privileges]
  b:
    image: ghcr.io/acme/a:1
    security_opt:
      - "no-new-privileges:true"
  c:
    image: ghcr.io/acme/a:1
    security_opt:
      - no-new-privileges=true
  d:
    image: ghcr.io/acme/a:1
    security_opt: ["\${OPTION}"]
`,
      },
    },
    {
      name: 'inherited through an anchor',
      files: {
        'compose.yaml': `x-security: &security
  security_opt:
    - no-new-privileges:true
services:
  a:
    image: ghcr.io/acme/a:1
    <<: *security
`,
      },
    },
  ],
  check(document, context) {
    for (const service of judgedServices(document, context, ['security_opt'])) {
      const { state, item } = optionOf(service);
      if (state === 'on' || state === 'unknown') continue;
      reportAbsence(context, service, {
        item: 'no-new-privileges',
        message:
          state === 'off'
            ? `\`${service.name}\` switches \`no-new-privileges\` off: a setuid program can make an attacker root.`
            : `\`${service.name}\` does not set \`no-new-privileges\`: a setuid program can make an attacker root.`,
        fixes: () => [fixFor(document, service, item)],
      });
    }
  },
});

function optionOf(service: ComposeService): {
  readonly state: 'on' | 'off' | 'absent' | 'unknown';
  readonly item?: EffectiveItem;
} {
  const entry = service.effective.entries.get('security_opt');
  if (!entry?.value) return { state: 'absent' };
  if (entry.value.type !== 'seq') return { state: 'unknown' };
  let state: 'on' | 'off' | 'absent' | 'unknown' = 'absent';
  let found: EffectiveItem | undefined;
  for (const item of itemsAt(service.effective, 'security_opt')) {
    const text = item.value?.type === 'scalar' ? interpolate(item.value.node.value).text : undefined;
    if (text === undefined) return { state: 'unknown' };
    const match = /^no-new-privileges(?:[:=](.*))?$/i.exec(text.trim());
    if (!match) continue;
    state = match[1]?.trim().toLowerCase() === 'false' ? 'off' : 'on';
    found = item;
  }
  return { state, ...(found && { item: found }) };
}

function fixFor(
  document: Document<'compose'>,
  service: ComposeService,
  item: EffectiveItem | undefined,
): Fix | undefined {
  const entry = service.effective.entries.get('security_opt');
  const list = entry?.value?.type === 'seq' ? entry.value.node : undefined;
  const risk = NEEDS_SETUID.test(imageOf(service) ?? '')
    ? 'This image seems to use `sudo` or file capabilities, which stop working.'
    : item && 'Somebody has switched it off: a setuid program of the image may be needed.';
  const safety = risk ? { safety: 'review' as const, risk } : { safety: 'safe' as const };
  const option = 'no-new-privileges:true';
  const edit =
    item?.value?.type === 'scalar'
      ? item.seq.flow
        ? { span: item.value.node.span, text: `"${option}"` }
        : setScalar(item.value.node, option)
      : list && list.items.length > 0
        ? appendItem(document.text, list, list.flow ? `"${option}"` : option)
        : entry && !entry.value && entry.map === service.body
          ? setBlock(document.text, entry.map, entry.pair, [`- ${option}`])
          : addServiceKey(document.text, service, {
              key: 'security_opt',
              block: [`- ${option}`],
              flow: `["${option}"]`,
            });
  const sharers = entry ? servicesSharing(document.tree, entry.pair.key.span.start, service) : [];
  return atOrigin(fixOf(edit, { title: item ? `Set ${option}` : `Add ${option}`, ...safety }), sharers);
}
