import { type SecretUse, secretSource, secretsOf } from '../../syntaxes/compose/secrets.ts';
import { flagOf } from '../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { lineEndAt, lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';
import type { YamlPair } from '../../syntaxes/yaml/tree.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { addKey, endOfPair } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { runtimeUser } from './shared/user.ts';

export const rule = defineRule({
  id: 'compose/secret-env-default-mode',
  title: 'Secret from the environment gets the default mode 0444',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Compose copies a secret that comes from \`environment:\` into the container with mode \`0444\` unless the service says
otherwise, so every user in the container can read it. (For a secret from \`file:\` the permissions of the file on the host hold.)`,
    fix: `Use the long form with \`mode: 0400\`, and with \`uid\` where the service does not run as root.`,
    falsePositives: 'In a container with a single user the mode changes nothing.',
    cwe: [732],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#secrets',
      'https://github.com/docker/compose/issues/12010',
    ],
  },
  bad: [
    {
      name: 'the short form',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - «api_key» # of the payment provider
      - tls_key
secrets:
  api_key:
    environment: API_KEY
  tls_key:
    file: ./tls.key
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key # of the payment provider
        mode: 0400
      - tls_key
secrets:
  api_key:
    environment: API_KEY
  tls_key:
    file: ./tls.key
`,
    },
    {
      name: 'the long form without a mode, in a service with a numeric user',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    user: "1000"
    secrets:
      - source: «api_key»
        target: key
secrets:
  api_key:
    environment: API_KEY
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    user: "1000"
    secrets:
      - source: api_key
        target: key
        uid: "1000"
        mode: 0400
secrets:
  api_key:
    environment: API_KEY
`,
    },
    {
      name: 'a list in flow style',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets: [«api_key»]
secrets:
  api_key:
    environment: API_KEY
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets: [{ source: api_key, mode: 0400 }]
secrets:
  api_key:
    environment: API_KEY
`,
    },
    {
      name: 'a mode that is empty, and a definition that is merged in',
      files: {
        'compose.yaml': `x-key: &key
  environment: API_KEY
services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: «api_key»
        mode:
secrets:
  api_key:
    <<: *key
`,
      },
      fixed: `x-key: &key
  environment: API_KEY
services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        mode: 0400
secrets:
  api_key:
    <<: *key
`,
    },
  ],
  good: [
    {
      name: 'a mode is given',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        mode: 0400
secrets:
  api_key:
    environment: API_KEY
`,
      },
    },
    {
      name: 'secrets from files, from outside and from another file',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets: [tls_key, swarm_key, elsewhere]
secrets:
  tls_key:
    file: ./tls.key
  swarm_key:
    external: true
`,
      },
    },
    {
      name: 'a read-only service, where Compose refuses such a secret anyway',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    read_only: true
    secrets: [api_key]
secrets:
  api_key:
    environment: API_KEY
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) =>
      flagOf(service, 'read_only') === true
        ? []
        : secretsOf(service).filter(
            (use) => !use.mode?.value && secretSource(document.tree, use.name) === 'environment',
          );
    for (const { service, subject: use, sharers } of eachOrigin(
      document.tree,
      pick,
      (use) => use.item.node.span.start,
    )) {
      const source = use.long?.entries.get('source')?.pair.value?.span;
      const span = use.short?.span ?? source ?? use.item.node.span;
      context.report({
        span,
        message: withSharers(
          `Secret \`${use.name}\` gets the default mode 0444: every user in the container can read it`,
          sharers,
        ),
        place: `services.${service.name}.secrets[${use.name}]`,
        fixes: () => [atOrigin(fixFor(document, context, service, use), sharers)],
      });
    }
  },
});

function fixFor(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
  use: SecretUse,
): Fix | undefined {
  const user = runtimeUser(document, context, service);
  const uid = user.state === 'non-root' && !use.uid ? user.uid : undefined;
  const edits = use.short ? toLongForm(document.text, use, uid) : addedKeys(document.text, use, uid);
  const isRoot = user.state === 'root';
  return fixOf(edits, {
    title: uid === undefined ? 'Set mode to 0400' : `Set mode to 0400 and uid to ${uid}`,
    safety: isRoot ? 'safe' : 'review',
    ...(!isRoot && { risk: 'A process of the container with another user can no longer read the secret.' }),
  });
}

function addedKeys(text: string, use: SecretUse, uid: string | undefined): readonly (Edit | undefined)[] {
  if (!use.long) return [undefined];
  const after = ['source', 'target', 'uid', 'gid'];
  const mode = use.mode
    ? fillIn(text, use.mode.pair)
    : addKey(text, use.long.node, { key: 'mode', value: '0400', after });
  return uid === undefined
    ? [mode]
    : [addKey(text, use.long.node, { key: 'uid', value: `"${uid}"`, after }), mode];
}

/** A mode behind `mode:` where there is none yet. */
function fillIn(text: string, pair: YamlPair): Edit | undefined {
  const at = endOfPair(text, pair);
  return text[at - 1] === ':' ? { span: { start: at, end: at }, text: ' 0400' } : undefined;
}

function toLongForm(text: string, use: SecretUse, uid: string | undefined): readonly (Edit | undefined)[] {
  const scalar = use.short;
  if (!scalar || use.item.node !== scalar || scalar.anchor) return [undefined];
  const { start, end } = scalar.span;
  const keys = [...(uid === undefined ? [] : [`uid: "${uid}"`]), 'mode: 0400'];
  if (use.item.seq.flow)
    return [{ span: scalar.span, text: `{ source: ${text.slice(start, end)}, ${keys.join(', ')} }` }];
  const before = text.slice(lineStartAt(text, start), start);
  if (!/^ *- +$/.test(before)) return [undefined];
  // A comment behind the name stays with it.
  const at = lineEndAt(text, end);
  const lines = keys.map((key) => lineEndingOf(text) + ' '.repeat(before.length) + key);
  return [
    { span: { start, end: start }, text: 'source: ' },
    { span: { start: at, end: at }, text: lines.join('') },
  ];
}
