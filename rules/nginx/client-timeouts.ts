import { defineRule } from '../core/rule.ts';
import { insertFirst } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { scopesIn } from './shared/scope.ts';
import { serverOf, servesContent } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/client-timeouts',
  title: 'No timeout for clients is set',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /\bhttp\b/,
  docs: {
    why: 'By default nginx waits a minute for each next part of a request, and as long for a client that does not read. Someone who sends a byte every fifty seconds keeps a connection for hours; a thousand of them keep all (Slowloris).',
    fix: 'Set `client_header_timeout` and `client_body_timeout` to some seconds, and `send_timeout` with them. They count between two parts, not for a whole upload, so large files are safe. Slow mobile networks need more than 10 seconds.',
    falsePositives:
      'Reported only for whole configurations in which none of the four timeouts stands anywhere, and silent where an include is not known and where no server answers with content.',
    cwe: [400, 770],
    controls: ['CIS NGINX 2.1.0 2.4.3', 'CIS NGINX 2.1.0 5.2.1'],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#client_header_timeout'],
  },
  bad: [
    {
      name: 'nothing is set',
      files: {
        'nginx.conf': `events {}
«http» {
    include mime.types;
    server { listen 80; root /srv; }
}
`,
      },
      fixed: `events {}
http {
    client_header_timeout 15s;
    client_body_timeout 15s;
    send_timeout 15s;
    keepalive_timeout 65s;
    include mime.types;
    server { listen 80; root /srv; }
}
`,
    },
    {
      name: 'an included file is known and sets nothing of it',
      files: {
        'nginx/nginx.conf': `events {}
«http» {
	include /etc/nginx/conf.d/*.conf;
}
`,
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    root /srv;\n}\n',
      },
      fixed: `events {}
http {
	client_header_timeout 15s;
	client_body_timeout 15s;
	send_timeout 15s;
	keepalive_timeout 65s;
	include /etc/nginx/conf.d/*.conf;
}
`,
    },
  ],
  good: [
    {
      name: 'one of them',
      files: {
        'nginx/nginx.conf':
          'events {}\nhttp {\n    keepalive_timeout 65;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'in a server',
      files: {
        'nginx.conf': 'events {}\nhttp {\n    server { listen 80; client_body_timeout 10s; root /srv; }\n}\n',
      },
    },
    {
      name: 'in an included file',
      files: {
        'nginx/nginx.conf': 'events {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n',
        'nginx/conf.d/timeouts.conf': 'client_header_timeout 10s;\n',
      },
    },
    {
      name: 'an include that is not known',
      files: {
        'nginx/nginx.conf':
          'events {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'servers that only redirect',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    server { listen 80; return 301 https://$host$request_uri; }\n}\n',
      },
    },
    {
      name: 'bytes',
      files: { 'nginx.conf': 'events {}\nstream { server { listen 1; proxy_pass a:1; } }\n' },
    },
  ],
  check(document, context) {
    if (document.tree.context !== 'main') return;
    const http = scopeOf(document, context.facts).children.find(
      ({ kind, block }) => kind === 'http' && block,
    );
    const { block } = http ?? {};
    if (!http || !block?.owner || http.unreadServers) return;
    const all = [...scopesIn(http)];
    const hasServer = all.some((scope) => scope.kind === 'server' && servesContent(serverOf(scope)));
    if (
      !hasServer ||
      all.some(({ complete, items }) => !complete || items.some(({ name }) => NAMES.test(name)))
    )
      return;
    context.report({
      span: block.owner.nameSpan,
      message:
        'Clients that send a byte a minute keep their connections, so a few of them can keep all that nginx has.',
      place: 'http.client_timeouts',
      rollup: { key: 'nginx', noun: 'server', subject: '`nginx`', item: 'client timeouts' },
      fixes: () =>
        document.tree.template
          ? []
          : [
              {
                title: 'Set the timeouts for clients',
                safety: 'review',
                risk: 'Clients that stop for more than 15 seconds in the middle of a request or an answer are cut off.',
                edits: [
                  insertFirst(document.text, block, [
                    'client_header_timeout 15s;',
                    'client_body_timeout 15s;',
                    'send_timeout 15s;',
                    'keepalive_timeout 65s;',
                  ]),
                ],
                verify: 'nginx -t',
              },
            ],
    });
  },
});

const NAMES =
  /^(?:client_(?:body|header)_timeout|send_timeout|keepalive_timeout|lingering_timeout|reset_timedout_connection)$/;
