import { defineRule } from '../core/rule.ts';
import { removeDirective } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed, type Scope, scopesIn } from './shared/scope.ts';
import { isReachable, serverOf, servesContent } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/access-log-off',
  title: 'Requests are not logged',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /access_log/,
  docs: {
    why: 'Without the access log nobody can tell afterwards who asked for what: an attack leaves no trace, an outage no cause, and tools that ban addresses see nothing.',
    fix: 'Leave the log on for `http` and servers, and switch it off only in locations for health checks and static files. `access_log … if=$loggable` leaves out single requests.',
    falsePositives:
      'Silent in locations, in servers that only redirect, refuse or are for this machine, and where all servers or the main location have a log of their own.',
    cwe: [778],
    controls: ['CIS NGINX 2.1.0 3.2'],
    references: ['https://nginx.org/en/docs/http/ngx_http_log_module.html#access_log'],
  },
  bad: [
    {
      name: 'for everything',
      files: {
        'nginx.conf': `events {}
http {
    access_log «off»;
    server {
        listen 80;
        root /srv;
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80;
        root /srv;
    }
}
`,
    },
    {
      name: 'for one server, in quotes',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    access_log   «'off'»;   # too noisy
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    # too noisy
    location / { proxy_pass http://app; }
}
`,
    },
  ],
  good: [
    {
      name: 'for locations, and what leaves requests out by a condition',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    access_log /var/log/nginx/access.log main if=$loggable;
    location = /health { access_log off; return 200; }
    location /static/ { access_log off; root /srv; }
    location / { proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'servers that only redirect, refuse or show their status',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; access_log off; return 301 https://$host$request_uri; }
server { listen 81 default_server; access_log off; return 444; }
server { listen 127.0.0.1:82; access_log off; root /srv; }
server { listen 83; access_log off; location /nginx_status { stub_status; allow 10.0.0.0/8; deny all; } }
server { listen 84; access_log off; location / { access_log /dev/stdout; proxy_pass http://app; } }
`,
      },
    },
    {
      name: 'every server has its own, or nothing is known of them',
      files: {
        'nginx/nginx.conf': `events {}
http {
    access_log off;
    server { listen 80; access_log /var/log/nginx/a.log; root /srv; }
    include /etc/nginx/sites-enabled/*;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const own = itemsNamed(scope, 'access_log');
      const anchor = own[0]?.anchor;
      const word = anchor?.name === 'access_log' ? anchor.args[0] : undefined;
      if (!anchor || !word || own.length > 1 || !isOff(scope) || !matters(scope)) continue;
      context.report({
        span: word.span,
        message: 'Nobody can tell afterwards who asked for what: requests are not logged here.',
        place: placeOf(anchor),
        fixes: () => [
          {
            title: 'Log requests again',
            safety: 'review',
            risk: 'The log takes room on the disk and holds the addresses of visitors, so it must be rotated and kept for a limited time.',
            edits: [removeDirective(document.text, anchor)],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** Only `off` in lower case switches it off; nginx writes anything else into a file of that name. */
function isOff(scope: Scope): boolean {
  return itemsNamed(scope, 'access_log').some(({ args }) => args[0] === 'off');
}

/** Whether requests with content go unlogged because of a block. */
function matters(scope: Scope): boolean {
  if (scope.kind === 'server') return isUnlogged(scope);
  if (scope.kind !== 'http') return false;
  const servers = scope.children.filter(({ kind }) => kind === 'server');
  return servers.some((server) => itemsNamed(server, 'access_log').length === 0 && isUnlogged(server));
}

function isUnlogged(scope: Scope): boolean {
  if (scope.parent?.kind !== 'http' || !scope.complete) return false;
  const server = serverOf(scope);
  if (!isReachable(server) || !servesContent(server)) return false;
  return !scope.children.some(
    (child) =>
      child.kind === 'location' &&
      child.args.at(-1) === '/' &&
      itemsNamed(child, 'access_log').some(({ args }) => args[0] !== 'off'),
  );
}
