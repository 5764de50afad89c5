import type { Document } from '../../syntaxes/document.ts';
import { lineEndingOf } from '../../syntaxes/lines.ts';
import type { NginxBlock, NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import {
  indentIn,
  indentUnit,
  insertAfter,
  insertFirst,
  isFirstOnLine,
  removeDirective,
} from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { enclosing, type Scope, scopesIn } from './shared/scope.ts';
import {
  httpServers,
  isReachable,
  refusesHandshakes,
  type Server,
  serverOf,
  servesContent,
} from './shared/server.ts';
import { tlsElsewhere } from './shared/tls-elsewhere.ts';

export const rule = defineRule({
  id: 'nginx/http-no-https-redirect',
  title: 'Plain HTTP serves the site instead of redirecting to HTTPS',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'The site has HTTPS, yet whoever types its name or follows an old link stays on plain HTTP: passwords, cookies and pages can be read and changed on the way.',
    fix: 'Let the server for port 80 answer with nothing but `return 301 https://$host$request_uri;`, and keep the location for certificate challenges (`/.well-known/acme-challenge/`).',
    falsePositives:
      'Reported only where the same file, or one that nginx reads with it, has a TLS server for the same name; without one, something in front is taken to end TLS. Silent where any redirect to `https://` is found, where an include may bring one, where something speaks of a proxy in front that ends TLS, and for servers that only this machine reaches.',
    cwe: [319],
    controls: ['CIS NGINX 2.1.0 4.1.1'],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return',
      'https://letsencrypt.org/docs/challenge-types/#http-01-challenge',
    ],
  },
  bad: [
    {
      name: 'both ports in one server, which answers challenges',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    listen 443 ssl;
    server_name app.example.com;
    location /.well-known/acme-challenge/ {
        root /var/www/certbot;
    }
    location / {
        proxy_pass http://app:8000;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    listen 443 ssl;
    server_name app.example.com;
    location /.well-known/acme-challenge/ {
        root /var/www/certbot;
    }
    location / {
        if ($scheme = http) {
            return 301 https://$host$request_uri;
        }
        proxy_pass http://app:8000;
    }
}
`,
    },
    {
      name: 'the server for HTTPS stands in the next file, its name in capitals',
      files: {
        'nginx/conf.d/http.conf': `«server» {
    listen 80;
    server_name app.example.com;
    location / { proxy_pass http://app:8000; }
}
`,
        'nginx/conf.d/https.conf': `server {
    listen 443 ssl;
    server_name App.example.com;
    location / { proxy_pass http://app:8000; }
}
`,
      },
      fixed: `server {
    listen 80;
    server_name app.example.com;
    location / {
        return 301 https://$host$request_uri;
    }
}
`,
    },
    {
      name: 'the application on both ports; the certificate challenge stays',
      files: {
        'nginx.conf': `events {}
http {
    «server» {
        listen 80;
        listen [::]:80;
        server_name app.example.com;
        access_log /var/log/nginx/app.log;

        location /.well-known/acme-challenge/ {
            root /var/www/certbot;
        }

        # the application
        location / {
            proxy_pass http://app:8000;
            proxy_set_header Host $host;
        }

        location /static/ {
            root /srv;
        }
    }

    server {
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
    server {
        listen 80;
        listen [::]:80;
        server_name app.example.com;
        access_log /var/log/nginx/app.log;

        location /.well-known/acme-challenge/ {
            root /var/www/certbot;
        }

        # the application
        location / {
            return 301 https://$host$request_uri;
        }

    }

    server {
        listen 443 ssl;
        server_name app.example.com;
        location / {
            proxy_pass http://app:8000;
        }
    }
}
`,
    },
    {
      name: 'static files at the level of the server',
      files: {
        'nginx/conf.d/site.conf': `«server» {
	server_name example.com www.example.com;
	root /srv/site;
	index index.html;
}

server {
	listen 443 ssl;
	server_name example.com;
	root /srv/site;
}
`,
      },
      fixed: `server {
	server_name example.com www.example.com;
	location / {
		return 301 https://$host$request_uri;
	}
}

server {
	listen 443 ssl;
	server_name example.com;
	root /srv/site;
}
`,
    },
    {
      name: 'one server for both ports',
      files: {
        'nginx/conf.d/site.conf': `«server» {
    listen 80;
    listen 443 ssl;
    server_name example.com;
    root /srv/site;
}
`,
      },
      fixed: `server {
    listen 80;
    listen 443 ssl;
    server_name example.com;
    if ($scheme = http) {
        return 301 https://$host$request_uri;
    }
    root /srv/site;
}
`,
    },
  ],
  good: [
    {
      name: 'redirects, in the ways that people write them',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 80; server_name a.example.com; return 301 https://$host$request_uri; }
    server { listen 80; server_name a.example.com; location / { return 308 https://$server_name$request_uri; } }
    server { listen 80; server_name a.example.com; root /srv; rewrite ^ https://$host$request_uri? permanent; }
    server { listen 80; server_name a.example.com; root /srv; if ($scheme != https) { return 301 https://$host$request_uri; } }
    server { listen 443 ssl; server_name a.example.com; root /srv; }
}
`,
      },
    },
    {
      name: 'TLS ends in front of it',
      files: {
        'nginx/conf.d/site.conf': `server {
    listen 80;
    server_name example.com;
    root /srv/site;
}
`,
      },
    },
    {
      name: 'other names than those with TLS',
      files: {
        'nginx/conf.d/site.conf': `server {
    listen 80;
    server_name intranet.example.com;
    root /srv/site;
}
server {
    listen 443 ssl;
    server_name example.com;
    root /srv/site;
}
`,
      },
    },
    {
      name: 'only challenges, a health check and the status; a port for this machine',
      files: {
        'nginx/conf.d/site.conf': `server {
    listen 80;
    server_name example.com;
    location /.well-known/acme-challenge/ { root /var/www/certbot; }
    location = /health { return 200 "ok"; }
    location = /status { stub_status; }
}
server {
    listen 127.0.0.1:80;
    server_name example.com;
    root /srv/site;
}
server {
    listen 8080;
    server_name example.com;
    root /srv/site;
}
server {
    listen 443 ssl;
    server_name example.com;
    root /srv/site;
}
`,
      },
    },
    {
      name: 'a proxy in front comes to port 80 and says how it was asked',
      files: {
        'nginx/conf.d/site.conf': `server {
    listen 80;
    server_name example.com;
    set_real_ip_from 10.0.0.0/8;
    location / { proxy_pass http://app:8000; }
}
server {
    listen 443 ssl;
    server_name example.com;
    location / { proxy_pass http://app:8000; }
}
`,
      },
    },
    {
      name: 'an include that may redirect',
      files: {
        'nginx/conf.d/site.conf': `server {
    listen 80;
    server_name example.com;
    include snippets/redirect.conf;
    root /srv/site;
}
server {
    listen 443 ssl;
    server_name example.com;
    root /srv/site;
}
`,
      },
    },
    {
      name: 'one server for both ports that fails every handshake',
      files: {
        'nginx/conf.d/00-default.conf': `server {
    listen 80 default_server;
    listen 443 ssl default_server;
    ssl_reject_handshake on;
    root /usr/share/nginx/html;
}
`,
      },
    },
    {
      name: 'one server for both ports that redirects',
      files: {
        'nginx/conf.d/site.conf': `server {
    listen 80;
    listen 443 ssl;
    server_name example.com;
    if ($https != "on") { return 301 https://$host$request_uri; }
    root /srv/site;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const server of httpServers(scopeOf(document, context.facts))) {
      const owner = server.scope.block?.owner;
      if (!owner || !servesPlainly(server) || !hasTls(server)) continue;
      if (tlsElsewhere(document, context.facts, server) === 'yes') continue;
      context.report({
        span: owner.nameSpan,
        message: `\`${server.names[0] ?? '_'}\` has HTTPS, but plain HTTP serves it too, so logins and pages can be read on the way.`,
        place: `${server.place}.redirect`,
        fixes: () => [server.tls ? redirectByScheme(document, server) : redirectEverything(document, server)],
      });
    }
  },
});

