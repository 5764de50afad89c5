import { defineRule } from '../core/rule.ts';
import { reportAbsentHeader, type WantedHeader } from './shared/absent-header.ts';

export const rule = defineRule({
  id: 'nginx/header-csp',
  title: 'Server sends no Content-Security-Policy',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /server/,
  docs: {
    why: 'Once an attacker gets a script into a page, by a comment or a library that was taken over, only a content security policy keeps it from running or from sending away what it reads.',
    fix: 'Start with `Content-Security-Policy-Report-Only`, as the fix does: browsers then only report what the policy would stop (in their consoles, or to `report-to`). Allow what the pages need, and rename the header when it is quiet.',
    falsePositives:
      'The application behind the proxy may send the header itself, or a page has it in a `meta` element. A policy that only reports counts as one. Silent for servers that only redirect or refuse, and where an include, a location or another module may set it.',
    cwe: [1021, 79],
    controls: ['CIS NGINX 2.1.0 5.3.3'],
    references: [
      'https://www.w3.org/TR/CSP3/',
      'https://cheatsheetseries.owasp.org/cheatsheets/Content_Security_Policy_Cheat_Sheet.html',
    ],
  },
  bad: [
    {
      name: 'a proxied application',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    location / {
        proxy_pass http://app:8000;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Content-Security-Policy-Report-Only "default-src 'self'; object-src 'none'; base-uri 'self'" always;
    location / {
        proxy_pass http://app:8000;
    }
}
`,
    },
    {
      name: 'http owns the set of headers',
      files: {
        'nginx.conf': `events {}
http {
    add_header X-Content-Type-Options nosniff always;
    «server» { listen 443 ssl; root /srv; }
}
`,
      },
      fixed: `events {}
http {
    add_header X-Content-Type-Options nosniff always;
    add_header Content-Security-Policy-Report-Only "default-src 'self'; object-src 'none'; base-uri 'self'" always;
    server { listen 443 ssl; root /srv; }
}
`,
      offers: [
        'Add Content-Security-Policy-Report-Only for all servers',
        'Add Content-Security-Policy-Report-Only to this server, with the inherited headers',
      ],
    },
  ],
  good: [
    {
      name: 'set, for trial, or by a map',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; root /srv; add_header Content-Security-Policy "default-src 'self'" always; }
server { listen 81; root /srv; add_header Content-Security-Policy-Report-Only "default-src 'self'"; }
server { listen 82; root /srv; add_header content-security-policy $csp always; }
`,
      },
    },
    {
      name: 'only in the location of the pages, which a script or an include decides',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / { root /srv; include csp.conf; }
    location /api/ { proxy_pass http://api; }
}
server {
    listen 81;
    location / { root /srv; add_header Content-Security-Policy "default-src 'self'"; }
}
`,
      },
    },
    {
      name: 'no pages: redirects, gRPC',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; return 301 https://$host$request_uri; }
server { listen 443 ssl; location / { grpc_pass grpc://app:9000; } }
`,
      },
    },
  ],
  check(document, context) {
    reportAbsentHeader(document, context, HEADER);
  },
});

const HEADER: WantedHeader = {
  name: 'Content-Security-Policy',
  message: (server) =>
    `${server} sends no Content-Security-Policy, so a script that gets into a page runs unhindered.`,
  line: `add_header Content-Security-Policy-Report-Only "default-src 'self'; object-src 'none'; base-uri 'self'" always;`,
  kind: {
    safety: 'review',
    risk: 'Nothing is blocked yet: browsers only report. Adapt the policy to the pages before it is enforced.',
    verify: 'nginx -t',
  },
  instead: ['content-security-policy-report-only'],
};
