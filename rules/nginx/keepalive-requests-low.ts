import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

/** The default since 1.19.10. */
const DEFAULT = 1000;

export const rule = defineRule({
  id: 'nginx/keepalive-requests-low',
  title: 'Connections are closed after few requests',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\bkeepalive_requests\b/,
  docs: {
    why: 'After `keepalive_requests` nginx closes the connection, also one with HTTP/2 that carries many requests at once. Clients with many small requests then spend their time on handshakes, and some report errors.',
    fix: 'Leave it at the default of 1000, or set it higher.',
    falsePositives: 'A matter of performance, so the rule is off by default. Silent in `upstream`.',
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_requests'],
  },
  bad: [
    {
      name: 'the old default',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    keepalive_requests «100»;\n    server { listen 80; root /srv; }\n}\n',
      },
      fixed: 'events {}\nhttp {\n    keepalive_requests 1000;\n    server { listen 80; root /srv; }\n}\n',
    },
    {
      name: 'in a server, quoted',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    keepalive_requests «"10"»;\n    root /srv;\n}\n',
      },
      fixed: 'server {\n    listen 80;\n    keepalive_requests "1000";\n    root /srv;\n}\n',
    },
  ],
  good: [
    {
      name: 'the default and more',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    keepalive_requests 1000;\n    server { listen 80; keepalive_requests 100000; root /srv; }\n}\n',
      },
    },
    {
      name: 'connections to an upstream',
      files: {
        'nginx/conf.d/app.conf':
          'upstream a { server a:1; keepalive 8; keepalive_requests 100; }\nserver { listen 80; location / { proxy_pass http://a; } }\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [value] = directive.args;
      if (directive.name !== 'keepalive_requests' || !value || !/^\d+$/.test(value.value)) continue;
      if (Number(value.value) >= DEFAULT || directive.parent.owner?.name === 'upstream') continue;
      context.report({
        span: value.span,
        message: `Connections are closed after ${value.value} requests, so busy clients spend their time on handshakes.`,
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Set keepalive_requests to 1000',
            safety: 'review',
            risk: 'Connections live longer, and with them the memory that nginx keeps for each.',
            edits: [replaceWord(value, String(DEFAULT))],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
