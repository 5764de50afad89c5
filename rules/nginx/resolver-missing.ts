import { allDirectives, type NginxBlock } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { containersOf } from './shared/containers.ts';
import { insertBefore } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { type Scope, scopesAround, scopesIn } from './shared/scope.ts';
import { hostOfTarget, isAddress, upstreamNames } from './shared/upstream-names.ts';

export const rule = defineRule({
  id: 'nginx/resolver-missing',
  title: 'Name in a variable cannot be looked up',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /_pass\s+[^;]*\$/,
  docs: {
    why: 'A name that stands in a variable is looked up when a request comes, and for that nginx needs a `resolver`. Without one it starts without a word and answers every request with 502: "no resolver defined to resolve".',
    fix: "Set `resolver 127.0.0.11 valid=30s;` in a container of Docker, else the machine's own resolver.",
    falsePositives:
      'Names of an `upstream`, addresses and values that are not known need none and are left alone. An include that cannot be read may set it.',
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver'],
  },
  bad: [
    {
      name: 'a name that is set before, and the whole target',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 80;
        set $backend "http://app:8000";
        location /a {
            set $name app;
            proxy_pass «http://$name:8000»;
        }
        location /b { proxy_pass «$backend»; }
        location /c { proxy_pass «https://\${host}.example.com»; }
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80;
        set $backend "http://app:8000";
        location /a {
            set $name app;
            resolver 127.0.0.53;
            proxy_pass http://$name:8000;
        }
        location /b { proxy_pass $backend; }
        location /c { proxy_pass https://\${host}.example.com; }
    }
}
`,
    },
    {
      name: 'in a container',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server {
        listen 80;
        location ~ ^/(\\w+)/ {
            proxy_pass «http://$1:8000»;
        }
    }
}
`,
        'compose.yaml': `services:
  web:
    image: nginx
    volumes: ["./nginx/nginx.conf:/etc/nginx/nginx.conf"]
`,
      },
      fixed: `events {}
http {
    server {
        listen 80;
        location ~ ^/(\\w+)/ {
            resolver 127.0.0.11 valid=30s;
            proxy_pass http://$1:8000;
        }
    }
}
`,
    },
  ],
  good: [
    {
      name: 'with a resolver, names of an upstream, addresses, and variables behind the host',
      files: {
        'nginx.conf': `events {}
http {
    upstream app { server 10.0.0.1; }
    map $uri $pool { default app; }
    server {
        listen 80;
        location /a { resolver 127.0.0.11; set $x y; proxy_pass http://$x; }
        location /b { set $x app; proxy_pass http://$x; }
        location /c { set $x 127.0.0.1; proxy_pass http://$x:80; }
        location /d { proxy_pass http://$pool; }
        location /e { proxy_pass http://app$request_uri; }
        location /f { proxy_pass http://$server_addr:81; }
        location /g { fastcgi_pass unix:/run/$name.sock; }
    }
}
`,
      },
    },
    {
      name: 'the resolver may be set elsewhere',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    include /config/nginx/resolver.conf;\n    location / { set $x y; proxy_pass http://$x; }\n}\n',
        'nginx/nginx.conf': 'events {}\nhttp { resolver 127.0.0.53; include conf.d/*.conf; }\n',
      },
    },
  ],
  check(document, { facts, report }) {
    const values = assignments(document.tree.root);
    for (const scope of scopesIn(scopeOf(document, facts))) {
      if (!scope.block) continue;
      for (const item of scope.items) {
        const anchor = item.anchor;
        const word = anchor?.name === item.name ? anchor?.args[0] : undefined;
        if (!anchor || !word || word.opaque || !/^(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass$/.test(item.name))
          continue;
        if (!isLookedUp(word.value, values, upstreamNames(facts)) || hasResolver(scope)) continue;
        const resolver = containersOf(facts, document.uri).length > 0 ? '127.0.0.11 valid=30s' : '127.0.0.53';
        report({
          span: word.span,
          message: `Requests get 502: no \`resolver\` is set to look up the name that \`${word.value.slice(0, 40)}\` comes to.`,
          place: `${placeOf(anchor)}[${word.value.slice(0, 60)}]`,
          fixes: () => [
            {
              title: `Set resolver ${resolver}`,
              safety: 'review',
              risk: 'A resolver must listen at this address where nginx runs.',
              edits: document.tree.template
                ? []
                : [insertBefore(document.text, anchor, [`resolver ${resolver};`])],
              verify: 'nginx -t',
            },
          ],
        });
      }
    }
  },
});

/** What `set` gives each variable of a file; undefined for one that gets several values or none that is known. */
function assignments(root: NginxBlock): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>();
  for (const { name, args, block } of allDirectives(root)) {
    const [variable, value] = args;
    if (name !== 'set' || block || !variable || !value) continue;
    const known = value.opaque || value.value.includes('$') ? undefined : value.value;
    const key = variable.value.replace(/^\$/, '');
    values.set(key, values.has(key) && values.get(key) !== known ? undefined : known);
  }
  return values;
}

/** Variables of requests that may hold names. */
const OF_REQUESTS = /^(?:host|http_host|http_\w+|arg_\w+|cookie_\w+|server_name|\d)$/;

/** Whether a target holds a name that is looked up when a request comes. */
function isLookedUp(
  target: string,
  values: ReadonlyMap<string, string | undefined>,
  upstreams: ReadonlySet<string>,
): boolean {
  const host = hostOfTarget(target);
  const variables = [...(host ?? '').matchAll(/\$(?:\{(\w+)\}|(\w+))/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  const [variable] = variables;
  if (host === undefined || variable === undefined || variables.length > 1) return false;
  if (OF_REQUESTS.test(variable)) return true;
  const value = values.get(variable);
  if (value === undefined) return false;
  const isWhole = /^\$\{?\w+\}?$/.test(host);
  const name = isWhole ? hostOfTarget(value) : value;
  return name !== undefined && !isAddress(name) && !(isWhole && upstreams.has(name));
}

function hasResolver(scope: Scope): boolean {
  const { item, certain } = effectiveValue(scope, 'resolver');
  if (item !== undefined || !certain) return true;
  // An include about resolvers counts as harmless elsewhere, and is just what is asked for here.
  return [...scopesAround(scope)].some(({ unread }) => unread.some((pattern) => /resolv|dns/i.test(pattern)));
}
