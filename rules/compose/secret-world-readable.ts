import { type SecretUse, secretSource } from '../../syntaxes/compose/secrets.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { octal } from '../core/file-mode.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { addKey } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { changeMode, isOpenMode, type SecretMode, secretModesOf } from './shared/secret-modes.ts';
import { type RuntimeUser, runtimeUser } from './shared/user.ts';

const OTHERS_READ = 0o004;
const OTHERS_WRITE_OR_EXECUTE = 0o003;

export const rule = defineRule({
  id: 'compose/secret-world-readable',
  title: 'Secret is open to every user in the container',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `A secret that is mounted with mode \`0444\` can be read by every process in the container: a worker that has dropped its
privileges, a child process with another user, a sidecar tool. Write bits for the group or for others let them change it.

\`docker compose\` honours \`mode\` for secrets that come from \`environment:\` and ignores it for secrets from \`file:\`, where the
permissions of the file on the host hold; Swarm (\`docker stack deploy\`) honours it always.`,
    fix: `Write \`mode: 0400\`, and \`uid\` with the numeric id of the service's user where that is not root: the owner is root by
default, so \`0400\` alone makes the secret unreadable for a process that runs as another user. \`0440\` with a \`gid\` is fine too.`,
    falsePositives: '`configs[].mode` is not judged: configurations are meant to be readable.',
    cwe: [732],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#secrets',
      'https://docs.docker.com/engine/swarm/secrets/',
    ],
  },
  bad: [
    {
      name: 'mode 0444',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: stack_api_key
        target: stack_api_key
        mode: «0444»
secrets:
  stack_api_key:
    file: ./secrets/stack_api_key
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: stack_api_key
        target: stack_api_key
        mode: 0400
secrets:
  stack_api_key:
    file: ./secrets/stack_api_key
`,
    },
    {
      name: 'the way the mode is written stays, also in quotes and in flow style',
      files: {
        'compose.yaml': `services:
  web:
    image: node:22
    secrets:
      - { source: session_key, mode: «0o444» }
      - source: tls_key
        mode: «"0644"»
      - source: signing_key
        mode: «'0777'»
secrets:
  session_key:
    environment: SESSION_KEY
  tls_key:
    file: ./tls.key
  signing_key:
    external: true
`,
      },
      fixed: `services:
  web:
    image: node:22
    secrets:
      - { source: session_key, mode: 0o400 }
      - source: tls_key
        mode: "0644"
      - source: signing_key
        mode: '0777'
secrets:
  session_key:
    environment: SESSION_KEY
  tls_key:
    file: ./tls.key
  signing_key:
    external: true
`,
    },
    {
      name: 'a service with a numeric user needs the uid as well',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    user: "1000:1000"
    secrets:
      - source: api_key
        mode: «0444»
secrets:
  api_key:
    environment: API_KEY
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    user: "1000:1000"
    secrets:
      - source: api_key
        uid: "1000"
        mode: 0400
secrets:
  api_key:
    environment: API_KEY
`,
      offers: ['Set mode to 0400 and uid to 1000', 'Set mode to 0400'],
    },
    {
      name: 'a group that is meant to read keeps its right',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        uid: "1000"
        gid: "2000"
        mode: «0664»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        uid: "1000"
        gid: "2000"
        mode: 0440
`,
    },
    {
      name: 'in decimal, in hexadecimal, as the default of a variable',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        mode: «\${KEY_MODE:-0444}»
      - source: db_password
        mode: «292»
      - source: tls_key
        mode: «0x1ff»
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        mode: \${KEY_MODE:-0400}
      - source: db_password
        mode: 292
      - source: tls_key
        mode: 0x1ff
`,
    },
    {
      name: 'an anchor that several services use is one finding',
      files: {
        'compose.yaml': `x-secrets: &secrets
  - source: db_password
    mode: «0444»
services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets: *secrets
  worker:
    image: ghcr.io/acme/worker:1.4.2
    secrets: *secrets
`,
      },
      fixed: `x-secrets: &secrets
  - source: db_password
    mode: 0400
services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets: *secrets
  worker:
    image: ghcr.io/acme/worker:1.4.2
    secrets: *secrets
`,
    },
  ],
  good: [
    {
      name: 'only the owner, or the owner and a group',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: a
        mode: 0400
      - source: b
        mode: 0o400
      - source: c
        mode: "0440"
        gid: "2000"
      - source: d
        mode: 0600
      - source: e
        mode: 256
      - f
`,
      },
    },
    {
      name: 'the mode of a config',
      files: {
        'compose.yaml': `services:
  web:
    image: nginx:1.28
    configs:
      - source: nginx_conf
        target: /etc/nginx/nginx.conf
        mode: 0444
configs:
  nginx_conf:
    file: ./nginx.conf
`,
      },
    },
    {
      name: 'a mode that a variable gives, or that is no mode',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: a
        mode: \${SECRET_MODE}
      - source: b
        mode:
      - source: c
        mode: rw-r--r--
      - source: d
        mode: 0999
`,
      },
    },
    {
      name: 'the mode of a mount that is no secret',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    volumes:
      - type: tmpfs
        target: /tmp
        tmpfs:
          mode: 01777
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(document.tree, openSecrets, ({ scalar }) => scalar.span.start);
    for (const { service, subject, sharers } of origins) {
      const { use, scalar, mode } = subject;
      context.report({
        span: scalar.span,
        message: withSharers(messageFor(document, use, mode.bits), sharers),
        place: `services.${service.name}.secrets[${use.name}].mode`,
        // That a file's mode is ignored is left for the day when it is a good one.
        covers: [`compose/secret-mode-ignored services.${service.name}.secrets[${use.name}]`],
        fixes: () => fixesFor(document, context, service, subject).map((fix) => atOrigin(fix, sharers)),
      });
    }
  },
});

