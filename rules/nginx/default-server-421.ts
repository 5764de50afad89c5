import { defineRule } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { itemsNamed, scopesIn } from './shared/scope.ts';
import { httpServers, type Server } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/default-server-421',
  title: 'Default server without an answer to misdirected requests',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /ssl_reject_handshake/,
  docs: {
    why: '`ssl_reject_handshake` turns away handshakes, not requests: over a connection that was opened for another name, HTTP/2 lets a client ask for any host, and those that no server knows come here. They get what the default server has by itself, the welcome page or whatever lies in `root`.',
    fix: 'Answer them with `return 421;` (Misdirected Request): browsers then open a connection of their own, others learn nothing.',
    falsePositives: 'Reported only where HTTP/2 is on for the server and nothing in it returns an answer.',
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_reject_handshake',
      'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20',
    ],
  },
  bad: [
    {
      name: 'HTTP/2 behind listen',
      files: {
        'nginx/conf.d/default.conf': `server {
    listen 443 ssl http2 default_server;
    «ssl_reject_handshake» on;
}
`,
      },
      fixed: `server {
    listen 443 ssl http2 default_server;
    ssl_reject_handshake on;
    return 421;
}
`,
    },
    {
      name: 'HTTP/2 for all servers',
      files: {
        'nginx.conf': `events {}
http {
    http2 on;
    server { listen 443 ssl default_server; «ssl_reject_handshake» ON; root /srv/empty; }
}
`,
      },
      fixed: `events {}
http {
    http2 on;
    server { listen 443 ssl default_server; ssl_reject_handshake ON; return 421; root /srv/empty; }
}
`,
    },
  ],
  good: [
    {
      name: 'it answers',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl http2 default_server; ssl_reject_handshake on; return 444; }
    server { listen 8443 ssl http2 default_server; ssl_reject_handshake on; location / { return 421; } }
}
`,
      },
    },
    {
      name: 'HTTP/1 only, and handshakes that succeed',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl default_server; ssl_reject_handshake on; }
    server { listen 8443 ssl http2 default_server; ssl_reject_handshake off; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const server of httpServers(scopeOf(document, context.facts))) {
      const rejecting = itemsNamed(server.scope, 'ssl_reject_handshake').at(-1);
      const { anchor } = rejecting ?? {};
      if (anchor?.name !== 'ssl_reject_handshake' || !isOn(anchor.args[0]?.value)) continue;
      if (!server.scope.complete || !speaksHttp2(server) || answers(server)) continue;
      context.report({
        span: anchor.nameSpan,
        message:
          'Requests for unknown hosts that come over the HTTP/2 connection of another name get the content of this server.',
        place: `${server.place}.ssl_reject_handshake`,
        fixes: () => [
          document.tree.template
            ? undefined
            : {
                title: 'Return 421',
                safety: 'review',
                risk: 'Whatever this server gave to such requests, and to plain HTTP on another port of it, is gone.',
                edits: [insertAfter(document.text, anchor, ['return 421;'])],
                verify: 'nginx -t',
              },
        ],
      });
    }
  },
});

function speaksHttp2({ scope, listens }: Server): boolean {
  if (!listens.some(({ item }) => item.args.includes('default_server'))) return false;
  return (
    listens.some(({ item }) => item.args.includes('http2')) ||
    isOn(effectiveValue(scope, 'http2').item?.args[0])
  );
}

function answers({ scope }: Server): boolean {
  return [...scopesIn(scope)].some(({ items }) => items.some(({ name }) => /^return$|_pass$/.test(name)));
}
