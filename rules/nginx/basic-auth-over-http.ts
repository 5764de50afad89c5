import { defineRule } from '../core/rule.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { type Item, itemsNamed, type Scope, scopesAround, scopesIn } from './shared/scope.ts';
import { answersItself, httpServers, isReachable, type Server } from './shared/server.ts';
import { tlsElsewhere } from './shared/tls-elsewhere.ts';

export const rule = defineRule({
  id: 'nginx/basic-auth-over-http',
  title: 'Password is asked for over plain HTTP',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /auth_basic/,
  docs: {
    why: 'With `auth_basic` the browser sends name and password with every request, in a form that anyone on the way can read. One visit in a foreign network gives them away.',
    fix: 'Ask only in the server with TLS, and let the one for port 80 redirect.',
    falsePositives:
      'Reported only where TLS ends in nginx itself, since the same configuration has a server with TLS. Silent where something speaks of a proxy in front, where the server only redirects, and for sockets that only this machine reaches.',
    cwe: [522, 319],
    references: ['https://nginx.org/en/docs/http/ngx_http_auth_basic_module.html'],
  },
  bad: [
    {
      name: 'the server for port 80 asks too',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name admin.example.com;
    location / {
        auth_basic «"Admin area"»;
        auth_basic_user_file /etc/nginx/htpasswd;
        proxy_pass http://admin;
    }
}
server {
    listen 443 ssl;
    server_name www.example.com;
    ssl_certificate /etc/ssl/www.pem;
    ssl_certificate_key /etc/ssl/www.key;
    root /srv;
}
`,
      },
    },
    {
      name: 'one server for both ports that does not redirect',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    listen 443 ssl;
    server_name admin.example.com;
    ssl_certificate /etc/ssl/admin.pem;
    ssl_certificate_key /etc/ssl/admin.key;
    auth_basic «Admin»;
    auth_basic_user_file /etc/nginx/htpasswd;
    root /srv;
}
`,
      },
    },
  ],
  good: [
    {
      name: 'with TLS, and redirected first',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name admin.example.com;
    auth_basic "Admin";
    auth_basic_user_file /etc/nginx/htpasswd;
    return 301 https://$host$request_uri;
}
server {
    listen 443 ssl;
    server_name admin.example.com;
    auth_basic "Admin";
    auth_basic_user_file /etc/nginx/htpasswd;
    root /srv;
}
server {
    listen 8443 ssl;
    listen 8080;
    if ($scheme != "https") { return 301 https://$host:8443$request_uri; }
    auth_basic "Admin";
    auth_basic_user_file /etc/nginx/htpasswd;
    root /srv;
}
`,
      },
    },
    {
      name: 'nothing says where TLS ends, and a load balancer in front',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 8080;
    auth_basic "Admin";
    auth_basic_user_file /etc/nginx/htpasswd;
    root /srv;
}
`,
        'nginx/conf.d/lb.conf': `# Behind the load balancer.
server {
    listen 80;
    auth_basic "Admin";
    root /srv;
}
`,
      },
    },
    {
      name: 'switched off, and on this machine',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    auth_basic off;
    root /srv;
}
server {
    listen 127.0.0.1:81;
    auth_basic "Admin";
    root /srv;
}
server { listen 443 ssl; root /srv; }
`,
      },
    },
  ],
  check(document, context) {
    for (const server of httpServers(scopeOf(document, context.facts))) {
      const asking = [...scopesIn(server.scope)].flatMap((scope) => asksIn(scope));
      if (asking.length === 0 || !hearsPlain(server) || redirects(server.scope)) continue;
      if (tlsElsewhere(document, context.facts, server) !== 'no') continue;
      for (const { anchor } of asking) {
        const word = anchor?.name === 'auth_basic' ? anchor.args[0] : undefined;
        if (!anchor || !word) continue;
        context.report({
          span: word.span,
          message: `\`${server.label}\` asks for a password over plain HTTP, so anyone on the way can read it.`,
          place: placeOf(anchor),
        });
      }
    }
  },
});

/** Where a block asks for a password and does not redirect before it does. */
function asksIn(scope: Scope): readonly Item[] {
  for (const around of scopesAround(scope)) {
    if (answersItself(around)) return [];
    if (around.kind === 'server') break;
  }
  return itemsNamed(scope, 'auth_basic').filter(({ args }) => args[0]?.toLowerCase() !== 'off');
}

/** Whether requests without TLS reach it from elsewhere. */
function hearsPlain(server: Server): boolean {
  if (server.listens.length === 0) return server.scope.complete;
  return isReachable({ ...server, listens: server.listens.filter(({ tls, item }) => !tls && !item.opaque) })
    ? server.listens.some(({ tls, item }) => !tls && !item.opaque)
    : false;
}

/** Whether requests without TLS are sent elsewhere before anything else happens. */
function redirects(scope: Scope): boolean {
  return scope.children.some((child) => child.kind === 'if' && answersItself(child));
}
