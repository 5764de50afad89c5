import { defineRule } from '../core/rule.ts';
import { reportAbsentHeader, type WantedHeader } from './shared/absent-header.ts';

export const rule = defineRule({
  id: 'nginx/header-referrer-policy',
  title: 'Server does not send Referrer-Policy',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /server/,
  docs: {
    why: 'What a page links to or loads learns the address of that page. Current browsers cut it down to the host by themselves; older ones and other clients send the whole address, with the tokens and search words in it.',
    fix: 'Add `add_header Referrer-Policy "strict-origin-when-cross-origin" always;`, which is what current browsers do anyway, or `no-referrer` where nobody needs it.',
    falsePositives:
      'The application behind the proxy may send the header itself, or a page has it in a `meta` element. Silent for servers that only redirect or refuse, and where an include, a location or another module may set it.',
    cwe: [200],
    controls: ['CIS NGINX 2.1.0 5.3.4'],
    references: ['https://www.w3.org/TR/referrer-policy/', 'https://owasp.org/www-project-secure-headers/'],
  },
  bad: [
    {
      name: 'other headers are set',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    add_header X-Frame-Options DENY always;
    location / { proxy_pass http://app; }
    location /static/ {
        add_header X-Frame-Options DENY always;
        add_header Cache-Control "public";
        root /srv;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy "strict-origin-when-cross-origin" always;
    location / { proxy_pass http://app; }
    location /static/ {
        add_header Referrer-Policy "strict-origin-when-cross-origin" always;
        add_header X-Frame-Options DENY always;
        add_header Cache-Control "public";
        root /srv;
    }
}
`,
    },
    {
      name: 'nothing is set',
      files: { 'docker/nginx/default.conf': '«server» { listen 80; root /usr/share/nginx/html; }\n' },
      fixed:
        'server { listen 80; add_header Referrer-Policy "strict-origin-when-cross-origin" always; root /usr/share/nginx/html; }\n',
    },
  ],
  good: [
    {
      name: 'set, in any spelling and by any module',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 80; root /srv; add_header 'referrer-policy' no-referrer; }
    server { listen 81; root /srv; more_set_headers "Referrer-Policy: same-origin"; }
    server { listen 82; root /srv; add_header Referrer-Policy $policy always; }
}
`,
      },
    },
    {
      name: 'an include that cannot be read may set it',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    include /config/nginx/ssl.conf;\n    root /srv;\n}\n',
      },
    },
    {
      name: 'no pages',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; return 301 https://$host$request_uri; }
server { listen 81 default_server; return 444; }
server { listen 82; location = /health { return 200 ok; } location / { return 404; } }
`,
      },
    },
  ],
  check(document, context) {
    reportAbsentHeader(document, context, HEADER);
  },
});

const HEADER: WantedHeader = {
  name: 'Referrer-Policy',
  message: (server) =>
    `${server} sends no Referrer-Policy, so some clients tell other sites the whole address of a page.`,
  line: 'add_header Referrer-Policy "strict-origin-when-cross-origin" always;',
  kind: { safety: 'safe', verify: 'nginx -t' },
};