/** Whether a server gives content to whoever comes to port 80, with no redirect in sight. */
function servesPlainly(server: Server): boolean {
  const { scope, listens } = server;
  const plain = listens.filter((listen) => !listen.tls);
  if (listens.length > 0 && !plain.some((listen) => listen.port === 80)) return false;
  if (!scope.complete || !isReachable({ ...server, listens: plain }) || !servesContent(server)) return false;
  return ![...scopesIn(scope)].some(mayRedirect);
}

function mayRedirect(scope: Scope): boolean {
  if (scope.kind === 'location' && scope.args.at(-1) === '/' && !scope.complete) return true;
  if (scope.kind === 'if' && /scheme|https|forwarded.proto|server_port/i.test(scope.args.join(' ')))
    return true;
  return scope.items.some(({ name, args }) => {
    if (name === 'return' || name === 'rewrite' || name === 'error_page')
      return args.some((arg) => /^https:|^\$/.test(arg) && arg !== '$uri');
    return /^(?:rewrite|access|content)_by_lua/.test(name);
  });
}

/** Whether the same name is there with TLS, be it in another file. */
function hasTls(server: Server): boolean {
  if (server.tls) return !refusesHandshakes(server);
  const http = enclosing(server.scope, 'http');
  const servers = [...(http ? scopesIn(http) : [])].filter(({ kind }) => kind === 'server').map(serverOf);
  const names = server.names.map((name) => name.toLowerCase());
  return servers.some((other) => {
    if (!other.tls || !isReachable(other) || refusesHandshakes(other)) return false;
    const others = other.names.map((name) => name.toLowerCase());
    if (names.length === 0) return others.length === 0;
    return names.some((name) => name !== 'localhost' && !name.includes('$') && others.includes(name));
  });
}

