import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { dirname } from '../../syntaxes/uri.ts';
import type { Derivation, FactReader, LocatedFact } from '../core/facts.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { defineRule, type Related } from '../core/rule.ts';
import { type ComposeHostsFact, composeHostsFacts } from '../facts/compose-hosts.ts';
import type { ComposeServiceFact } from '../facts/compose-services.ts';
import { containersOf } from './shared/containers.ts';
import { scopeOf } from './shared/model.ts';
import { NGINX_FOLDER } from './shared/mounts.ts';
import { placeOf } from './shared/place.ts';
import { scopesAround } from './shared/scope.ts';
import { upstreamNames } from './shared/upstream-names.ts';

export const rule = defineRule({
  id: 'nginx/upstream-unknown-service',
  title: 'Upstream is no service of Compose',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /_pass|upstream/,
  docs: {
    why: 'nginx looks names up when it starts, and exits where one is not found: "host not found in upstream". A service that was renamed in Compose, or a typing mistake here, takes the whole site down at the next start.',
    fix: 'Use the name of a service, an alias or a `container_name` of the Compose file that runs nginx.',
    falsePositives:
      'Only names without a dot are looked at, in files that a service of Compose mounts or copies. Silent where Compose knows other names: external networks, `include`, names that a variable fills in, `network_mode`.',
    references: [
      'https://docs.docker.com/compose/how-tos/networking/',
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass',
    ],
  },
  bad: [
    {
      name: 'a service that has another name',
      files: {
        'nginx/default.conf': `server {
    listen 80;
    location / { proxy_pass http://«backnd»:8000/; }
    location /php { fastcgi_pass «php»:9000; }
    location /db { proxy_pass http://backend:8000; }
}
`,
        'compose.yaml': `services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx/default.conf:/etc/nginx/conf.d/default.conf:ro
  backend:
    image: app
`,
      },
      fixed: `server {
    listen 80;
    location / { proxy_pass http://backend:8000/; }
    location /php { fastcgi_pass php:9000; }
    location /db { proxy_pass http://backend:8000; }
}
`,
    },
    {
      name: 'in an upstream, in a folder that is mounted',
      files: {
        'deploy/nginx/conf.d/app.conf': `upstream app {
    server «app1»:8000;
    server «"app3:8000"» backup;
}
server { listen 80; location / { proxy_pass http://app; } }
`.replace('«"app3:8000"»', '"«app3»:8000"'),
        'deploy/docker-compose.yml': `services:
  proxy:
    image: nginx
    volumes: ["./nginx/conf.d:/etc/nginx/conf.d"]
  app:
    image: app
    container_name: app2
`,
      },
    },
  ],
  good: [
    {
      name: 'services, aliases, containers, upstreams, addresses and hosts',
      files: {
        'nginx/default.conf': `upstream pool { server api:1; server 10.0.0.1:2; server unix:/run/x.sock; server db.example.com; }
server {
    listen 80;
    location /a { proxy_pass http://pool; }
    location /b { proxy_pass http://backend-alias:1; }
    location /c { proxy_pass http://app_container; }
    location /d { proxy_pass http://localhost:1; }
    location /e { proxy_pass http://$upstream; }
    location /f { proxy_pass http://\${BACKEND}:1; }
    location /g { proxy_pass http://host.docker.internal:1; }
    location /h { proxy_pass http://[::1]:1; }
    location /i { proxy_pass http://unix:/run/x.sock:/; }
    location /j { proxy_pass http://other-pool; }
}
`,
        'nginx/upstreams.conf': 'upstream other-pool { server api:1; }\n',
        'compose.yaml': `services:
  web:
    image: nginx
    volumes: ["./nginx/default.conf:/etc/nginx/conf.d/default.conf"]
  api:
    image: api
    networks:
      default:
        aliases: [backend-alias]
  app:
    image: app
    container_name: app_container
`,
      },
    },
    {
      name: 'networks of others, and a file that no service runs',
      files: {
        'nginx/default.conf': 'server { listen 80; location / { proxy_pass http://elsewhere:1; } }\n',
        'nginx/other.conf': 'server { listen 81; location / { proxy_pass http://elsewhere:1; } }\n',
        'compose.yaml': `services:
  web:
    image: nginx
    volumes: ["./nginx/default.conf:/etc/nginx/conf.d/default.conf"]
networks:
  shared:
    external: true
`,
      },
    },
    {
      name: 'no Compose file runs it',
      files: {
        'nginx/default.conf': 'server { listen 80; location / { proxy_pass http://elsewhere:1; } }\n',
        'compose.yaml': 'services:\n  web:\n    image: nginx\n',
      },
    },
    {
      name: 'a service of another Compose file in the folder',
      files: {
        'nginx/default.conf': 'server { listen 80; location / { proxy_pass http://app:1; } }\n',
        'compose.yaml':
          'services:\n  web:\n    image: nginx\n    volumes: ["./nginx/default.conf:/etc/nginx/conf.d/default.conf"]\n',
        'compose.app.yaml': 'services:\n  app:\n    image: app\n',
      },
    },
  ],
  check(document, context) {
    const { facts } = context;
    const services = servicesOf(facts, document.uri);
    if (services.length === 0) return;
    const known = knownHosts(facts, services);
    if (!known) return;
    const root = scopeOf(document, facts);
    // An include that is not there may bring upstreams.
    if ([...scopesAround(root)].some(({ complete }) => !complete)) return;
    for (const directive of allDirectives(document.tree.root)) {
      const word = targetOf(directive);
      const host = word && hostIn(word, document.text);
      if (!word || !host || known.has(host.name)) continue;
      context.report({
        span: host.span,
        message: `No service of Compose is called \`${host.name.slice(0, 40)}\`, so nginx exits at start: host not found in upstream.`,
        place: `${placeOf(directive)}[${host.name}]`,
        related: relatedOf(services),
        fixes: () => {
          const meant = nearestWord(host.name, known);
          return [
            meant === undefined
              ? undefined
              : {
                  title: `Change to ${meant}`,
                  safety: 'review',
                  risk: 'The service must listen on the port that is written here.',
                  edits: [{ span: host.span, text: meant }],
                  verify: 'nginx -t',
                },
          ];
        },
      });
    }
  },
});

