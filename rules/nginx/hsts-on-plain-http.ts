import { defineRule } from '../core/rule.ts';
import { headerOf } from './shared/headers.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed, type Scope, scopesIn } from './shared/scope.ts';
import { httpServers } from './shared/server.ts';
import { tlsElsewhere } from './shared/tls-elsewhere.ts';

export const rule = defineRule({
  id: 'nginx/hsts-on-plain-http',
  title: 'HSTS over plain HTTP',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /strict-transport-security/i,
  docs: {
    why: 'Browsers ignore Strict-Transport-Security that comes over plain HTTP, and servers must not send it there (RFC 6797). It protects nobody, and looks as if the site had it.',
    fix: 'Set the header in the server for HTTPS; let that for HTTP do nothing but redirect.',
    falsePositives:
      'Behind a proxy that ends TLS the header is right. Reported only where nginx itself has a TLS server and nothing speaks of a proxy in front; a header of `http`, which holds for all servers, is left alone.',
    cwe: [319],
    references: ['https://www.rfc-editor.org/rfc/rfc6797#section-7.2'],
  },
  bad: [
    {
      name: 'in the server that redirects',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name app.example.com;
    «add_header» Strict-Transport-Security "max-age=63072000" always;
    return 301 https://$host$request_uri;
}
server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    root /srv/app;
}
`,
      },
    },
    {
      name: 'in a location; the server for HTTPS stands in another file',
      files: {
        'nginx/conf.d/http.conf': `server {
    listen 80;
    server_name app.example.com;
    location / {
        «add_header» 'strict-transport-security' max-age=63072000;
        return 301 https://$host$request_uri;
    }
}
`,
        'nginx/conf.d/https.conf': 'server { listen 443 ssl; server_name app.example.com; root /srv/app; }\n',
      },
    },
  ],
  good: [
    {
      name: 'no TLS at all: it ends in front',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 8080; add_header Strict-Transport-Security "max-age=63072000" always; root /srv; }\n',
      },
    },
    {
      name: 'TLS for other names, and a proxy in front of this one',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 8080;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    location / { proxy_pass http://app; proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto; }
}
server { listen 443 ssl; server_name b.example.com; root /srv; }
`,
      },
    },
    {
      name: 'one header for all servers, and a server for both ports',
      files: {
        'nginx.conf': `events {}
http {
    add_header Strict-Transport-Security "max-age=63072000" always;
    server { listen 80; server_name a.example.com; return 301 https://$host$request_uri; }
    server {
        listen 80;
        listen 443 ssl;
        server_name b.example.com;
        add_header Strict-Transport-Security "max-age=63072000" always;
    }
}
`,
      },
    },
    {
      name: 'switched off',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; add_header Strict-Transport-Security "" always; return 301 https://$host$request_uri; }
server { listen 443 ssl; root /srv; }
`,
      },
    },
  ],
  check(document, context) {
    for (const server of httpServers(scopeOf(document, context.facts))) {
      if (server.tls || !server.scope.complete) continue;
      const found = [...scopesIn(server.scope)].flatMap((scope) => headerIn(scope) ?? []);
      const [first] = found;
      if (!first || tlsElsewhere(document, context.facts, server) !== 'no') continue;
      context.report({
        span: first.nameSpan,
        message:
          'Browsers ignore Strict-Transport-Security over plain HTTP; only the server for HTTPS should send it.',
        place: `${placeOf(first)}[Strict-Transport-Security]`,
      });
    }
  },
});

function headerIn(scope: Scope) {
  const item = itemsNamed(scope, 'add_header').find(
    (each) => headerOf(each) === 'strict-transport-security' && each.args[1] !== '' && !each.opaque,
  );
  return item?.anchor?.name === 'add_header' ? item.anchor : undefined;
}
