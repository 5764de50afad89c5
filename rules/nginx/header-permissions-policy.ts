import { defineRule } from '../core/rule.ts';
import { reportAbsentHeader, type WantedHeader } from './shared/absent-header.ts';

export const rule = defineRule({
  id: 'nginx/header-permissions-policy',
  title: 'Server does not send Permissions-Policy',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /server/,
  docs: {
    why: 'Without the header every script of a page, also one that got in from elsewhere, may ask the visitor for camera, microphone and position in the name of the site.',
    fix: 'Switch off what the site never uses: `add_header Permissions-Policy "geolocation=(), microphone=(), camera=()" always;`. Leave out of the list what it does use, or write `microphone=(self)`.',
    falsePositives:
      'The application behind the proxy may send the header itself. A `Feature-Policy`, the old form, is reported by `nginx/header-deprecated`. Silent for servers that only redirect or refuse, and where an include, a location or another module may set it.',
    cwe: [693],
    references: [
      'https://www.w3.org/TR/permissions-policy/',
      'https://owasp.org/www-project-secure-headers/',
    ],
  },
  bad: [
    {
      name: 'a site of files',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    server_name www.example.com;
    root /srv;
}
`,
      },
      fixed: `server {
    listen 80;
    server_name www.example.com;
    add_header Permissions-Policy "geolocation=(), microphone=(), camera=()" always;
    root /srv;
}
`,
    },
    {
      name: 'PHP behind a set of headers',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    root /srv;
    add_header X-Frame-Options SAMEORIGIN always; # frames
    location ~ \\.php$ { fastcgi_pass php:9000; include fastcgi_params; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    root /srv;
    add_header X-Frame-Options SAMEORIGIN always; # frames
    add_header Permissions-Policy "geolocation=(), microphone=(), camera=()" always;
    location ~ \\.php$ { fastcgi_pass php:9000; include fastcgi_params; }
}
`,
    },
  ],
  good: [
    {
      name: 'set, emptied on purpose, or in its old form',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; root /srv; add_header Permissions-Policy "camera=()"; }
server { listen 81; root /srv; add_header permissions-policy ""; }
server { listen 82; root /srv; add_header Feature-Policy "camera 'none'"; }
`,
      },
    },
    {
      name: 'a line of a template may set it',
      files: {
        'nginx/templates/app.conf.template':
          'server {\n    listen 80;\n    ${EXTRA_HEADERS}\n    root /srv;\n}\n',
      },
    },
  ],
  check(document, context) {
    reportAbsentHeader(document, context, HEADER);
  },
});

const HEADER: WantedHeader = {
  name: 'Permissions-Policy',
  message: (server) =>
    `${server} sends no Permissions-Policy, so any script in a page may ask for camera, microphone and position.`,
  line: 'add_header Permissions-Policy "geolocation=(), microphone=(), camera=()" always;',
  kind: {
    safety: 'review',
    risk: 'Pages that use the camera, the microphone or the position no longer can; take those out of the list.',
    verify: 'nginx -t',
  },
  instead: ['feature-policy'],
};
