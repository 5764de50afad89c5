import { defineRule } from '../core/rule.ts';
import { reportDropped, type Watched } from './shared/dropped.ts';
import type { Family } from './shared/inherit.ts';
import { passesIn } from './shared/proxying.ts';

export const rule = defineRule({
  id: 'nginx/hide-header-drops-inherited',
  title: 'A block shows headers of the upstream that are hidden around it',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /_hide_header/,
  docs: {
    why: 'One `proxy_hide_header` in a block replaces all that it would inherit, so that the versions of software which the server hides are shown here again.',
    fix: 'Repeat the lost lines in the block, as the fix does.',
    falsePositives:
      'Only headers that name software count. Silent where an include may bring the lines back.',
    cwe: [200],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header'],
  },
  bad: [
    {
      name: 'a location hides something else',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_hide_header X-Powered-By;
    proxy_hide_header Server;
    location /a/ {
        «proxy_hide_header X-Frame-Options»;
        proxy_pass http://a;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    proxy_hide_header X-Powered-By;
    proxy_hide_header Server;
    location /a/ {
        proxy_hide_header X-Powered-By;
        proxy_hide_header Server;
        proxy_hide_header X-Frame-Options;
        proxy_pass http://a;
    }
}
`,
    },
    {
      name: 'PHP, from http to server',
      files: {
        'nginx.conf': `events {}
http {
    fastcgi_hide_header X-Powered-By;
    server {
        listen 80;
        «fastcgi_hide_header X-Pingback»;
        location ~ \\.php$ { fastcgi_pass php:9000; }
    }
}
`,
      },
      fixed: `events {}
http {
    fastcgi_hide_header X-Powered-By;
    server {
        listen 80;
        fastcgi_hide_header X-Powered-By;
        fastcgi_hide_header X-Pingback;
        location ~ \\.php$ { fastcgi_pass php:9000; }
    }
}
`,
    },
  ],
  good: [
    {
      name: 'repeated in any case of letters, or not passed on at all',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_hide_header X-Powered-By;
    location /a/ { proxy_hide_header x-powered-by; proxy_hide_header X-A; proxy_pass http://a; }
    location /b/ { proxy_hide_header X-B; root /srv; }
}
`,
      },
    },
    {
      name: 'what is lost names no software; `Server` is hidden by nginx itself',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_hide_header Access-Control-Allow-Origin;
    location / { proxy_hide_header X-A; proxy_pass http://a; }
}
`,
      },
    },
  ],
  check(document, context) {
    reportDropped(document, context, WATCHED);
  },
});

const NAMES_SOFTWARE =
  /^(?:x-powered-by|x-aspnet(?:mvc)?-version|x-generator|x-runtime|x-version|x-drupal-[\w-]+|x-php-[\w-]+|x-envoy-[\w-]+|x-backend-server|x-server)$/i;

const WATCHED: readonly Watched[] = (['proxy', 'fastcgi', 'uwsgi', 'scgi', 'grpc'] as const).map((module) => {
  const family: Family = `${module}_hide_header`;
  return {
    family,
    matters: ({ args: [name = ''] }) => NAMES_SOFTWARE.test(name),
    applies: (scope) => passesIn(scope, `${module}_pass`, family).length > 0,
  };
});