const RISK =
  'Clients that do not follow redirects stop working, and so do certificate challenges without a location of their own.';
const REDIRECT = 'return 301 https://$host$request_uri;';

/** For a server with both ports: a redirect for what came over plain HTTP. */
function redirectByScheme({ text, tree }: Document<'nginx'>, { scope }: Server): Fix | undefined {
  const own = scope.block?.directives ?? [];
  const anchor = own.findLast(({ name }) => name === 'listen' || name === 'server_name');
  if (!anchor || !scope.block || tree.template) return undefined;
  const lines = (block: NginxBlock) =>
    isFirstOnLine(text, anchor.span.start)
      ? ['if ($scheme = http) {', `${indentUnit(text)}${REDIRECT}`, '}'].join(
          lineEndingOf(text) + indentIn(text, block),
        )
      : `if ($scheme = http) { ${REDIRECT} }`;
  let edit: Edit | undefined = insertAfter(text, anchor, [lines(scope.block)]);
  if (own.some(isChallenge)) {
    // In the server it would hold for the challenges too.
    const [main, ...others] = own.filter(
      (directive) => directive.name === 'location' && !isChallenge(directive),
    );
    edit =
      main?.block && main.args[0]?.value === '/' && others.length === 0
        ? insertFirst(text, main.block, [lines(main.block)])
        : undefined;
  }
  return (
    edit && {
      title: 'Redirect plain HTTP to HTTPS',
      safety: 'review',
      risk: RISK,
      edits: [edit],
      verify: 'nginx -t',
    }
  );
}

/** What a server for port 80 still needs. */
const KEPT =
  /^(?:listen|server_name|access_log|error_log|server_tokens|add_header|more_set_headers|include|limit_\w+|set_real_ip_from|real_ip_\w+)$/;

/** For a server of its own: one location that redirects takes the place of all that serves content. */
function redirectEverything({ text, tree }: Document<'nginx'>, { scope }: Server): Fix | undefined {
  const { block } = scope;
  if (!block || tree.template) return undefined;
  const replaced = block.directives.filter(
    (directive) => !KEPT.test(directive.name) && !isChallenge(directive),
  );
  const main =
    replaced.find(({ name, args }) => name === 'location' && args.length === 1 && args[0]?.value === '/') ??
    replaced[0];
  if (!main || !isFirstOnLine(text, main.span.start)) return undefined;
  const indent = indentIn(text, block);
  const lines = ['location / {', `${indentUnit(text)}${REDIRECT}`, '}'].join(lineEndingOf(text) + indent);
  const edits: Edit[] = replaced.map((directive) =>
    directive === main ? { span: main.span, text: lines } : removeDirective(text, directive),
  );
  return { title: 'Redirect everything to HTTPS', safety: 'review', risk: RISK, edits, verify: 'nginx -t' };
}

function isChallenge({ name, args }: NginxDirective): boolean {
  return name === 'location' && args.some((arg) => /acme|\.well-known|pki-validation/i.test(arg.value));
}
