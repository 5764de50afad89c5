import { defineRule, type Fix } from '../core/rule.ts';
import { HSTS_SECONDS } from '../data/tls.ts';
import { addHeaderFixes, serverHeaderState } from './shared/headers.ts';
import { scopeOf } from './shared/model.ts';
import { httpServers, isLocalName, isReachable, refusesAll, type Server } from './shared/server.ts';

const HEADER = 'strict-transport-security';

export const rule = defineRule({
  id: 'nginx/hsts-missing',
  title: 'TLS server does not send Strict-Transport-Security',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'Whoever types the name of a site comes over plain HTTP first, where anyone on the line can keep them and read along. `Strict-Transport-Security` makes a browser use HTTPS by itself after the first visit, and takes away the button that skips a certificate error.',
    fix: 'Add the header with `always`, so that error pages carry it too. `add_header` is inherited all or none: where a block has headers of its own, the new line must stand there. Start with a short `max-age` if some subdomain may still lack HTTPS, since browsers remember the value.',
    falsePositives:
      'Reported only for servers that listen with TLS: behind a proxy that ends TLS, the proxy sends the header. Silent where an include cannot be followed, where a location, `more_set_headers` or Lua sets the header, for localhost and IP addresses, and for servers that turn everyone away.',
    cwe: [319],
    controls: ['CIS NGINX 2.1.0 4.1.8'],
    references: [
      'https://www.rfc-editor.org/rfc/rfc6797',
      'https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header',
      'https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Strict_Transport_Security_Cheat_Sheet.html',
    ],
  },
  bad: [
    {
      name: 'a file that is named after its host, and includes whose names say what they hold',
      files: {
        'sites-available/app.example.com': `upstream app { server app:8000; }
«server» {
    listen [::]:443 ssl http2;
    server_name app.example.com;
    include /etc/letsencrypt/options-ssl-nginx.conf;
    include snippets/gzip.conf;
    location / { include proxy_params; proxy_pass http://app; }
}
`,
        'nginx.conf': `events {}
http {
    include /etc/nginx/mime.types;
    server_tokens off;
    include /etc/nginx/sites-enabled/*;
}
`,
      },
      fixed: `upstream app { server app:8000; }
server {
    listen [::]:443 ssl http2;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    include /etc/letsencrypt/options-ssl-nginx.conf;
    include snippets/gzip.conf;
    location / { include proxy_params; proxy_pass http://app; }
}
`,
      offers: ['Add HSTS to this server', 'Add HSTS without subdomains to this server'],
    },
    {
      name: 'no header anywhere; the plain server is left alone',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 80;
        server_name app.example.com;
        return 301 https://$host$request_uri;
    }
    «server» {
        listen 443 ssl;
        server_name app.example.com;
        ssl_certificate     /etc/nginx/certs/app.pem;
        ssl_certificate_key /etc/nginx/certs/app.key; # 0400

        location / {
            proxy_pass http://app:8000;
        }
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80;
        server_name app.example.com;
        return 301 https://$host$request_uri;
    }
    server {
        listen 443 ssl;
        server_name app.example.com;
        ssl_certificate     /etc/nginx/certs/app.pem;
        ssl_certificate_key /etc/nginx/certs/app.key; # 0400
        add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;

        location / {
            proxy_pass http://app:8000;
        }
    }
}
`,
      offers: ['Add HSTS to this server', 'Add HSTS without subdomains to this server'],
    },
    {
      name: 'http owns the set of headers, so adding one in the server would drop them',
      files: {
        'nginx.conf': `events {}
http {
    add_header X-Frame-Options "SAMEORIGIN" always;

    server {
        listen 80;
        return 301 https://$host$request_uri;
    }
    «server» {
        listen 443 ssl;
        server_name app.example.com;
        location / { proxy_pass http://app:8000; }
        location /static/ {
            add_header Cache-Control "public";
            root /srv;
        }
    }
}
`,
      },
      fixed: `events {}
http {
    add_header X-Frame-Options "SAMEORIGIN" always;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;

    server {
        listen 80;
        return 301 https://$host$request_uri;
    }
    server {
        listen 443 ssl;
        server_name app.example.com;
        location / { proxy_pass http://app:8000; }
        location /static/ {
            add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
            add_header Cache-Control "public";
            root /srv;
        }
    }
}
`,
      offers: [
        'Add HSTS for all servers',
        'Add HSTS to this server, with the inherited headers',
        'Add HSTS without subdomains for all servers',
        'Add HSTS without subdomains to this server, with the inherited headers',
      ],
    },
    {
      name: 'the headers of http stand in another file: the server gets copies of them',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    root /srv/app;
}
`,
        'nginx/nginx.conf': `events {}
http {
    add_header X-Content-Type-Options nosniff always;
    include /etc/nginx/conf.d/*.conf;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header X-Content-Type-Options nosniff always;
    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    root /srv/app;
}
`,
      offers: [
        'Add HSTS to this server, with the inherited headers',
        'Add HSTS in nginx.conf',
        'Add HSTS without subdomains to this server, with the inherited headers',
        'Add HSTS without subdomains in nginx.conf',
      ],
    },
    {
      name: 'the server has headers; a server that only redirects needs it as well',
      files: {
        'nginx/sites-enabled/www.conf': `«server» {
	listen 443 ssl http2;
	listen [::]:443 ssl http2;
	server_name www.example.com;
	add_header X-Content-Type-Options "nosniff" always;
	return 301 https://example.com$request_uri;
}
`,
      },
      fixed: `server {
	listen 443 ssl http2;
	listen [::]:443 ssl http2;
	server_name www.example.com;
	add_header X-Content-Type-Options "nosniff" always;
	add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
	return 301 https://example.com$request_uri;
}
`,
    },
    {
      name: 'a block on one line stays on it',
      files: {
        'nginx/conf.d/app.conf':
          'upstream app { server app:1; }\n«server» { listen 443 ssl; server_name a.example.com; location / { proxy_pass http://app; } }\n',
      },
      fixed:
        'upstream app { server app:1; }\nserver { listen 443 ssl; server_name a.example.com; add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always; location / { proxy_pass http://app; } }\n',
    },
  ],
  good: [
    {
      name: 'a file beside it, which nginx reads too, sets it for all servers',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    location / { proxy_pass http://app:8000; }
}
`,
        'nginx/conf.d/00-headers.conf': 'add_header Strict-Transport-Security "max-age=63072000" always;\n',
      },
    },
    {
      name: 'the application sets it, and nginx lets it through',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    proxy_pass_header Strict-Transport-Security;
    location / { proxy_pass http://app:8000; }
}
`,
      },
    },
    {
      name: 'the header of http is inherited',
      files: {
        'nginx.conf': `events {}
http {
    add_header strict-transport-security "max-age=63072000" always;
    server {
        listen 443 ssl;
        server_name app.example.com;
        location / { proxy_pass http://app:8000; }
    }
}
`,
      },
    },
    {
      name: 'TLS ends at a proxy in front',
      files: {
        'nginx/conf.d/default.conf': `server {
    listen 8080;
    server_name app.example.com;
    set_real_ip_from 10.0.0.0/8;
    root /usr/share/nginx/html;
}
`,
      },
    },
    {
      name: 'an include that cannot be read may set it',
      files: {
        'nginx/sites-available/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    include snippets/security-headers.conf;
    location / { proxy_pass http://app:8000; }
}
`,
      },
    },
    {
      name: 'an include that can be read sets it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    include /etc/nginx/snippets/headers.conf;
    location / { proxy_pass http://app:8000; }
}
`,
        'nginx/snippets/headers.conf': 'add_header Strict-Transport-Security "max-age=63072000" always;\n',
      },
    },
    {
      name: 'headers-more, or the location that answers, sets it',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 443 ssl;
        server_name a.example.com;
        more_set_headers "Strict-Transport-Security: max-age=31536000";
        location / { proxy_pass http://a; }
    }
    server {
        listen 443 ssl;
        server_name b.example.com;
        location / {
            add_header Strict-Transport-Security "max-age=31536000" always;
            proxy_pass http://b;
        }
    }
}
`,
      },
    },
    {
      name: 'servers that turn everyone away, and one on this machine',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 443 ssl default_server;
        ssl_reject_handshake on;
    }
    server {
        listen 8443 ssl;
        server_name _;
        return 444;
    }
    server {
        listen 127.0.0.1:443 ssl;
        server_name localhost;
        location / { proxy_pass http://b; }
    }
}
`,
      },
    },
    {
      name: 'streams carry no headers',
      files: {
        'nginx.conf': `events {}
stream {
    server {
        listen 443 ssl;
        proxy_pass backend:443;
    }
}
`,
      },
    },
    {
      name: 'a template that puts it in under a condition',
      files: {
        'roles/web/templates/nginx-site.conf.j2': `server {
    listen 443 ssl;
    server_name {{ site_name }};
{% if hsts %}
    add_header Strict-Transport-Security "max-age={{ hsts_age }}" always;
{% endif %}
    {{ extra_config }}
    location / { proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const server of httpServers(scopeOf(document, context.facts))) {
      if (!needsHsts(server) || serverHeaderState(server, HEADER) !== 'no') continue;
      const owner = server.scope.block?.owner;
      if (!owner) continue;
      context.report({
        span: owner.nameSpan,
        message: `\`${server.label}\` sends no Strict-Transport-Security, so a browser's first request can be kept on plain HTTP.`,
        place: `${server.place}.hsts`,
        rollup: { key: server.place, noun: 'server', subject: `\`${server.label}\``, item: 'HSTS' },
        fixes: () => [
          ...addHeaderFixes(document, server, newHeader('HSTS', '; includeSubDomains'), WITH_SUBDOMAINS),
          ...addHeaderFixes(document, server, newHeader('HSTS without subdomains', ''), WITHOUT_SUBDOMAINS),
        ],
      });
    }
  },
});

const WITH_SUBDOMAINS: Pick<Fix, 'safety' | 'risk' | 'verify'> = {
  safety: 'review',
  risk: 'For two years browsers refuse plain HTTP and bad certificates for this name and every subdomain of it.',
  verify: 'nginx -t',
};

const WITHOUT_SUBDOMAINS: Pick<Fix, 'safety' | 'risk' | 'verify'> = {
  ...WITH_SUBDOMAINS,
  risk: 'For two years browsers refuse plain HTTP and bad certificates for this name.',
};

function newHeader(label: string, rest: string): Parameters<typeof addHeaderFixes>[2] {
  return {
    name: HEADER,
    label,
    line: `add_header Strict-Transport-Security "max-age=${HSTS_SECONDS}${rest}" always;`,
  };
}

function needsHsts(server: Server): boolean {
  if (!server.tls || !isReachable(server) || refusesAll(server)) return false;
  return server.names.length === 0 || !server.names.every(isLocalName);
}
