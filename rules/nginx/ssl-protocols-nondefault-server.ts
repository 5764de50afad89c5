import { defineRule } from '../core/rule.ts';
import { groupsWith, type ListenGroup, listenGroups } from './shared/listen-groups.ts';
import { scopeOf } from './shared/model.ts';
import { itemsNamed } from './shared/scope.ts';
import { httpServers, type Server } from './shared/server.ts';
import { protocolsOf } from './shared/tls.ts';
import { isAtLeast, nginxVersion } from './shared/version.ts';

/** Since then the server is chosen before the protocol. https://nginx.org/en/CHANGES */
const CHOSEN_BEFORE = [1, 29, 2];

export const rule = defineRule({
  id: 'nginx/ssl-protocols-nondefault-server',
  title: "Server's ssl_protocols give way to those of the default server",
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_protocols/,
  docs: {
    why: 'Before nginx 1.29.2 the protocol of a connection is settled before nginx knows which of the servers on a socket is asked for. What the default server says holds for all of them: a stricter list in another server looks like protection and is none.',
    fix: 'Write the protocols once, in `http` or in the default server of the socket, or give the server an address of its own.',
    falsePositives:
      'Reported only where the default server is known: it says `default_server`, or all servers of the socket are. Silent for nginx 1.29.2 and newer, where the version is known by the configuration or by the tag of the image that has the file.',
    cwe: [326],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols',
      'https://nginx.org/en/docs/http/server_names.html#virtual_server_selection',
    ],
  },
  bad: [
    {
      name: 'the server that is meant to be stricter is not the first',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 443 ssl;
        server_name www.example.com;
        ssl_protocols TLSv1.2 TLSv1.3;
    }
    server {
        listen 443 ssl;
        server_name admin.example.com;
        «ssl_protocols» TLSv1.3;
    }
}
`,
      },
    },
    {
      name: 'the default server stands in another file and has the protocols of http',
      files: {
        'nginx/conf.d/admin.conf': `server {
    listen *:443 ssl;
    server_name admin.example.com;
    «ssl_protocols» "TLSv1.3";
}
`,
        'nginx/conf.d/default.conf': `server {
    listen 443 ssl default_server;
    server_name _;
}
`,
        'nginx/nginx.conf': `events {}
http {
    ssl_protocols TLSv1.2 TLSv1.3;
    include /etc/nginx/conf.d/*.conf;
}
`,
      },
    },
    {
      name: 'the default server has what nginx sets by itself, TLS 1.2 in any case',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl; server_name a.example.com; «ssl_protocols» TLSv1.3; }
    server { listen 443 ssl default_server; server_name b.example.com; }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'the same protocols, in another order',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl; server_name a.example.com; ssl_protocols TLSv1.2 TLSv1.3; }
    server { listen 443 ssl; server_name b.example.com; ssl_protocols TLSv1.3 TLSv1.2; }
}
`,
      },
    },
    {
      name: 'the default server, and one with an address of its own',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl default_server; server_name a.example.com; ssl_protocols TLSv1.3; }
    server { listen 443 ssl; server_name b.example.com; }
    server { listen 8443 ssl; server_name c.example.com; ssl_protocols TLSv1.2; }
    server { listen 10.0.0.1:443 ssl; server_name d.example.com; ssl_protocols TLSv1.2; }
}
`,
      },
    },
    {
      name: 'who is the default is not known',
      files: {
        'nginx/sites-enabled/admin.conf': `server {
    listen 443 ssl;
    server_name www.example.com;
    ssl_protocols TLSv1.2 TLSv1.3;
}
server {
    listen 443 ssl;
    server_name admin.example.com;
    ssl_protocols TLSv1.3;
}
`,
      },
    },
    {
      name: 'what the default server says may come by an include',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl default_server; server_name a.example.com; include snippets/tls.conf; }
    server { listen 443 ssl; server_name b.example.com; ssl_protocols TLSv1.3; }
}
`,
      },
    },
    {
      name: 'QUIC, which has TLS 1.3 and nothing else',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 quic default_server; server_name a.example.com; ssl_protocols TLSv1.2 TLSv1.3; }
    server { listen 443 quic; server_name b.example.com; ssl_protocols TLSv1.3; }
}
`,
      },
    },
    {
      name: 'a list that may be the one that nginx has by itself',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl default_server; server_name a.example.com; }
    server { listen 443 ssl; server_name b.example.com; ssl_protocols TLSv1.2 TLSv1.3; }
}
`,
      },
    },
    {
      name: 'an nginx that knows the server before the protocol',
      files: {
        'nginx/conf.d/app.conf': `server { listen 443 ssl default_server; server_name a.example.com; ssl_protocols TLSv1.2 TLSv1.3; }
server { listen 443 ssl; server_name b.example.com; ssl_protocols TLSv1.3; }
`,
        'compose.yaml': `services:
  web:
    image: nginx:1.29-alpine
    ports: ["443:443"]
    volumes: ["./nginx/conf.d:/etc/nginx/conf.d:ro"]
`,
      },
    },
  ],
  check(document, context) {
    const groups = listenGroups(document, context.facts);
    for (const server of httpServers(scopeOf(document, context.facts))) {
      const own = itemsNamed(server.scope, 'ssl_protocols').at(-1);
      if (own?.anchor?.name !== 'ssl_protocols' || !server.tls) continue;
      const group = groupsWith(groups, server).find((each) => overrules(each, server));
      if (!group?.default || isAtLeast(nginxVersion(document, context), CHOSEN_BEFORE)) continue;
      context.report({
        span: own.anchor.nameSpan,
        message: `Before nginx 1.29.2 the protocols of \`${group.socket.slice(0, 40)}\` are those of its default server \`${(group.default.names[0] ?? '_').slice(0, 40)}\`; this line does nothing.`,
        place: `${server.place}.ssl_protocols`,
      });
    }
  },
});

/** Whether the default server of a socket has other protocols than one of its servers. */
function overrules({ socket, members, default: first }: ListenGroup, server: Server): boolean {
  // QUIC has TLS 1.3 and nothing else.
  if (socket.startsWith('udp:')) return false;
  if (!first || first.scope === server.scope || !members.some(({ listen }) => listen?.tls)) return false;
  const [own, theirs] = [protocolsOf(server.scope), protocolsOf(first.scope)];
  if (!own || !theirs) return false;
  // By itself nginx has TLS 1.2, and depending on its version others with it.
  if (theirs.size === 0) return !own.has('tlsv1.2');
  return own.size !== theirs.size || [...own].some((protocol) => !theirs.has(protocol));
}
