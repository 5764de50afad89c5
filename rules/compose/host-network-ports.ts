import type { ComposeService } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { networkMode } from './shared/network-mode.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/host-network-ports',
  title: "Ports are published on the host's network",
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /network_mode/,
  docs: {
    why: `With \`network_mode: host\` there is nothing to publish: the process opens its ports on the host itself. The Compose
specification calls \`ports\` beside it an error; Docker drops the mapping. What the file says, the other number or the address
127.0.0.1, does not hold, and the port is open to everyone.`,
    fix: "Delete `ports`, or `network_mode: host` where the mapping is what was meant. The program's own configuration says on which address it listens.",
    falsePositives: 'Silent where a variable gives the network mode.',
    cwe: [668],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#ports',
      'https://docs.docker.com/engine/network/drivers/host/',
    ],
  },
  bad: [
    {
      name: 'a list',
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    network_mode: host
    «ports»:
      - "127.0.0.1:8080:80"
      - 9000:9000
    restart: always
`,
      },
      fixed: `services:
  web:
    image: ghcr.io/acme/web:1
    network_mode: host
    restart: always
`,
    },
    {
      name: 'flow style, the long form, the default of a variable',
      files: {
        'compose.yaml': `services:
  web: { image: "ghcr.io/acme/web:1", «ports»: [{ target: 80, published: 8080 }], network_mode: "\${MODE:-host}" }
`,
      },
      fixed: `services:
  web: { image: "ghcr.io/acme/web:1", network_mode: "\${MODE:-host}" }
`,
    },
    {
      name: 'the network mode comes from an anchor',
      files: {
        'compose.yaml': `x-host: &host
  network_mode: host
services:
  web:
    <<: *host
    image: ghcr.io/acme/web:1
    «ports»: ["8080:80"]
`,
      },
      fixed: `x-host: &host
  network_mode: host
services:
  web:
    <<: *host
    image: ghcr.io/acme/web:1
`,
    },
  ],
  good: [
    {
      name: 'one of them, an empty list, a mode that is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    network_mode: host
    expose: ["80"]
  b:
    image: ghcr.io/acme/b:1
    ports: ["127.0.0.1:8080:80"]
  c:
    image: ghcr.io/acme/c:1
    network_mode: host
    ports: []
  d:
    image: ghcr.io/acme/d:1
    network_mode: \${MODE}
    ports: ["127.0.0.1:8080:80"]
  e:
    image: ghcr.io/acme/e:1
    network_mode: bridge
    ports: ["127.0.0.1:8081:80"]
`,
      },
    },
    {
      name: 'the network of a build',
      files: {
        'compose.yaml': `services:\n  a:\n    build: { context: ., network: host }\n    ports: ["127.0.0.1:8080:80"]\n`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) => {
      const ports = service.effective.entries.get('ports');
      const isList = ports?.value?.type === 'seq' && ports.value.items.length > 0;
      return isList && networkMode(service) === 'host' ? [ports] : [];
    };
    const origins = eachOrigin(document.tree, pick, ({ pair }) => pair.key.span.start);
    for (const { service, subject, sharers } of origins) {
      context.report({
        span: subject.pair.key.span,
        message: withSharers(
          `\`ports\` of \`${service.name}\` has no effect on the host's network: every port that it opens is open there`,
          sharers,
        ),
        place: `services.${service.name}.ports`,
        fixes: () => {
          // What shares the list may be on another network.
          const all = document.tree.services.filter(({ name }) => sharers.includes(name));
          if (!all.every((each) => networkMode(each) === 'host')) return [];
          const fix = fixOf(removeEntry(document.text, subject), { title: 'Delete ports', safety: 'safe' });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});