type LocatedService = LocatedFact<ComposeServiceFact>;

/** The services that have a file as configuration of nginx, mounted or built in. */
function servicesOf(facts: FactReader, uri: string): readonly LocatedService[] {
  return containersOf(facts, uri).flatMap(({ service }) => {
    const { build, mounts = [] } = service?.fact ?? {};
    const isMounted = mounts.some(
      ({ sourceUri, target }) =>
        target !== null && NGINX_FOLDER.test(`${target}/`) && `${uri}/`.startsWith(`${sourceUri}/`),
    );
    return service && (isMounted || build) ? [service] : [];
  });
}

function relatedOf(services: readonly LocatedService[]): readonly Related[] {
  return services.slice(0, 3).map(({ uri, fact }) => ({
    uri,
    span: fact.span,
    message: `\`${fact.name}\` runs nginx with this file.`,
  }));
}

/** The names that nginx can look up in each of its containers; undefined where there may be others. */
function knownHosts(facts: FactReader, services: readonly LocatedService[]): ReadonlySet<string> | undefined {
  const known = new Set<string>(['localhost']);
  const byFolder = facts.derived(HOSTS_BY_FOLDER);
  for (const { uri, fact } of services) {
    if (!fact.complete || fact.networkMode !== undefined || fact.keys.includes('dns')) return undefined;
    for (const { names, open } of byFolder.get(dirname(uri)) ?? []) {
      if (open) return undefined;
      for (const name of names) known.add(name);
    }
  }
  for (const name of upstreamNames(facts)) known.add(name);
  return known;
}

/** Compose files of one folder may be run together. */
const HOSTS_BY_FOLDER: Derivation<ReadonlyMap<string, readonly ComposeHostsFact[]>> = {
  id: 'compose-hosts-by-folder',
  derive(facts) {
    const found = new Map<string, ComposeHostsFact[]>();
    for (const { uri, fact } of facts.all(composeHostsFacts))
      found.set(dirname(uri), [...(found.get(dirname(uri)) ?? []), fact]);
    return found;
  },
};

/** The word that names where requests go. */
function targetOf({ name, args, block, parent }: NginxDirective): NginxWord | undefined {
  const [word] = args;
  if (block || !word || word.opaque || word.value.includes('$')) return undefined;
  if (/^(?:proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass$/.test(name)) return word;
  return name === 'server' && parent.owner?.name === 'upstream' ? word : undefined;
}

/** The host of a target, where it can be the name of a service: a name without a dot. */
function hostIn(
  word: NginxWord,
  text: string,
): { name: string; span: { start: number; end: number } } | undefined {
  const name = /^(?:\w+:\/\/)?([A-Za-z][\w-]*)(?::\d+)?(?:\/|$)/.exec(word.value)?.[1];
  if (name === undefined || name === 'unix') return undefined;
  const raw = text.slice(word.span.start, word.span.end);
  const at = raw.search(new RegExp(`(?<![\\w-])${name}(?![\\w-])(?!://)`));
  if (at < 0) return undefined;
  const start = word.span.start + at;
  return { name, span: { start, end: start + name.length } };
}
