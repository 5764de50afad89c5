import { defineRule } from '../core/rule.ts';
import { denyDotFiles, openServers } from './shared/dotfiles.ts';

export const rule = defineRule({
  id: 'nginx/dotfiles-not-denied',
  title: 'Files whose names begin with a dot would be served',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /root|include/,
  docs: {
    why: 'The folder holds what a build has made, so there should be no `.env` and no `.git` in it. Should one get there all the same, by a `COPY . .` or a volume, anyone can read it.',
    fix: 'Add `location ~ /\\.(?!well-known(?:/|$)) { deny all; }` before the first other location with a regular expression.',
    falsePositives:
      'Folders are taken for built ones by their names (`dist`, `build`, `public`, `/usr/share/nginx/html`) and where everything else is answered with `index.html`. All others are reported by `nginx/dotfiles-exposed`.',
    cwe: [538],
    controls: ['CIS NGINX 2.1.0 2.5.3'],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#location'],
  },
  bad: [
    {
      name: 'the image of an application of one page',
      files: {
        'nginx/default.conf': `«server» {
    listen 80;
    root /usr/share/nginx/html;
    location / {
        try_files $uri $uri/ /index.html;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    root /usr/share/nginx/html;
    location ~ /\\.(?!well-known(?:/|$)) { deny all; }
    location / {
        try_files $uri $uri/ /index.html;
    }
}
`,
    },
    {
      name: 'with the root in the location',
      files: {
        'nginx/default.conf': `«server» {
    listen 8080;
    location / {
        root /app/dist;
        index index.html;
    }
}
`,
      },
      fixed: `server {
    listen 8080;
    location ~ /\\.(?!well-known(?:/|$)) { deny all; }
    location / {
        root /app/dist;
        index index.html;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'denied',
      files: {
        'nginx/default.conf': `server {
    listen 80;
    root /usr/share/nginx/html;
    location ~ /\\.(?!well-known) { deny all; }
    location / { try_files $uri $uri/ /index.html; }
}
`,
      },
    },
    {
      name: 'a working copy, which another rule reports, and nothing but a service behind',
      files: {
        'nginx/default.conf': `server {
    listen 80;
    root /var/www/shop;
}
server {
    listen 81;
    root /usr/share/nginx/html;
    location / { proxy_pass http://app; }
    location = /50x.html { root /usr/share/nginx/html; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const { server, isBuilt, files } of openServers(document, context.facts)) {
      const owner = server.scope.block?.owner;
      if (!isBuilt || !owner) continue;
      context.report({
        span: owner.nameSpan,
        message: `\`${server.label}\` would give ${files} to anyone who asks, should it be in its folder.`,
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
