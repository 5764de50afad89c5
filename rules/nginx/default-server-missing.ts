import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { type ChanceDefault, chanceDefaults } from './shared/default-server.ts';
import { indentUnit, insertBefore, isFirstOnLine } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { itemsNamed } from './shared/scope.ts';
import { isAtLeast, nginxVersion } from './shared/version.ts';

export const rule = defineRule({
  id: 'nginx/default-server-missing',
  title: 'Requests for any name get some site',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /server_name|include/,
  docs: {
    why: "nginx answers a request for a name that it does not know with the first server of the socket. Whoever sends another `Host` gets this site under that name: links in mails for resetting passwords, caches and redirects then carry the attacker's name. Scanners that know only the address get it too.",
    fix: 'Add a server that is the default and refuses: `listen 80 default_server; server_name _; return 444;`, and for TLS `ssl_reject_handshake on;` (nginx 1.19.4).',
    falsePositives:
      'Reported only where all servers of the socket are known: the file has the `http` block, or is included by one, and everything included could be read. A server for `_`, `localhost` or without a name is meant for everything, and a default that redirects or refuses does no harm.',
    cwe: [644],
    controls: ['CIS NGINX 2.1.0 2.4.2'],
    references: [
      'https://nginx.org/en/docs/http/request_processing.html',
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_reject_handshake',
    ],
  },
  bad: [
    {
      name: 'one site, and no other server',
      files: {
        'nginx.conf': `events {}
http {
    «server» {
        listen 80;
        listen [::]:80;
        server_name www.example.com;
        root /srv;
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80 default_server;
        listen [::]:80 default_server;
        server_name _;
        return 444;
    }
    server {
        listen 80;
        listen [::]:80;
        server_name www.example.com;
        root /srv;
    }
}
`,
    },
    {
      name: 'two sites with TLS; the one for port 80 only redirects',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 80;
        server_name a.example.com;
        return 301 https://a.example.com$request_uri;
    }
    «server» {
        listen 443 ssl;
        server_name a.example.com;
        ssl_certificate /etc/ssl/a.pem;
        ssl_certificate_key /etc/ssl/a.key;
        location / { proxy_pass http://a; }
    }
    server {
        listen 443 ssl;
        server_name b.example.com;
        ssl_certificate /etc/ssl/b.pem;
        ssl_certificate_key /etc/ssl/b.key;
        location / { proxy_pass http://b; }
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80;
        server_name a.example.com;
        return 301 https://a.example.com$request_uri;
    }
    server {
        listen 443 ssl default_server;
        server_name _;
        ssl_certificate /etc/ssl/a.pem;
        ssl_certificate_key /etc/ssl/a.key;
        return 444;
    }
    server {
        listen 443 ssl;
        server_name a.example.com;
        ssl_certificate /etc/ssl/a.pem;
        ssl_certificate_key /etc/ssl/a.key;
        location / { proxy_pass http://a; }
    }
    server {
        listen 443 ssl;
        server_name b.example.com;
        ssl_certificate /etc/ssl/b.pem;
        ssl_certificate_key /etc/ssl/b.key;
        location / { proxy_pass http://b; }
    }
}
`,
    },
  ],
  good: [
    {
      name: 'a default that refuses, also in an included file, and one that is stated',
      files: {
        'nginx/nginx.conf': `events {}
http {
    include conf.d/*.conf;
    server { listen 80; server_name www.example.com; root /srv; }
    server { listen 81 default_server; server_name www.example.com; root /srv; }
}
`,
        'nginx/conf.d/default.conf': 'server {\n    listen 80 default_server;\n    return 444;\n}\n',
      },
    },
    {
      name: 'a server for everything',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 80; server_name _; root /srv; }
    server { listen 81; server_name localhost; root /srv; }
    server { listen 82; root /srv; }
    server { listen 127.0.0.1:83; server_name www.example.com; root /srv; }
    server { listen 84; server_name www.example.com; return 301 https://www.example.com$request_uri; }
}
`,
      },
    },
    {
      name: 'other servers may be there: a part of a configuration, an include that cannot be read',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server { listen 80; server_name www.example.com; root /srv; }
    include /etc/nginx/sites-enabled/*;
}
`,
        'nginx/conf.d/app.conf': 'server { listen 80; server_name www.example.com; root /srv; }\n',
      },
    },
  ],
  check(document, context) {
    for (const found of chanceDefaults(document, context.facts)) {
      const { server, groups, isNamedSite } = found;
      const owner = server.scope.block?.owner;
      if (!isNamedSite || !owner) continue;
      const sockets = groups.map(({ socket }) => `\`${socket}\``).slice(0, 2);
      context.report({
        span: owner.nameSpan,
        message: `Requests for any other name at ${sockets.join(' and ')} get \`${server.label}\` too: no server is the default and refuses them.`,
        place: `${server.place}.default_server`,
        fixes: () => [refuseOthers(document, context, found)],
      });
    }
  },
});

/** Adds a server that refuses what no other one is for. */
function refuseOthers(
  document: Document<'nginx'>,
  context: Context,
  { server, groups }: ChanceDefault,
): Fix | undefined {
  const owner = server.scope.block?.owner;
  const listens = groups.flatMap(
    ({ socket, members }) =>
      members.find((member) => member.server.scope === server.scope && !socket.startsWith('udp:'))?.listen ??
      [],
  );
  if (!owner || document.tree.template || listens.length === 0) return undefined;
  const canReject = isAtLeast(nginxVersion(document, context), [1, 19, 4]) === true;
  const certificate = listens.some(({ tls }) => tls) && !canReject ? certificateOf(server) : [];
  if (!certificate) return undefined;
  const body = [
    ...listens.map(({ item, tls }) => `listen ${item.args[0] ?? ''}${tls ? ' ssl' : ''} default_server;`),
    'server_name _;',
    ...(canReject && listens.some(({ tls }) => tls) ? ['ssl_reject_handshake on;'] : certificate),
    'return 444;',
  ];
  const isOnOwnLine = isFirstOnLine(document.text, owner.span.start);
  const unit = indentUnit(document.text);
  const lines = isOnOwnLine
    ? ['server {', ...body.map((line) => unit + line), '}']
    : [`server { ${body.join(' ')} }`];
  return {
    title: 'Add a default server that refuses',
    safety: 'review',
    risk: 'Requests by address or by a name that no `server_name` has are cut off, health checks of a load balancer among them.',
    edits: [insertBefore(document.text, owner, lines)],
    verify: 'nginx -t',
  };
}

/** The lines with a server's certificate; none where it is set around it, undefined where it is not known. */
function certificateOf({ scope }: ChanceDefault['server']): readonly string[] | undefined {
  const own = ['ssl_certificate', 'ssl_certificate_key'].map((name) => itemsNamed(scope, name)[0]);
  const sources = own.flatMap((item) => item?.source ?? []);
  if (sources.length === 2) return sources;
  return effectiveValue(scope, 'ssl_certificate').item && sources.length === 0 ? [] : undefined;
}
