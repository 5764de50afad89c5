import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { portsOf } from '../../syntaxes/compose/ports.ts';
import { type ComposeService, lookup, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { asMap, booleanOf, pairOf, textAt } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { fixOf, removeEntry } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';
import { portLabel, portSpan } from './shared/ports.ts';

export const rule = defineRule({
  id: 'compose/fixed-name-scaled',
  title: 'Several containers are to have the same name or port',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /scale|replicas/,
  docs: {
    why: `A name and a port of the host belong to one container. With \`deploy.replicas\` or \`scale\` above 1 Compose refuses a fixed
\`container_name\`, and the second container fails because the port is taken.`,
    fix: `Delete \`container_name\`: other services reach the containers by the service's name. Publish a range of ports, none, or put a
reverse proxy in front.`,
    falsePositives: `Swarm publishes one port for all replicas, and ignores \`container_name\`: silent where the file has what only Swarm
knows (overlay networks, placement, update or rollback settings, external secrets and configs). Ports are not reported either
where a service has \`deploy.restart_policy\`, \`deploy.mode\` or \`deploy.labels\`, which are mostly written for Swarm.`,
    cwe: [703],
    references: [
      'https://docs.docker.com/reference/compose-file/services/#container_name',
      'https://docs.docker.com/reference/compose-file/deploy/#replicas',
      'https://docs.docker.com/reference/compose-file/services/#scale',
    ],
  },
  bad: [
    {
      name: 'a name and a port',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    container_name: «api»
    ports:
      - "«8080:80»"
      - "127.0.0.1:9000-9002:9000"
    deploy:
      replicas: 3
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    ports:
      - "8080:80"
      - "127.0.0.1:9000-9002:9000"
    deploy:
      replicas: 3
`,
    },
    {
      name: 'scale, the long form of a port, flow style',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    scale: "2"
    ports:
      - target: 80
        published: «8080»
  b: { image: "ghcr.io/acme/b:1", container_name: «b», scale: 2 }
`,
      },
    },
    {
      name: 'a default of a variable',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    container_name: «\${NAME:-api}»
    deploy: { replicas: "\${REPLICAS:-2}" }
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    deploy: { replicas: "\${REPLICAS:-2}" }
`,
    },
  ],
  good: [
    {
      name: 'one container, a port that Docker picks, a range that is wide enough, what is not known',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    container_name: a
    ports: ["8080:80"]
    deploy: { replicas: 1 }
  b:
    image: ghcr.io/acme/b:1
    ports: ["80", "127.0.0.1::81", "8080-8089:80"]
    scale: 3
  c:
    image: ghcr.io/acme/c:1
    container_name: c
    scale: \${SCALE}
  d:
    image: ghcr.io/acme/d:1
    ports: ["\${PORT}:80"]
    scale: 2
  e:
    image: ghcr.io/acme/e:1
    container_name: e
    scale: 0
`,
      },
    },
    {
      name: 'a Swarm stack, whose mesh takes the port for all replicas',
      files: {
        'stack.yml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports: ["80:80"]
    deploy:
      replicas: 3
      update_config: { order: start-first }
  api:
    image: ghcr.io/acme/api:1
    ports: ["8080:80"]
    deploy: { replicas: 2 }
`,
      },
    },
    {
      name: 'a stack that only its restart policy gives away, a name that is not known',
      files: {
        'docker-compose.yml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports: ["4000:80"]
    deploy:
      replicas: 5
      restart_policy: { condition: on-failure }
  api:
    image: ghcr.io/acme/api:1
    container_name: \${NAME}
    deploy: { replicas: 5 }
`,
      },
    },
    {
      name: 'an overlay network, an external secret',
      files: {
        'docker-compose.yml': `services:
  web:
    image: ghcr.io/acme/web:1
    ports: ["80:80"]
    deploy: { replicas: 3 }
networks:
  front:
    driver: overlay
`,
      },
    },
    {
      name: 'the network of the host, where nothing is published',
      files: {
        'compose.yaml': `services:\n  a:\n    image: ghcr.io/acme/a:1\n    network_mode: host\n    ports: ["8080:80"]\n    scale: 2\n`,
      },
    },
  ],
  check(document, context) {
    if (isSwarm(document)) return;
    const mesh = /stack|swarm/i.test(context.path) || hasDeployKey(document.tree.services, SWARM_MOSTLY);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      (each) => [...nameClash(each), ...(mesh ? [] : portClashes(document.text, each))],
      ({ span }) => span.start,
    )) {
      const { span, what, path, count } = subject;
      context.report({
        span,
        message: withSharers(
          `All ${count} containers of \`${service.name}\` are to have ${what}, which only one can have`,
          sharers,
        ),
        place: `services.${service.name}.${path}`,
        fixes: () => [atOrigin(withoutName(document, service, path), sharers)],
      });
    }
  },
});