function openSecrets(service: ComposeService): readonly SecretMode[] {
  return secretModesOf(service).filter(isOpenMode);
}

function messageFor(document: Document<'compose'>, use: SecretUse, bits: number): string {
  const who =
    bits & OTHERS_READ
      ? 'every user in the container can read it'
      : bits & OTHERS_WRITE_OR_EXECUTE
        ? 'every user in the container has rights on it'
        : 'its group can change it';
  const ignored =
    secretSource(document.tree, use.name) === 'file'
      ? '; `docker compose` ignores this for `file:`, Swarm does not'
      : '';
  return `Secret \`${use.name}\` has mode ${octal(bits)}: ${who}${ignored}`;
}

function fixesFor(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
  subject: SecretMode,
): readonly (Fix | undefined)[] {
  const { use } = subject;
  const { written: text, edit: setMode } = changeMode(document.text, subject, use.gid ? 0o440 : 0o400);
  const user = runtimeUser(document, context, service);
  const title = `Set mode to ${text}`;
  if (isOwner(user, use)) return [fixOf(setMode, { title, safety: 'safe' })];
  const onlyMode = fixOf(setMode, {
    title,
    safety: 'review',
    risk: 'The owner is root unless `uid` says otherwise: a process with another user can no longer read the secret.',
  });
  if (user.state !== 'non-root' || user.uid === undefined || !use.long || use.uid) return [onlyMode];
  const uid = addKey(document.text, use.long.node, {
    key: 'uid',
    value: `"${user.uid}"`,
    after: ['source', 'target'],
  });
  const withUid = fixOf([uid, setMode], {
    title: `${title} and uid to ${user.uid}`,
    safety: 'review',
    risk: `Processes of the container that do not run as ${user.uid} can no longer read the secret.`,
  });
  return [withUid, onlyMode];
}

/** Whether the service's process owns the secret, and so reads it with `0400` too. */
function isOwner(user: RuntimeUser, use: SecretUse): boolean {
  const owner = use.uid ? (use.uid.value?.type === 'scalar' ? use.uid.value.node.value : undefined) : '0';
  return owner !== undefined && (user.state === 'root' ? '0' : user.uid) === owner;
}
