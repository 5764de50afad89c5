import { defineRule } from '../core/rule.ts';
import { groupsWith, listenGroups, socketOf } from './shared/listen-groups.ts';
import { scopeOf } from './shared/model.ts';
import { httpServers, isReachable, type Listen, refusesAll, type Server } from './shared/server.ts';
import { isSet } from './shared/tls.ts';
import { tlsElsewhere } from './shared/tls-elsewhere.ts';

export const rule = defineRule({
  id: 'nginx/listen-443-without-ssl',
  title: 'Port 443 speaks plain HTTP',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b443\b/,
  docs: {
    why: 'Without `ssl` behind it, `listen 443` is plain HTTP on the port where everyone expects TLS: browsers cannot connect, and clients that can send passwords and cookies in the clear. A certificate in the same server is never used.',
    fix: 'Write `ssl` behind `listen 443`.',
    falsePositives:
      'Silent where another server makes TLS of the socket, where it may be one that is not read and the server has no certificate, where something speaks of a proxy in front that ends TLS, and in `stream`.',
    cwe: [319],
    references: ['https://nginx.org/en/docs/http/configuring_https_servers.html'],
  },
  bad: [
    {
      name: 'a certificate that is never used',
      files: {
        'nginx/conf.d/app.conf': `server {
    «listen 443»;
    «listen [::]:443» http2;
    server_name app.example.com;
    ssl_certificate /etc/ssl/app.pem;
    ssl_certificate_key /etc/ssl/app.key;
    root /srv/app;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    listen [::]:443 http2;
    server_name app.example.com;
    ssl_certificate /etc/ssl/app.pem;
    ssl_certificate_key /etc/ssl/app.key;
    root /srv/app;
}
`,
    },
    {
      name: 'no certificate at all, in a configuration that is known',
      files: {
        'nginx.conf': `events {}
http {
    server { «listen  *:443» default_server; server_name a.example.com; root /srv; }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'ssl, quic, and the directive of old',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl; listen 443 quic; server_name a.example.com; ssl_certificate a.pem; }
    server { listen 10.0.0.1:443; ssl on; server_name b.example.com; ssl_certificate a.pem; }
}
`,
      },
    },
    {
      name: 'another server on the socket makes TLS of it',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl default_server; server_name a.example.com; ssl_certificate a.pem; }
    server { listen 443; server_name b.example.com; ssl_certificate b.pem; }
}
`,
      },
    },
    {
      name: 'a proxy in front ends TLS, or passes on who asks',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443; server_name a.example.com; set_real_ip_from 10.0.0.0/8; root /srv; }
    server { listen 10.0.0.1:443 proxy_protocol; server_name b.example.com; root /srv; }
}
`,
      },
    },
    {
      name: 'streams, and other ports',
      files: {
        'nginx.conf': `events {}
stream { server { listen 443; proxy_pass backend:443; } }
http {
    server { listen 4430; listen 8443; server_name a.example.com; }
    server { listen 127.0.0.1:443; server_name b.example.com; }
}
`,
      },
    },
    {
      name: 'a redirect whose socket another file may make TLS of',
      files: {
        'nginx/sites-enabled/www.conf':
          'server { listen 443; server_name www.example.com; return 301 https://example.com$request_uri; }\n',
      },
    },
    {
      name: 'it turns everyone away',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    server { listen 80 default_server; listen 443 default_server; return 444; }\n}\n',
      },
    },
    {
      name: 'an include may switch TLS on',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 443; server_name a.example.com; include snippets/ssl.conf; ssl_certificate a.pem; }\n',
      },
    },
  ],
  check(document, context) {
    const servers = httpServers(scopeOf(document, context.facts));
    for (const server of servers) {
      const plain = server.listens.filter((listen) => isPlain443(server, listen));
      if (plain.length === 0 || !server.scope.complete || refusesAll(server)) continue;
      if (tlsElsewhere(document, context.facts, { ...server, listens: plain, tls: false }) === 'yes')
        continue;
      const groups = groupsWith(listenGroups(document, context.facts), server);
      const hasCertificate = isSet(server.scope, 'ssl_certificate') === 'yes';
      for (const listen of plain) {
        const socket = socketOf(listen);
        const group = groups.find((each) => each.socket === socket);
        const [endpoint] = listen.item.anchor?.args ?? [];
        if (!group || !endpoint || group.members.some((member) => member.listen?.tls)) continue;
        if (!hasCertificate && !group.complete) continue;
        const { span } = endpoint;
        context.report({
          span: { start: listen.item.span.start, end: span.end },
          message:
            'Without `ssl` this port speaks plain HTTP, so browsers fail and other clients send everything in the clear.',
          place: `${server.place}.listen[${endpoint.value.slice(0, 60)}]`,
          covers: onceItSpeaksTls(server, servers),
          fixes: () => [
            hasCertificate && !document.tree.template
              ? {
                  title: 'Add ssl',
                  safety: 'review',
                  risk: 'Clients and proxies that speak plain HTTP to this port are refused.',
                  edits: [{ span: { start: span.end, end: span.end }, text: ' ssl' }],
                  verify: 'nginx -t',
                }
              : undefined,
          ],
        });
      }
    }
  },
});

/** What is said of a server with TLS, and of those for plain HTTP beside it. */
function onceItSpeaksTls(server: Server, servers: readonly Server[]): readonly string[] {
  return [
    `nginx/hsts-missing ${server.place}.hsts`,
    `nginx/ssl-session-cache ${server.place}.ssl_session_cache`,
    `nginx/ssl-protocols-nondefault-server ${server.place}.ssl_protocols`,
    ...servers.map(({ place }) => `nginx/http-no-https-redirect ${place}.redirect`),
  ];
}

function isPlain443(server: Server, listen: Listen): boolean {
  const { item, port, tls } = listen;
  return (
    port === 443 &&
    !tls &&
    !item.opaque &&
    item.anchor?.name === 'listen' &&
    !item.args.includes('proxy_protocol') &&
    isReachable({ ...server, listens: [listen] })
  );
}
