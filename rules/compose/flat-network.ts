import { interpolate, UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { isEveryAddress, portsOf } from '../../syntaxes/compose/ports.ts';
import { dependenciesOf, imageOf } from '../../syntaxes/compose/service.ts';
import {
  type ComposeService,
  type ComposeTree,
  type Effective,
  itemsAt,
  mapAt,
} from '../../syntaxes/compose/tree.ts';
import type { Document } from '../../syntaxes/document.ts';
import { pairOf } from '../../syntaxes/yaml/tree.ts';
import { parseImage } from '../core/image-reference.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { addKey } from '../core/yaml-edits.ts';
import { addServiceKey, fixOf } from './shared/fixes.ts';
import { networkMode } from './shared/network-mode.ts';

/** Databases, caches and brokers, by the last part of the image's name. */
const DATASTORE =
  /^(?:postgres(?:ql)?|pgvector|postgis|timescaledb|mysql(?:-server)?|mariadb|percona(?:-server)?|mongo(?:db)?|redis(?:-stack-server)?|valkey|keydb|dragonfly|memcached|rabbitmq|elasticsearch|opensearch|cassandra|couchdb|clickhouse(?:-server)?|influxdb|neo4j)$/;

export const rule = defineRule({
  id: 'compose/flat-network',
  title: 'Database shares its only network with what is open to the outside',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  profile: 'strict',
  since: '0.1.0',
  dev: 'off',
  mentions: /ports|extends/,
  docs: {
    why: `What is open to the outside is the first thing that an attacker takes. In one network with everything else it reaches the
database as well, whether it has to do with it or not, and a database in a network like that reaches the internet, which carries data
away.`,
    fix: `Make two networks: one for what is published, one with \`internal: true\` for the databases; applications that use both are in
both. What never talks to the database, a proxy, stays out of the second one.`,
    falsePositives: `Only in the strict profile. Compose gives each project a network of its own, so that nothing of this concerns other
projects. Silent where services have several networks or networks that are shared with other projects, where nothing is published, where
the database is published itself (\`compose/datastore-port-published\`), and where a part of the project is not known.`,
    cwe: [653],
    controls: ['CIS Docker 1.6.0 5.30', 'OWASP Docker Security Cheat Sheet, rule 5'],
    references: [
      'https://docs.docker.com/reference/compose-file/networks/#internal',
      'https://docs.docker.com/compose/how-tos/networking/',
    ],
  },
  bad: [
    {
      name: 'the network that Compose makes',
      files: {
        'compose.yaml': `services:
  proxy:
    image: nginx:1.30
    ports: ["443:443"]
    depends_on: [app]
  app:
    image: ghcr.io/acme/app:1
    depends_on: [db]
  «db»:
    image: postgres:18
`,
      },
      fixed: `services:
  proxy:
    image: nginx:1.30
    networks: [frontend]
    ports: ["443:443"]
    depends_on: [app]
  app:
    image: ghcr.io/acme/app:1
    networks: [frontend, backend]
    depends_on: [db]
  db:
    image: postgres:18
    networks: [backend]
networks:
  frontend:
  backend:
    internal: true
`,
    },
    {
      name: 'an application that is published itself',
      files: {
        'compose.yaml': `services:
  web: { image: "ghcr.io/acme/web:1", ports: ["8080:8080"], environment: { DB: "postgres://db/app" } }
  «db»: { image: "postgres:18" }
`,
      },
      fixed: `services:
  web: { image: "ghcr.io/acme/web:1", ports: ["8080:8080"], environment: { DB: "postgres://db/app" }, networks: [frontend, backend] }
  db: { image: "postgres:18", networks: [backend] }
networks:
  frontend:
  backend:
    internal: true
`,
    },
    {
      name: 'one network with a name, two databases',
      files: {
        'compose.yaml': `services:
  edge:
    image: traefik:v3.7
    ports:
      - 80:80
    networks: [web]
  app:
    image: ghcr.io/acme/app:1
    networks:
      web:
        aliases: [api]
  «cache»:
    image: redis:8
    networks:
      - web
  «search»: { image: "docker.elastic.co/elasticsearch/elasticsearch:9.4.4", networks: [web] }
networks:
  web:
`,
      },
    },
  ],
  good: [
    {
      name: 'two networks',
      files: {
        'compose.yaml': `services:
  proxy:
    image: nginx:1.30
    ports: ["443:443"]
    networks: [frontend]
  app:
    image: ghcr.io/acme/app:1
    networks: [frontend, backend]
  db:
    image: postgres:18
    networks: [backend]
networks: { frontend: {}, backend: { internal: true } }
`,
      },
    },
    {
      name: 'nothing is published but for the host itself, and a database that is published',
      files: {
        'compose.yaml': `services:
  app:
    image: ghcr.io/acme/app:1
    ports: ["127.0.0.1:8080:8080"]
  worker:
    image: ghcr.io/acme/app:1
    ports: ["\${ADDRESS}:81:81"]
  db:
    image: postgres:18
    ports: ["5432:5432"]
  cache:
    image: redis:8
`,
      },
    },
    {
      name: 'no database',
      files: {
        'compose.yaml': `services:
  proxy:
    image: nginx:1.30
    ports: ["443:443"]
  app:
    image: ghcr.io/acme/redis-ui:1
`,
      },
    },
    {
      name: 'a network of other projects, and a part that is not known',
      files: {
        'compose.yaml': `include: [https://example.com/compose.yaml]
services:
  proxy:
    image: nginx:1.30
    ports: ["443:443"]
  app:
    image: ghcr.io/acme/app:1
  db:
    image: postgres:18
`,
      },
    },
  ],
  check(document, context) {
    const { tree } = document;
    if (!isFlat(tree)) return;
    const stores = tree.services.filter((service) => DATASTORE.test(lastName(service)));
    const open = tree.services.filter((service) => !stores.includes(service) && isOpen(service));
    const [first] = open;
    if (!first) return;
    for (const store of stores) {
      if (isOpen(store)) continue;
      context.report({
        span: store.key.span,
        message: `\`${store.name}\` is in one network with \`${first.name}\`, which is open to the outside: a break-in there reaches the data.`,
        place: `services.${store.name}.networks`,
        fixes: () => [twoNetworks(document, open, stores)],
      });
    }
  },
});

/** Whether all services are in one network, and all of them are known. */
function isFlat({ services, project, root }: ComposeTree): boolean {
  if (!project.complete || project.services.size !== services.length) return false;
  if (
    services.some((service) => !service.complete || !service.standalone || networkMode(service) !== undefined)
  )
    return false;
  const networks = new Set(services.map((service) => networksOf(service).join(' ')));
  const [only = ''] = networks;
  const definition = project.networks.get(only);
  return networks.size === 1 && !only.includes(' ') && !pairOf(definition, 'external') && root !== undefined;
}

function networksOf(service: ComposeService): readonly string[] {
  const listed = itemsAt(service.effective, 'networks').map(({ value }) =>
    value?.type === 'scalar' ? (interpolate(value.node.value).text ?? ' ') : ' ',
  );
  const names = [...listed, ...(mapAt(service.effective, 'networks')?.entries.keys() ?? [])];
  return names.length === 0 ? ['default'] : names;
}

function lastName(service: ComposeService): string {
  const image = imageOf(service);
  const name = image === undefined || image.includes(UNKNOWN) ? '' : (parseImage(image)?.name ?? '');
  return name.slice(name.lastIndexOf('/') + 1);
}

function isOpen(service: ComposeService): boolean {
  return portsOf(service).some(({ hostIp }) => isEveryAddress(hostIp));
}

/** Whether a service says the name of another one anywhere: in a variable, its command, as something that it waits for. */
function names(service: ComposeService, name: string): boolean {
  const waits = dependenciesOf(service).some((wait) => wait.service === name);
  return waits || textsOf(service.effective).some((text) => text.split(/[^\w.-]/).includes(name));
}

function textsOf(value: Effective | undefined): readonly string[] {
  if (value?.type === 'scalar') return [value.node.value];
  if (value?.type === 'seq') return value.items.flatMap((item) => textsOf(item.value));
  return [...(value?.entries.values() ?? [])].flatMap((entry) => textsOf(entry.value));
}

/** Where no service names a network yet, and the project is this file alone. */
function twoNetworks(
  { text, tree }: Document<'compose'>,
  open: readonly ComposeService[],
  stores: readonly ComposeService[],
): Fix | undefined {
  const { root, services } = tree;
  if (!root || services.some(({ effective }) => effective.entries.has('networks'))) return undefined;
  const isInFront = services.length > open.length + stores.length;
  const edits = services.map((service) => {
    const places = placesOf(service, open, stores, isInFront);
    return addServiceKey(text, service, { key: 'networks', value: `[${places.join(', ')}]` });
  });
  const definition = addKey(text, root, {
    key: 'networks',
    block: ['frontend:', 'backend:', '  internal: true'],
    flow: '{ frontend: {}, backend: { internal: true } }',
  });
  return fixOf([...edits, definition], {
    title: 'Put the databases into an internal network',
    safety: 'review',
    risk: 'The databases no longer reach the internet, and only what is in `backend` reaches them.',
  });
}

/** An application that is published may use a database under a name that does not stand here; a proxy in front of others does not. */
function placesOf(
  service: ComposeService,
  open: readonly ComposeService[],
  stores: readonly ComposeService[],
  isInFront: boolean,
): readonly string[] {
  if (stores.includes(service)) return ['backend'];
  const isProxy = isInFront && open.includes(service) && !stores.some((store) => names(service, store.name));
  return isProxy ? ['frontend'] : ['frontend', 'backend'];
}
