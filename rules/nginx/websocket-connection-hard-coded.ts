import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { byMap, type NewMap } from './shared/maps.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { proxyingScopes } from './shared/proxying.ts';
import type { Scope } from './shared/scope.ts';
import { asksForUpgrade, isHardCoded, ownDirective, upgradeOf } from './shared/websocket.ts';

export const rule = defineRule({
  id: 'nginx/websocket-connection-hard-coded',
  title: 'Every request asks the upstream to switch protocols',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /upgrade/i,
  docs: {
    why: '`Connection "upgrade"` goes with every request, also with those that open no WebSocket: connections to the upstream are never kept open, and some servers answer such requests with an error.',
    fix: 'Let a `map` of `$http_upgrade` decide: `upgrade` where the client asks for it, else nothing or `close`.',
    falsePositives: 'Where all requests of a location are WebSockets it makes no difference.',
    references: ['https://nginx.org/en/docs/http/websocket.html'],
  },
  bad: [
    {
      name: 'a file of a server',
      files: {
        'nginx/conf.d/app.conf': `# the app
server {
    listen 80;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection «"upgrade"»;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `# the app
map $http_upgrade $connection_upgrade {
    default upgrade;
    "" close;
}

server {
    listen 80;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "$connection_upgrade";
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'the map has another name, in another file',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection «Upgrade»;
        proxy_pass http://app;
    }
}
`,
        'nginx/nginx.conf': `events {}
http {
    map $http_upgrade $ws { default upgrade; '' ''; }
    include conf.d/*.conf;
}
`,
      },
      fixed: `server {
    listen 80;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $ws;
        proxy_pass http://app;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'a map decides, or nothing is switched',
      files: {
        'nginx/conf.d/app.conf': `map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
    listen 80;
    location /a { proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; proxy_http_version 1.1; proxy_pass http://a; }
    location /b { proxy_set_header Connection ""; proxy_http_version 1.1; proxy_pass http://b; }
}
`,
      },
    },
    {
      name: 'a location of nothing but WebSockets',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /socket.io/ {
        proxy_http_version 1.1;
        proxy_set_header Upgrade websocket;
        proxy_set_header Connection upgrade;
        proxy_pass http://app;
    }
}
`,
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    const seen = new Set<NginxDirective>();
    for (const scope of proxyingScopes(root)) {
      const { upgrade, connection } = upgradeOf(scope) ?? {};
      const directive = ownDirective(connection);
      const value = directive?.args[1];
      if (!directive || !value || seen.has(directive) || isAllWebSockets(scope)) continue;
      if (!isHardCoded(connection) || !asksForUpgrade(upgrade)) continue;
      seen.add(directive);
      context.report({
        span: value.span,
        message:
          '`Connection` is `upgrade` for every request, so no connection to the upstream is kept open.',
        place: `${placeOf(directive)}[Connection]`,
        fixes: () => [
          byMap(document, root, value, MAP, { title: 'Ask only where the client does', safety: 'safe' }),
        ],
      });
    }
  },
});

function isAllWebSockets({ kind, args }: Scope): boolean {
  return (
    kind === 'location' &&
    /\b(?:ws|wss|websockets?|socket\.io|sockjs|sockjs-node|hubs?|cable|live)\b/i.test(args.at(-1) ?? '')
  );
}

const MAP: NewMap = {
  source: '$http_upgrade',
  variable: '$connection_upgrade',
  entries: ['default upgrade;', '"" close;'],
};
