import { type SecretUse, secretSource, secretsOf } from '../../syntaxes/compose/secrets.ts';
import {
  type ComposeService,
  type ComposeTree,
  type EffectiveEntry,
  lookup,
} from '../../syntaxes/compose/tree.ts';
import { asMap, pairOf } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';
import { isOpenMode, modeOf } from './shared/secret-modes.ts';

export const rule = defineRule({
  id: 'compose/secret-mode-ignored',
  title: 'Mode of a file secret is ignored by docker compose',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  docs: {
    why: `\`docker compose\` bind-mounts a secret that comes from \`file:\` and ignores \`uid\`, \`gid\` and \`mode\`. The permissions
of the file on the host hold in the container: whoever relies on \`mode: 0400\` may have a secret that everybody can read.`,
    fix: `Restrict the file on the host (\`chmod 400\`, owned by the container's user id). Keep the keys if the stack also runs on
Swarm, which honours them.`,
    falsePositives:
      'Silent where `deploy.placement`, `deploy.mode`, `deploy.endpoint_mode` or an external secret speaks for Swarm.',
    cwe: [732],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#secrets',
      'https://github.com/docker/compose/issues/9648',
    ],
  },
  bad: [
    {
      name: 'mode and uid on a file secret',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        uid: "1000"
        «mode»: 0400
      - source: other
        «gid»: "2000"
secrets:
  api_key:
    file: ./secrets/api_key
  other:
    file: ./secrets/other
`,
      },
    },
  ],
  good: [
    {
      name: 'a secret from the environment',
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
      name: 'a stack for Swarm',
      files: {
        'stack-compose.yml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy:
      placement:
        constraints: [node.role == worker]
    secrets:
      - source: api_key
        mode: 0400
secrets:
  api_key:
    file: ./secrets/api_key
`,
      },
    },
    {
      name: 'an open mode, which is a finding of its own',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets:
      - source: api_key
        mode: 0444
secrets:
  api_key:
    file: ./secrets/api_key
`,
      },
    },
    {
      name: 'the short form',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    secrets: [api_key]
secrets:
  api_key:
    file: ./secrets/api_key
`,
      },
    },
  ],
  check(document, context) {
    if (speaksForSwarm(document.tree)) return;
    const pick = (service: ComposeService) =>
      secretsOf(service).filter((use) => {
        const mode = modeOf(use);
        // `secret-world-readable` says it already where the mode is open.
        return (
          ignoredKey(use) && secretSource(document.tree, use.name) === 'file' && !(mode && isOpenMode(mode))
        );
      });
    for (const { service, subject: use, sharers } of eachOrigin(
      document.tree,
      pick,
      (use) => use.item.node.span.start,
    )) {
      const entry = ignoredKey(use);
      if (!entry) continue;
      context.report({
        span: entry.pair.key.span,
        message: withSharers(
          `\`${entry.key}\` of \`${use.name}\` has no effect: \`docker compose\` takes the file's own permissions on the host`,
          sharers,
        ),
        place: `services.${service.name}.secrets[${use.name}]`,
      });
    }
  },
});

function ignoredKey(use: SecretUse): EffectiveEntry | undefined {
  return use.mode ?? use.uid ?? use.gid;
}

function speaksForSwarm(tree: ComposeTree): boolean {
  const swarmKeys = ['placement', 'mode', 'endpoint_mode', 'update_config', 'rollback_config'];
  const deployed = tree.services.some((service) =>
    swarmKeys.some((key) => lookup(service.effective, 'deploy', key)),
  );
  return (
    deployed ||
    asMap(pairOf(tree.root, 'secrets')?.value)?.pairs.some(
      ({ key }) => secretSource(tree, key.value) === 'external',
    ) === true
  );
}
