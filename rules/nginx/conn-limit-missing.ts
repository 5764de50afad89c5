import { defineRule } from '../core/rule.ts';
import { proxyingServers } from './shared/public-proxies.ts';
import { limitFix, limitStateWithin } from './shared/rate-limits.ts';

export const rule = defineRule({
  id: 'nginx/conn-limit-missing',
  title: 'Public server counts no connections',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /_pass\b/,
  docs: {
    why: 'A client that opens hundreds of connections and reads slowly holds as many of the application and of `worker_connections`, with few requests. A limit of requests does not see it.',
    fix: 'Define a zone in `http`, `limit_conn_zone $binary_remote_addr zone=connperip:10m;`, and use it in the server: `limit_conn connperip 50;`. With HTTP/2 each request that is under way counts as a connection, so take no small number.',
    falsePositives:
      'Reported for the servers that `rate-limit-missing` looks at: those that pass requests on and can be reached from outside without a known proxy in between.',
    cwe: [770],
    controls: ['CIS NGINX 2.1.0 5.2.4'],
    references: ['https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html'],
  },
  bad: [
    {
      name: 'requests are limited, connections are not',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    «server» {
        listen 443 ssl;
        server_name app.example.com;
        limit_req zone=a burst=20;
        location / { proxy_pass http://app; }
    }
}
`,
      },
      fixed: `events {}
http {
    limit_conn_zone $binary_remote_addr zone=connperip:10m;
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    server {
        listen 443 ssl;
        server_name app.example.com;
        limit_conn connperip 50;
        limit_conn_status 429;
        limit_req zone=a burst=20;
        location / { proxy_pass http://app; }
    }
}
`,
    },
    {
      name: 'a zone by address is there, and one that counts something else',
      files: {
        'nginx/conf.d/app.conf': `limit_conn_zone $server_name zone=all:1m;
limit_conn_zone $binary_remote_addr zone=addr:10m;
«server» {
    listen 443 ssl;
    server_name app.example.com;
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `limit_conn_zone $server_name zone=all:1m;
limit_conn_zone $binary_remote_addr zone=addr:10m;
server {
    listen 443 ssl;
    server_name app.example.com;
    limit_conn addr 50;
    limit_conn_status 429;
    location / { proxy_pass http://app; }
}
`,
    },
  ],
  good: [
    {
      name: 'connections are counted',
      files: {
        'nginx.conf': `events {}
http {
    limit_conn_zone $binary_remote_addr zone=a:10m;
    limit_conn a 20;
    server { listen 443 ssl; server_name a.example.com; location / { proxy_pass http://a; } }
}
`,
      },
    },
    {
      name: 'a proxy in front, and files only',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl proxy_protocol; server_name a.example.com; location / { proxy_pass http://a; } }
    server { listen 443 ssl; server_name b.example.com; root /srv; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const { server, isEdge } of proxyingServers(document, context.facts)) {
      const owner = server.scope.block?.owner;
      if (!owner || !isEdge || limitStateWithin(server.scope, 'limit_conn') !== 'no') continue;
      context.report({
        span: owner.nameSpan,
        message: `\`${server.label}\` counts no connections, so one client can hold all that nginx and the application have.`,
        place: `${server.place}.limit_conn`,
        rollup: {
          key: server.place,
          noun: 'server',
          subject: `\`${server.label}\``,
          item: 'connection limit',
        },
        fixes: () => [
          limitFix(document, context.facts, server.scope, {
            limit: 'limit_conn',
            zone: 'connperip',
            size: ':10m',
            rest: ' 50',
            fits: ({ key }) => /^\$(?:binary_)?remote_addr$/.test(key),
            title: 'Limit connections by address',
            risk: 'Clients with more than 50 requests under way get 429, offices behind one address among them.',
          }),
        ],
      });
    }
  },
});
