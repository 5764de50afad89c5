import { defineRule } from '../core/rule.ts';
import { denyDotFiles, openServers } from './shared/dotfiles.ts';

export const rule = defineRule({
  id: 'nginx/dotfiles-exposed',
  title: 'Files whose names begin with a dot are served',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /root|include/,
  docs: {
    why: 'nginx serves every file below `root` that someone can name. `/.git/config` and the objects beside it are the whole source with its history, `/.env` the passwords. Scanners ask every host for both, all day.',
    fix: 'Add `location ~ /\\.(?!well-known(?:/|$)) { deny all; }` before the first other location with a regular expression: nginx takes the first that fits. A `location ^~` passes over all expressions beside it and needs one of its own. Better still, let `root` be a folder that holds nothing but what is to be served.',
    falsePositives:
      'Only servers that answer paths at their top with files are reported. Where a build fills the folder, `nginx/dotfiles-not-denied` reports it instead, as info. Silent where a location, an `if` or an include that cannot be read may refuse them.',
    cwe: [538],
    controls: ['CIS NGINX 2.1.0 2.5.3'],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#location',
      'https://www.rfc-editor.org/rfc/rfc8615',
    ],
  },
  bad: [
    {
      name: 'a site of PHP in its working copy',
      files: {
        'nginx/sites-available/shop.conf': `«server» {
    listen 443 ssl;
    server_name shop.example.com;
    root /var/www/shop;
    index index.php;
    location / {
        try_files $uri $uri/ /index.php?$args;
    }
    location ~ \\.php$ {
        fastcgi_pass unix:/run/php/php-fpm.sock;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name shop.example.com;
    root /var/www/shop;
    index index.php;
    location / {
        try_files $uri $uri/ /index.php?$args;
    }
    location ~ /\\.(?!well-known(?:/|$)) { deny all; }
    location ~ \\.php$ {
        fastcgi_pass unix:/run/php/php-fpm.sock;
    }
}
`,
    },
    {
      name: 'the denial comes too late, or is for other files',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    root /var/www/app;
    location ~* \\.(js|css|env)$ { expires 30d; }
    location ~ /\\. { deny all; }
}
«server» {
    listen 81;
    root /var/www/app;
    location ~ /\\.ht { deny all; }
}
`,
      },
      fixed: `server {
    listen 80;
    root /var/www/app;
    location ~ /\\.(?!well-known(?:/|$)) { deny all; }
    location ~* \\.(js|css|env)$ { expires 30d; }
    location ~ /\\. { deny all; }
}
server {
    listen 81;
    root /var/www/app;
    location ~ /\\.ht { deny all; }
}
`,
    },
    {
      name: 'locations that no expression beside them is asked for',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    root /var/www/app;
    location ^~ /static/ {
        expires 1h;
    }
    location ^~ /media/ { alias /srv/media/; location ~ \\.jpg$ { expires 1h; } }
    location ^~ /files { }
    location ^~ /api/ { proxy_pass http://127.0.0.1:8000; }
    location ^~ /old/ { return 301 /static/; }
    location ^~ /.well-known/acme-challenge/ { root /srv/acme; }
    location ^~ /docs/ { location ~ /\\. { deny all; } }
    location ^~ /team/ { allow 10.0.0.0/8; deny all; }
}
`,
      },
      fixed: `server {
    listen 80;
    root /var/www/app;
    location ~ /\\.(?!well-known(?:/|$)) { deny all; }
    location ^~ /static/ {
        expires 1h;
        location ~ /\\.(?!well-known(?:/|$)) { deny all; }
    }
    location ^~ /media/ { alias /srv/media/; location ~ /\\.(?!well-known(?:/|$)) { deny all; } location ~ \\.jpg$ { expires 1h; } }
    location ^~ /files { location ~ /\\.(?!well-known(?:/|$)) { deny all; } }
    location ^~ /api/ { proxy_pass http://127.0.0.1:8000; }
    location ^~ /old/ { return 301 /static/; }
    location ^~ /.well-known/acme-challenge/ { root /srv/acme; }
    location ^~ /docs/ { location ~ /\\. { deny all; } }
    location ^~ /team/ { allow 10.0.0.0/8; deny all; }
}
`,
    },
    {
      name: 'no location at all',
      files: { 'nginx/conf.d/app.conf': '«server» {\n\tlisten 80;\n\troot /srv/app;\n}\n' },
      fixed:
        'server {\n\tlisten 80;\n\troot /srv/app;\n\tlocation ~ /\\.(?!well-known(?:/|$)) { deny all; }\n}\n',
    },
  ],
  good: [
    {
      name: 'denied, in many ways',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; root /srv; location ~ /\\. { deny all; } }
server { listen 81; root /srv; location ~ /\\.(?!well-known).* { return 404; } location ~ \\.env$ { expires 1d; } }
server { listen 82; root /srv; location ~* (^|/)\\. { return 403; } }
server { listen 83; root /srv; location ~ /\\.(git|env|ht) { access_log off; deny all; } }
server { listen 84; root /srv; location /.git { deny all; } location = /.env { return 404; } }
server { listen 85; root /srv; location / { location ~ /\\. { deny all; } } }
server { listen 86; root /srv; if ($request_uri ~ "/\\.") { return 404; } }
server { listen 87; root /srv; include /etc/nginx/snippets/deny-dot.conf; }
server { listen 88; root /srv; location ^~ / { location ~ /\\. { deny all; } } }
`,
      },
    },
    {
      name: 'not reachable, guarded, or nothing but requests passed on',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; root /srv; location / { proxy_pass http://app; } location /static/ { expires 1d; } }
server { listen 81; root /srv; return 301 https://$host$request_uri; }
server { listen 82; root /srv; auth_basic "x"; auth_basic_user_file /x; }
server { listen 127.0.0.1:83; root /srv; }
server { listen 84; root /srv; location / { try_files /index.html =404; } }
server { listen 85; root /srv; location / { rewrite ^ /index.php; } }
server { listen 86; root /var/www/certbot; location /.well-known/acme-challenge/ { } location / { return 404; } }
server { listen 87; location / { proxy_pass http://app; } }
`,
      },
    },
    {
      name: 'what a build has made: another rule says so',
      files: {
        'nginx/default.conf': `server {
    listen 80;
    root /usr/share/nginx/html;
    location / { try_files $uri $uri/ /index.html; }
}
`,
      },
    },
    {
      name: 'the denial comes with an include',
      files: {
        'nginx/nginx.conf':
          'events {}\nhttp {\n    server {\n        listen 80;\n        root /srv;\n        include snippets/deny.conf;\n    }\n}\n',
        'nginx/snippets/deny.conf': 'location ~ /\\. { deny all; }\n',
      },
    },
  ],
  check(document, context) {
    for (const { server, root, isBuilt, files } of openServers(document, context.facts)) {
      const owner = server.scope.block?.owner;
      if (isBuilt || !owner) continue;
      context.report({
        span: owner.nameSpan,
        message: `\`${server.label}\` gives ${files} to anyone who asks, if \`${root.path.slice(0, 40)}\` has them.`,
        place: `${server.place}.dotfiles`,
        rollup: {
          key: server.place,
          noun: 'server',
          subject: `\`${server.label}\``,
          item: 'a denial of dot files',
        },
        fixes: () => [denyDotFiles(document, server)],
      });
    }
  },
});
