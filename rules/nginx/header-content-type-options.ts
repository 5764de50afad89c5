import { defineRule } from '../core/rule.ts';
import { reportAbsentHeader, type WantedHeader } from './shared/absent-header.ts';

export const rule = defineRule({
  id: 'nginx/header-content-type-options',
  title: 'Server does not send X-Content-Type-Options',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /server/,
  docs: {
    why: 'Without `nosniff` a browser may take an uploaded text or image for a script or style sheet, whatever type the server names, and run it on the site.',
    fix: 'Add `add_header X-Content-Type-Options "nosniff" always;` where the server\'s set of headers is written. Files with a wrong type (a script as `text/plain`) then stop loading; mend their type.',
    falsePositives:
      'The application behind the proxy may send the header itself, which a configuration does not show. Silent for servers that only redirect or refuse, and where an include, a location or another module may set it.',
    cwe: [693],
    controls: ['CIS NGINX 2.1.0 5.3.2'],
    references: [
      'https://fetch.spec.whatwg.org/#x-content-type-options-header',
      'https://owasp.org/www-project-secure-headers/',
    ],
  },
  bad: [
    {
      name: 'static files of a container',
      files: {
        'docker/nginx/default.conf': `«server» {
    listen 80;
    root /usr/share/nginx/html;
    location / {
        try_files $uri /index.html;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    add_header X-Content-Type-Options "nosniff" always;
    root /usr/share/nginx/html;
    location / {
        try_files $uri /index.html;
    }
}
`,
    },
    {
      name: 'a set of headers without this one; a location with its own set gets it as well',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    add_header Referrer-Policy "no-referrer" always; # be quiet
    location / { proxy_pass http://app; }
    location /feed {
        add_header Strict-Transport-Security "max-age=63072000" always;
        add_header Referrer-Policy "no-referrer" always;
        add_header Cache-Control "no-store";
        proxy_pass http://feed;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    add_header Referrer-Policy "no-referrer" always; # be quiet
    add_header X-Content-Type-Options "nosniff" always;
    location / { proxy_pass http://app; }
    location /feed {
        add_header X-Content-Type-Options "nosniff" always;
        add_header Strict-Transport-Security "max-age=63072000" always;
        add_header Referrer-Policy "no-referrer" always;
        add_header Cache-Control "no-store";
        proxy_pass http://feed;
    }
}
`,
    },
    {
      name: 'the set of the server stands in a file of its own, which other servers share',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    include snippets/headers.conf;
    root /srv;
    location /a/ {
        include snippets/headers.conf;
        add_header Cache-Control "public";
    }
    location /b/ {
        add_header X-Frame-Options DENY always;
        expires 1d;
    }
}
`,
        'nginx/conf.d/snippets/headers.conf':
          '# for all\n  add_header X-Frame-Options DENY always; # no frames\n',
      },
      fixed: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    include snippets/headers.conf;
    root /srv;
    location /a/ {
        include snippets/headers.conf;
        add_header Cache-Control "public";
    }
    location /b/ {
        add_header X-Content-Type-Options "nosniff" always;
        add_header X-Frame-Options DENY always;
        expires 1d;
    }
}
`,
        'nginx/conf.d/snippets/headers.conf':
          '# for all\n  add_header X-Content-Type-Options "nosniff" always;\n  add_header X-Frame-Options DENY always; # no frames\n',
      },
      offers: ['Add X-Content-Type-Options in headers.conf', 'Add X-Content-Type-Options to this server'],
    },
  ],
  good: [
    {
      name: 'set for all servers',
      files: {
        'nginx.conf': `events {}
http {
    add_header X-Content-Type-Options nosniff;
    server { listen 80; root /srv; }
}
`,
      },
    },
    {
      name: 'servers that only redirect, refuse, or show their status',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 80; return 301 https://$host$request_uri; }
    server { listen 81 default_server; return 444; }
    server {
        listen 82;
        location /.well-known/acme-challenge/ { root /var/www/certbot; }
        location / { return 301 https://$host$request_uri; }
    }
    server { listen 83; location /nginx_status { stub_status; allow 10.0.0.0/8; deny all; } }
    server { listen 84; rewrite ^ https://example.com$request_uri? permanent; }
    server { listen 127.0.0.1:85; root /srv; }
}
`,
      },
    },
    {
      name: 'an include that cannot be read, and a location that sets it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    include /config/nginx/proxy-confs/headers.conf;
    root /srv;
}
server {
    listen 81;
    location / {
        add_header X-Content-Type-Options nosniff;
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'another http block of the workspace may be the one around it',
      files: {
        'deploy/nginx/site.conf': 'server {\n    listen 80;\n    root /srv;\n}\n',
        'deploy/nginx/main/nginx.conf':
          'events {}\nhttp {\n    add_header X-Content-Type-Options nosniff;\n    include /etc/nginx/sites/*;\n}\n',
      },
    },
  ],
  check(document, context) {
    reportAbsentHeader(document, context, HEADER);
  },
});

const HEADER: WantedHeader = {
  name: 'X-Content-Type-Options',
  message: (server) =>
    `${server} sends no X-Content-Type-Options, so browsers guess types and may run an upload as a script.`,
  line: 'add_header X-Content-Type-Options "nosniff" always;',
  kind: { safety: 'safe', verify: 'nginx -t' },
};
