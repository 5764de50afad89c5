import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isRestricted } from './shared/access.ts';
import { insertAfter } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

/** Directives that answer with the server's own state. */
const STATUS: ReadonlySet<string> = new Set(['stub_status', 'vhost_traffic_status_display', 'check_status']);

export const rule = defineRule({
  id: 'nginx/status-exposed',
  title: 'Status page is open to everyone',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
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
    for (const directive of allDirectives(document.tree.root)) {
      if (!STATUS.has(directive.name) || directive.block || directive.args[0]?.value === 'off') continue;
      if (
        directive.parent.owner?.name !== 'location' ||
        isRestricted(directive) ||
        mayBeRestricted(directive)
      )
        continue;
      context.report({
        span: directive.nameSpan,
        message:
          'Anyone can read the status page: how busy the server is and, with some modules, which backends it has.',
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Allow only this machine',
            safety: 'review',
            risk: 'An exporter that comes from another container or host is refused until its address is allowed.',
            edits: [insertAfter(document.text, directive, ['allow 127.0.0.1;', 'deny all;'])],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** An `allow` shows that someone thought of it; an include and a placeholder may hold anything. */
function mayBeRestricted(directive: NginxDirective): boolean {
  for (
    let block: NginxDirective['parent'] | undefined = directive.parent;
    block;
    block = block.owner?.parent
  ) {
    if (block.owner?.name === 'http') return false;
    if (
      block.directives.some(
        ({ name, args, opaque }) => opaque || (name === 'include' && !args[0]?.value.endsWith('mime.types')),
      )
    )
      return true;
    if (block.directives.some(({ name, args }) => name === 'allow' && args[0]?.value !== 'all')) return true;
  }
  return false;
}
