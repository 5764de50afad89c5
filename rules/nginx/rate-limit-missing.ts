import { defineRule } from '../core/rule.ts';
import { proxyingServers } from './shared/public-proxies.ts';
import { limitFix, limitStateWithin } from './shared/rate-limits.ts';

export const rule = defineRule({
  id: 'nginx/rate-limit-missing',
  title: 'Public server limits no requests',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /_pass\b/,
  docs: {
    why: 'One client can send as many requests as its line carries. Each of them costs the application a worker or a connection to the database, so a script with a loop takes a site down, and passwords can be guessed without end.',
    fix: 'Define a zone in `http`, `limit_req_zone $binary_remote_addr zone=perip:10m rate=10r/s;`, and use it in the server: `limit_req zone=perip burst=20 nodelay;`. Let `limit_req_dry_run on;` tell in the log whom it would hit.',
    falsePositives:
      'Reported for servers that pass requests on and have TLS, or a public name on port 80. Silent where an include or another module may limit, where one location has a limit, where a proxy in front is known (`set_real_ip_from`, `proxy_protocol`), for protected servers and those of this machine.',
    cwe: [770, 307],
    controls: ['CIS NGINX 2.1.0 5.2.5'],
    references: ['https://nginx.org/en/docs/http/ngx_http_limit_req_module.html'],
  },
  bad: [
    {
      name: 'a whole configuration without a zone',
      files: {
        'nginx.conf': `events {}
http {
    include mime.types;
    «server» {
        listen 443 ssl;
        server_name app.example.com;
        location / {
            proxy_pass http://app:8000;
        }
    }
}
`,
      },
      fixed: `events {}
http {
    limit_req_zone $binary_remote_addr zone=perip:10m rate=10r/s;
    include mime.types;
    server {
        listen 443 ssl;
        server_name app.example.com;
        limit_req zone=perip burst=20 nodelay;
        limit_req_status 429;
        location / {
            proxy_pass http://app:8000;
        }
    }
}
`,
    },
    {
      name: 'a zone is there, in the file around it, and a status as well',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    location /static/ { root /srv; }
    location / { uwsgi_pass app:3031; }
}
`,
        'nginx/nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;
    limit_req_zone $binary_remote_addr zone=general:10m rate=30r/s;
    limit_req_status 429;
    include /etc/nginx/conf.d/*.conf;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    limit_req zone=general burst=20 nodelay;
    location /static/ { root /srv; }
    location / { uwsgi_pass app:3031; }
}
`,
    },
    {
      name: 'a file of a site, and a name of the internet on port 80',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    server_name app.example.com;
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `limit_req_zone $binary_remote_addr zone=perip:10m rate=10r/s;
server {
    listen 80;
    server_name app.example.com;
    limit_req zone=perip burst=20 nodelay;
    limit_req_status 429;
    location / { proxy_pass http://app; }
}
`,
    },
  ],
  good: [
    {
      name: 'limits of http, of the server, of one location',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    server {
        listen 443 ssl;
        server_name a.example.com;
        limit_req zone=a burst=20;
        location / { proxy_pass http://a; }
    }
    server {
        listen 443 ssl;
        server_name b.example.com;
        location / { proxy_pass http://b; }
        location /login { limit_req zone=a burst=5; proxy_pass http://b; }
    }
}
`,
      },
    },
    {
      name: 'an include may limit: one that cannot be read, and one that says so',
      files: {
        'nginx/sites-available/app.conf': `server {
    listen 443 ssl;
    server_name a.example.com;
    include /config/nginx/site.conf;
    location / { proxy_pass http://a; }
}
server {
    listen 443 ssl;
    server_name b.example.com;
    include snippets/rate-limit.conf;
    location / { proxy_pass http://b; }
}
`,
      },
    },
    {
      name: 'a proxy in front, a server for this machine, a protected one, a container behind others',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl; server_name a.example.com; set_real_ip_from 10.0.0.0/8; location / { proxy_pass http://a; } }
    server { listen 127.0.0.1:443 ssl; location / { proxy_pass http://a; } }
    server { listen 8443 ssl; allow 10.0.0.0/8; deny all; location / { proxy_pass http://a; } }
    server { listen 8080; location / { proxy_pass http://a; } }
    server { listen 80; server_name localhost; location / { proxy_pass http://a; } }
}
`,
      },
    },
    {
      name: 'nothing is passed on',
      files: {
        'nginx/conf.d/default.conf': `server {
    listen 443 ssl;
    server_name www.example.com;
    root /usr/share/nginx/html;
}
server {
    listen 443 ssl;
    server_name example.com;
    return 301 https://www.example.com$request_uri;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const { server, isEdge } of proxyingServers(document, context.facts)) {
      const owner = server.scope.block?.owner;
      if (!owner || !isEdge || limitStateWithin(server.scope, 'limit_req') !== 'no') continue;
      context.report({
        span: owner.nameSpan,
        message: `\`${server.label}\` limits no requests, so one client can keep the application busy or guess passwords without end.`,
        place: `${server.place}.limit_req`,
        rollup: { key: server.place, noun: 'server', subject: `\`${server.label}\``, item: 'rate limit' },
        fixes: () => [
          limitFix(document, context.facts, server.scope, {
            limit: 'limit_req',
            zone: 'perip',
            size: ':10m rate=10r/s',
            rest: ' burst=20 nodelay',
            fits: ({ rate, key }) => rate !== undefined && rate >= 5 && key.includes('remote_addr'),
            title: 'Limit requests by address',
            risk: 'Clients with more requests get 429: pages with many small files, and offices that share one address.',
          }),
        ],
      });
    }
  },
});
