import { flagOf } from '../../syntaxes/compose/service.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/api-socket',
  title: 'Container gets the engine API socket and the registry credentials',
  kinds: ['compose'],
  severity: 'critical',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `\`use_api_socket: true\` mounts the engine's socket, which is root on the host, and hands the container the credentials that
the Docker CLI has for registries.`,
    fix: 'Delete the key, or give the container a socket proxy that lets only the calls through that it needs.',
    cwe: [250],
    references: ['https://docs.docker.com/reference/compose-file/services/#use_api_socket'],
  },
  bad: [
    {
      name: 'use_api_socket',
      files: {
        'compose.yaml': `services:
  ci:
    image: ghcr.io/acme/ci:1
    use_api_socket: «true»
    command: run
`,
      },
      fixed: `services:
  ci:
    image: ghcr.io/acme/ci:1
    command: run
`,
    },
  ],
  good: [
    {
      name: 'switched off, and a block that no service takes over',
      files: {
        'compose.yaml': `x-ci: &ci
  use_api_socket: true
services:
  web:
    image: ghcr.io/acme/web:1
    use_api_socket: false
`,
      },
    },
    {
      name: 'off, or not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/ci:1
    use_api_socket: false
  b:
    image: ghcr.io/acme/ci:1
    use_api_socket: \${SOCKET}
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      (service) => {
        const entry = service.effective.entries.get('use_api_socket');
        return entry && flagOf(service, 'use_api_socket') === true ? [entry] : [];
      },
      (entry) => entry.pair.key.span.start,
    );
    for (const { service, subject: entry, sharers } of origins) {
      context.report({
        span: entry.pair.value?.span ?? entry.pair.key.span,
        message: withSharers(
          `\`use_api_socket\` gives \`${service.name}\` the engine's API, which is root on the host, and your registry logins`,
          sharers,
        ),
        place: `services.${service.name}.use_api_socket`,
        fixes: () => [
          atOrigin(
            fixOf(removeEntry(document.text, entry), {
              title: 'Delete use_api_socket',
              safety: 'review',
              risk: 'The container can no longer talk to the engine.',
            }),
            sharers,
          ),
        ],
      });
    }
  },
});
