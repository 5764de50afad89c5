import type { Document } from '../../syntaxes/document.ts';
import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { insertAfter, removeDirective } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { restrictionOf } from './shared/restricted.ts';
import { matchOf } from './shared/route.ts';
import { type Item, type Scope, scopesIn } from './shared/scope.ts';

/** Directives that answer with the server's own state; `api` and `status` are those of NGINX Plus. */
const STATUS: ReadonlySet<string> = new Set([
  'stub_status',
  'vhost_traffic_status_display',
  'server_traffic_status_display',
  'check_status',
  'api',
  'status',
]);

export const rule = defineRule({
  id: 'nginx/status-exposed',
  title: 'Status page is open to everyone',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /status|\bapi\b|ping/,
  dev: 'off',
  docs: {
    why: 'The status page tells strangers how busy the server is, and with third-party modules the names of all hosts and backends. It also shows at once whether an attack is working.',
    fix: 'Allow the monitoring and deny everyone else. In containers the exporter comes from another address: allow its subnet instead of 127.0.0.1.',
    falsePositives:
      'Silent where an `allow` or `deny`, a password, a client certificate or `internal` stands in the location or around it, where an include may bring one, and where the server listens only on this machine.',
    cwe: [200],
    controls: ['CIS NGINX 2.1.0 5.1.1'],
    references: ['https://nginx.org/en/docs/http/ngx_http_stub_status_module.html'],
  },
  bad: [
    {
      name: 'open to all',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name app.example.com;
    location = /nginx_status {
        «stub_status»;
        access_log off;
    }
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 80;
    server_name app.example.com;
    location = /nginx_status {
        stub_status;
        allow 127.0.0.1;
        deny all;
        access_log off;
    }
    location / { proxy_pass http://app; }
}
`,
    },
    {
      name: 'the old spelling, on one line',
      files: {
        'nginx/conf.d/status.conf': 'server {\n\tlisten 8080;\n\tlocation /s { «stub_status» on; }\n}\n',
      },
      fixed: 'server {\n\tlisten 8080;\n\tlocation /s { stub_status on; allow 127.0.0.1; deny all; }\n}\n',
    },
    {
      name: 'of PHP-FPM, and of NGINX Plus; everyone may be written in two ways',
      files: {
        'nginx/conf.d/status.conf': `server {
    listen 80;
    location ~ ^/(status|ping)$ {
        «fastcgi_pass» php:9000;
    }
    location /api/ { allow all; «api» write=on; }
}
`,
      },
      fixed: `server {
    listen 80;
    location ~ ^/(status|ping)$ {
        fastcgi_pass php:9000;
        allow 127.0.0.1;
        deny all;
    }
    location /api/ { allow all; api write=on; }
}
`,
    },
    {
      name: 'a password that nobody is asked for, and a page at the top of a server',
      files: {
        'nginx/conf.d/status.conf': `server {
    listen 81;
    satisfy any;
    auth_basic "Operations";
    auth_basic_user_file /etc/nginx/htpasswd;
    location = /open { allow 10.0.0.0/8; allow all; deny all; «stub_status»; }
    location = /closed { allow 10.0.0.0/8; deny all; stub_status; }
    location = /asked { deny all; allow all; stub_status; }
}
server {
    listen 8081;
    «stub_status»;
}
server {
    listen 8082;
    stub_status;
    location / { return 404; }
}
`,
      },
      fixed: `server {
    listen 81;
    satisfy any;
    auth_basic "Operations";
    auth_basic_user_file /etc/nginx/htpasswd;
    location = /open { allow 10.0.0.0/8; deny all; stub_status; }
    location = /closed { allow 10.0.0.0/8; deny all; stub_status; }
    location = /asked { deny all; allow all; stub_status; }
}
server {
    listen 8081;
    stub_status;
}
server {
    listen 8082;
    stub_status;
    location / { return 404; }
}
`,
    },
    {
      name: 'a list for everyone',
      files: {
        'nginx/conf.d/status.conf': `server {
    listen 8081;
    location = /status {
        «stub_status»;
        allow all;
    }
}
`,
      },
      fixed: `server {
    listen 8081;
    location = /status {
        stub_status;
        allow 127.0.0.1;
        deny all;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'only for the monitoring, or behind a password',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { stub_status; allow 10.0.0.0/8; deny all; }
    location /b { stub_status; auth_basic "ops"; auth_basic_user_file /etc/nginx/ops; }
    location /c { include snippets/internal-only.conf; stub_status; }
    location /d { stub_status off; }
    location /e { return 200 "stub_status"; }
    location /f { allow 10.0.0.0/8; stub_status; }
    location = /status { proxy_pass http://app; }
    location ~ ^/orders/status$ { fastcgi_pass php:9000; }
}
`,
      },
    },
    {
      name: 'a server for this machine, and one whose limits stand above',
      files: {
        'nginx/conf.d/status.conf': `server {
    listen 127.0.0.1:8080;
    location /s { stub_status; }
}
server {
    listen 8081;
    allow 172.16.0.0/12;
    deny all;
    location /s { stub_status; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      if (!scope.block || !(scope.kind === 'location' || answersAtTop(scope))) continue;
      const directive = scope.items.find((item) => isStatus(item, scope))?.anchor;
      if (!directive || restrictionOf(scope) !== 'no') continue;
      context.report({
        span: directive.nameSpan,
        message:
          'Anyone can read the status page: how busy the server is and, with some modules, which backends it has.',
        place: placeOf(directive),
        fixes: () => [fixFor(document, scope, directive)],
      });
    }
  },
});

function fixFor(document: Document<'nginx'>, scope: Scope, directive: NginxDirective): Fix {
  const { text, tree } = document;
  const list = scope.items.filter(({ name }) => name === 'allow' || name === 'deny');
  const open = list.find(({ name, args }) => name === 'allow' && isEveryone(args[0]))?.anchor;
  const isEnded = list.some(({ name, args }) => name === 'deny' && args[0] === 'all');
  const hasOthers = list.some(({ name, args }) => name === 'allow' && !isEveryone(args[0]));
  const allowOne = 'allow 127.0.0.1;';
  let edits = [insertAfter(text, directive, [allowOne, 'deny all;'])];
  // The first entry that fits decides, so this one has to go.
  if (open?.name === 'allow') {
    edits = [hasOthers && isEnded ? removeDirective(text, open) : { span: open.span, text: allowOne }];
    if (!isEnded) edits.push(insertAfter(text, open, ['deny all;']));
  }
  // In a server the list would be for all its locations.
  if (tree.template || (scope.kind === 'server' && scope.children.length > 0)) edits = [];
  return {
    title: hasOthers && open ? 'Remove what allows everyone' : 'Allow only this machine',
    safety: 'review',
    risk: 'An exporter that comes from another container or host is refused until its address is allowed.',
    edits,
    verify: 'nginx -t',
  };
}

function isEveryone(address = ''): boolean {
  return /^(?:all|0\.0\.0\.0\/0|::\/0)$/.test(address);
}

/** Whether a server answers with what stands at its top: a location for `/` would take every request. */
function answersAtTop(scope: Scope): boolean {
  return (
    scope.kind === 'server' &&
    scope.complete &&
    !scope.children.some((child) => child.kind === 'location' && /^\/?$/.test(matchOf(child).pattern))
  );
}

function isStatus({ name, args, anchor }: Item, location: Scope): boolean {
  if (anchor?.name !== name) return false;
  if (STATUS.has(name)) return args[0]?.toLowerCase() !== 'off';
  return name === 'fastcgi_pass' && isOfPhp(location);
}

/** The status page of PHP-FPM by the names that its manual and packages give it. */
function isOfPhp(location: Scope): boolean {
  const { pattern } = matchOf(location);
  return /^\^?\/\(?(?:(?:php-?)?fpm[-_]?)?(?:status|ping)(?:\|(?:(?:php-?)?fpm[-_]?)?(?:status|ping))*\)?(?:\$|\\\.php\$)?$/.test(
    pattern,
  );
}