interface Clash {
  readonly span: Span;
  /** As a part of a sentence. */
  readonly what: string;
  readonly path: string;
  readonly count: number;
}

function nameClash(service: ComposeService): readonly Clash[] {
  const name = scalarAt(service.effective, 'container_name');
  const count = countOf(service);
  if (!name || !interpolate(name.value).text?.trim() || count < 2) return [];
  return [{ span: name.span, what: 'one name', path: 'container_name', count }];
}

function portClashes(text: string, service: ComposeService): readonly Clash[] {
  const count = countOf(service);
  const network = scalarAt(service.effective, 'network_mode')?.value ?? '';
  if (count < 2 || /^(?:host|none)$|\$/.test(network)) return [];
  return portsOf(service).flatMap((port): readonly Clash[] => {
    const { published } = port;
    if (published === null || published === '' || widthOf(published) >= count) return [];
    const what = `port ${published} of the host`;
    return [{ span: portSpan(text, port), what, path: `ports[${portLabel(port)}]`, count }];
  });
}

/** How many containers there are to be; 1 where it is not known. */
function countOf({ effective }: ComposeService): number {
  const given = scalarAt(effective, 'scale') ?? scalarAt(effective, 'deploy', 'replicas');
  const text = given && interpolate(given.value).text?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 1;
}

/** The number of ports in a range. */
function widthOf(published: string): number {
  const [first = '', last = first] = published.split('-');
  return Number(last) - Number(first) + 1 || Number.POSITIVE_INFINITY;
}

/** Keys below `deploy` that only Swarm knows, and those that hardly anyone writes for Compose alone. */
const SWARM_ONLY: readonly string[] = ['placement', 'update_config', 'rollback_config', 'endpoint_mode'];
const SWARM_MOSTLY: readonly string[] = ['restart_policy', 'mode', 'labels'];

/** Whether the file is written for Swarm. */
function isSwarm({ tree }: Document<'compose'>): boolean {
  const networks = asMap(pairOf(tree.root, 'networks')?.value)?.pairs ?? [];
  if (networks.some(({ value }) => textAt(value, 'driver') === 'overlay')) return true;
  const stored = ['secrets', 'configs'].flatMap((key) => asMap(pairOf(tree.root, key)?.value)?.pairs ?? []);
  if (stored.some(({ value }) => booleanOf(pairOf(value, 'external')?.value) === true)) return true;
  return hasDeployKey(tree.services, SWARM_ONLY);
}

function hasDeployKey(services: readonly ComposeService[], keys: readonly string[]): boolean {
  return services.some(({ effective }) => keys.some((key) => lookup(effective, 'deploy', key)));
}

function withoutName(document: Document<'compose'>, service: ComposeService, path: string): Fix | undefined {
  const entry = path === 'container_name' ? service.effective.entries.get(path) : undefined;
  return (
    entry &&
    fixOf(removeEntry(document.text, entry), {
      title: 'Delete container_name',
      safety: 'review',
      risk: 'Scripts that call the container by its name no longer find it; other services reach it by the name of the service.',
    })
  );
}
