import { defineRule } from '../core/rule.ts';
import { reportAbsentHeader, type WantedHeader } from './shared/absent-header.ts';
import { frameAncestorsState } from './shared/headers.ts';

export const rule = defineRule({
  id: 'nginx/header-frame-options',
  title: 'Other sites may show this one in a frame',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /server/,
  docs: {
    why: 'A page that any site may put into a frame can be laid, invisible, over a button of that site: the visitor clicks there and acts here, logged in as they are.',
    fix: 'Add `add_header X-Frame-Options "SAMEORIGIN" always;`, or name the sites that may frame this one in `frame-ancestors` of a content security policy, which takes its place in all current browsers.',
    falsePositives:
      'The application behind the proxy may send the header itself. Silent where a content security policy with `frame-ancestors` is in effect, for servers that only redirect or refuse, and where an include, a location or another module may set it.',
    cwe: [1021],
    controls: ['CIS NGINX 2.1.0 5.3.1'],
    references: [
      'https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-x-frame-options-header',
      'https://cheatsheetseries.owasp.org/cheatsheets/Clickjacking_Defense_Cheat_Sheet.html',
    ],
  },
  bad: [
    {
      name: 'a proxied application',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    location / {
        proxy_pass http://app:8000;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    add_header X-Frame-Options "SAMEORIGIN" always;
    location / {
        proxy_pass http://app:8000;
    }
}
`,
    },
    {
      name: 'a content security policy that says nothing of frames',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    root /srv;
    add_header Content-Security-Policy "default-src 'self'";
}
`,
      },
      fixed: `server {
    listen 80;
    root /srv;
    add_header Content-Security-Policy "default-src 'self'";
    add_header X-Frame-Options "SAMEORIGIN" always;
}
`,
    },
  ],
  good: [
    {
      name: 'frame-ancestors takes its place',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    add_header Content-Security-Policy "default-src 'self'; frame-ancestors 'self' https://portal.example.com" always;
}
`,
      },
    },
    {
      name: 'a policy that a map decides',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    add_header Content-Security-Policy $csp always;
}
`,
      },
    },
    {
      name: 'set, or switched off on purpose',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    add_header X-Frame-Options DENY;
}
server {
    listen 81;
    root /srv;
    add_header X-Frame-Options "";
}
`,
      },
    },
    {
      name: 'no pages: redirects and gRPC',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    return 301 https://$host$request_uri;
}
server {
    listen 443 ssl;
    location / { grpc_pass grpc://app:9000; }
}
`,
      },
    },
  ],
  check(document, context) {
    reportAbsentHeader(document, context, HEADER);
  },
});

const HEADER: WantedHeader = {
  name: 'X-Frame-Options',
  message: (server) =>
    `${server} sends neither X-Frame-Options nor \`frame-ancestors\`, so any site can frame it and steal clicks.`,
  line: 'add_header X-Frame-Options "SAMEORIGIN" always;',
  kind: {
    safety: 'review',
    risk: 'Other sites that show this one in a frame no longer can.',
    verify: 'nginx -t',
  },
  satisfied: (server) => frameAncestorsState(server) !== 'no',
};
