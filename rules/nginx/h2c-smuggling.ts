import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { insertAtHttp } from './shared/http-level.ts';
import { effectiveSet, effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { enclosing, type Item, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/h2c-smuggling',
  title: 'Upgrades to any protocol pass by the rules of other locations',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\$\{?http_upgrade/,
  docs: {
    why: 'With `Upgrade` and `Connection` as the client sends them, a client can ask the upstream for HTTP/2 in clear text (`h2c`). After that nginx only passes bytes on, and the client fetches any path through this connection: also those that other locations deny or ask a password for.',
    fix: 'Let through WebSocket only: `map $http_upgrade $upgrade { default ""; websocket websocket; }`, and `Connection` by a map of that variable.',
    falsePositives:
      'Reported only where both headers are passed on raw, in a location for all paths, of a server in which another location is protected. The usual recipe for WebSocket, with `Connection "upgrade"` or a `map`, is not reported.',
    cwe: [444],
    references: [
      'https://nginx.org/en/docs/http/websocket.html',
      'https://www.rfc-editor.org/rfc/rfc7540#section-3.2',
    ],
  },
  bad: [
    {
      name: 'beside a location that only some may use',
      files: {
        'nginx.conf': `events {}
http {
    include mime.types;
    server {
        listen 443 ssl;
        server_name app.example.com;
        location / {
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection «$http_connection»;
            proxy_pass http://app;
        }
        location /admin/ { deny all; }
    }
}
`,
      },
      fixed: `events {}
http {
    map $http_upgrade $websocket_upgrade { default ""; websocket $http_upgrade; }
    map $websocket_upgrade $websocket_connection { default upgrade; "" close; }
    include mime.types;
    server {
        listen 443 ssl;
        server_name app.example.com;
        location / {
            proxy_http_version 1.1;
            proxy_set_header Upgrade $websocket_upgrade;
            proxy_set_header Connection $websocket_connection;
            proxy_pass http://app;
        }
        location /admin/ { deny all; }
    }
}
`,
    },
    {
      name: 'headers of the server; a location with a password',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    proxy_http_version 1.1;
    proxy_set_header Connection «"$http_connection"»;
    proxy_set_header Upgrade "\${http_upgrade}";
    location / { proxy_pass http://app; }
    location /metrics { auth_basic "ops"; auth_basic_user_file /etc/nginx/ops; proxy_pass http://app; }
}
`,
      },
      fixed: `map $http_upgrade $websocket_upgrade { default ""; websocket $http_upgrade; }
map $websocket_upgrade $websocket_connection { default upgrade; "" close; }
server {
    listen 443 ssl;
    proxy_http_version 1.1;
    proxy_set_header Connection "$websocket_connection";
    proxy_set_header Upgrade "$websocket_upgrade";
    location / { proxy_pass http://app; }
    location /metrics { auth_basic "ops"; auth_basic_user_file /etc/nginx/ops; proxy_pass http://app; }
}
`,
    },
  ],
  good: [
    {
      name: 'the recipes for WebSocket',
      files: {
        'nginx/conf.d/app.conf': `map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
    listen 443 ssl;
    proxy_http_version 1.1;
    location / {
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_pass http://app;
    }
    location = / {
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_pass http://app;
    }
    location /admin/ { deny all; }
}
`,
      },
    },
    {
      name: 'nothing is protected, or only one path is passed on like this',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    proxy_http_version 1.1;
    location / {
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        proxy_pass http://app;
    }
    location /static/ { root /srv; }
}
server {
    listen 444 ssl;
    proxy_http_version 1.1;
    location /ws {
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        proxy_pass http://app;
    }
    location /admin/ { deny all; }
}
`,
      },
    },
    {
      name: 'HTTP/1.0 to the upstream knows no upgrade',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location / {
        proxy_http_version 1.0;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        proxy_pass http://app;
    }
    location /admin/ { deny all; }
}
`,
      },
    },
  ],
  check(document, context) {
    const reported = new Set<Item>();
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      if (!scope.block || scope.kind !== 'location' || scope.args.at(-1) !== '/') continue;
      const raw = rawUpgrade(scope);
      const { anchor } = raw?.connection ?? {};
      const value = anchor?.args[1];
      if (!raw || !anchor || !value || anchor.name !== 'proxy_set_header') continue;
      if (reported.has(raw.connection) || !protectsOthers(scope)) continue;
      reported.add(raw.connection);
      context.report({
        span: value.span,
        message:
          'Clients can upgrade to HTTP/2 in clear text and then fetch the paths that other locations protect; let through WebSocket only.',
        place: `${placeOf(anchor)}[Connection]`,
        fixes: () => [websocketOnly(document, raw)],
      });
    }
  },
});

interface RawUpgrade {
  readonly upgrade: Item;
  readonly connection: Item;
}

/** The two headers, where a location passes both on as they came. */
function rawUpgrade(scope: Scope): RawUpgrade | undefined {
  if (!scope.items.some(({ name }) => name === 'proxy_pass')) return undefined;
  const { items } = effectiveSet(scope, 'proxy_set_header');
  const [upgrade, connection] = ['upgrade', 'connection'].map((header) =>
    items.find(
      ({ args }) =>
        args[0]?.toLowerCase() === header &&
        (args[1] === `$http_${header}` || args[1] === `\${http_${header}}`),
    ),
  );
  if (!upgrade || !connection) return undefined;
  const version = effectiveValue(scope, 'proxy_http_version').item;
  return version && version.args[0] !== '1.0' ? { upgrade, connection } : undefined;
}

/** Whether another location of the server is not for everyone. */
function protectsOthers(scope: Scope): boolean {
  const server = enclosing(scope, 'server');
  if (!server) return false;
  return [...scopesIn(server)].some(
    (other) =>
      other.kind === 'location' &&
      other !== scope &&
      other.items.some(({ name, args }) => {
        if (name === 'deny') return args[0] === 'all';
        if (name === 'return') return args[0] === '403' || args[0] === '404';
        return (name === 'auth_basic' || name === 'auth_request') && args[0] !== 'off';
      }),
  );
}

const MAPS = [
  'map $http_upgrade $websocket_upgrade { default ""; websocket $http_upgrade; }',
  'map $websocket_upgrade $websocket_connection { default upgrade; "" close; }',
];

function websocketOnly(document: Document<'nginx'>, { upgrade, connection }: RawUpgrade): Fix | undefined {
  const words = [upgrade, connection].map(({ anchor }) =>
    anchor?.name === 'proxy_set_header' ? anchor.args[1] : undefined,
  );
  const maps = document.text.includes('$websocket_') ? undefined : insertAtHttp(document, MAPS);
  const [forUpgrade, forConnection] = words;
  if (!maps || !forUpgrade || !forConnection) return undefined;
  const edits: readonly Edit[] = [
    maps,
    replaceWord(forUpgrade, '$websocket_upgrade'),
    replaceWord(forConnection, '$websocket_connection'),
  ];
  return {
    title: 'Let through WebSocket only',
    safety: 'review',
    risk: 'Upgrades to other protocols than WebSocket no longer reach the upstream.',
    edits,
    verify: 'nginx -t',
  };
}
