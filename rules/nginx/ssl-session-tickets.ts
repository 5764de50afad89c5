import { defineRule } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/ssl-session-tickets',
  title: 'Key for TLS session tickets stays the same',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /ssl_session_ticket_key/,
  docs: {
    why: 'Whoever gets the key of session tickets decrypts all TLS 1.2 connections that were resumed with it, however good their ciphers are. A key in a file lasts until somebody replaces it, which seldom happens. Without the directive nginx makes its own keys, and with a shared session cache renews them (since 1.23.2).',
    fix: 'Remove `ssl_session_ticket_key`, or switch tickets off. Where several machines have to share a key, replace it each day and keep the one before as a second `ssl_session_ticket_key`.',
    falsePositives:
      'Silent where a second key shows that they are rotated, and where tickets are off. Whether somebody replaces a single file cannot be seen.',
    cwe: [522],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_session_ticket_key',
      'https://www.rfc-editor.org/rfc/rfc5077#section-5.5',
    ],
  },
  bad: [
    {
      name: 'one key in a file',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_session_cache shared:SSL:10m;
    «ssl_session_ticket_key» /etc/nginx/ticket.key;
    root /srv;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    ssl_session_cache shared:SSL:10m;
    ssl_session_ticket_key /etc/nginx/ticket.key;
    ssl_session_tickets off;
    root /srv;
}
`,
    },
    {
      name: 'for all servers, tickets switched on in so many words',
      files: {
        'nginx.conf': `events {}
http {
    ssl_session_tickets on;
    «ssl_session_ticket_key» "tickets/current.key";
    server { listen 443 ssl; }
}
`,
      },
      fixed: `events {}
http {
    ssl_session_tickets off;
    ssl_session_ticket_key "tickets/current.key";
    server { listen 443 ssl; }
}
`,
    },
  ],
  good: [
    {
      name: 'a second key for rotation',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_session_ticket_key /run/tickets/current.key;
    ssl_session_ticket_key /run/tickets/previous.key;
}
`,
      },
    },
    {
      name: 'tickets are off',
      files: {
        'nginx.conf': `events {}
http {
    ssl_session_tickets off;
    server { listen 443 ssl; ssl_session_ticket_key /etc/nginx/ticket.key; }
}
`,
      },
    },
    {
      name: 'keys that nginx makes itself',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 443 ssl; ssl_session_cache shared:SSL:10m; ssl_session_tickets on; }\n',
      },
    },
    {
      name: 'an include may bring the second key',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 443 ssl; ssl_session_ticket_key a.key; include snippets/tickets.conf; }\n',
      },
    },
  ],
  check(document, context) {
    for (const { scope, directive } of ownDirectives(
      scopeOf(document, context.facts),
      'ssl_session_ticket_key',
    )) {
      if (!scope.complete || itemsNamed(scope, 'ssl_session_ticket_key').length > 1) continue;
      const tickets = effectiveValue(scope, 'ssl_session_tickets').item;
      if (tickets?.args[0]?.toLowerCase() === 'off') continue;
      const own = itemsNamed(scope, 'ssl_session_tickets').at(-1);
      const value = own?.anchor?.name === 'ssl_session_tickets' ? own.anchor.args[0] : undefined;
      context.report({
        span: directive.nameSpan,
        message:
          'This key stays until somebody replaces the file; whoever gets it reads resumed TLS 1.2 connections.',
        place: placeOf(directive),
        fixes: () => [
          document.tree.template || (own && !value)
            ? undefined
            : {
                title: 'Switch session tickets off',
                safety: 'review',
                risk: 'Clients that resume by tickets need a full handshake, the more so without a shared session cache.',
                edits: [
                  value
                    ? { span: value.span, text: 'off' }
                    : insertAfter(document.text, directive, ['ssl_session_tickets off;']),
                ],
                verify: 'nginx -t',
              },
        ],
      });
    }
  },
});
