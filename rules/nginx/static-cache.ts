import { defineRule } from '../core/rule.ts';
import { isRegex, locationOf } from './shared/conditions.ts';
import { insertFirst } from './shared/edits.ts';
import { effectiveSet, effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/static-cache',
  title: 'Browsers ask for static files again and again',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\blocation\b/,
  docs: {
    why: 'Without `expires` or `Cache-Control` browsers ask whether a script or a picture has changed at each visit. That is most of the requests that a site gets.',
    fix: 'Add `expires 1y;` where names of files change with their content (`app.3f9c.js`), and a shorter time elsewhere.',
    falsePositives:
      'A matter of performance, so the rule is off by default. Silent where an include may set it.',
    references: ['https://nginx.org/en/docs/http/ngx_http_headers_module.html#expires'],
  },
  bad: [
    {
      name: 'a location for static files',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    location ~* «\\.(?:css|js|png)$» {
        access_log off;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    root /srv;
    location ~* \\.(?:css|js|png)$ {
        expires 1y;
        access_log off;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'a time, a header, an include',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    location ~* \\.(?:css|js)$ { expires 30d; }
    location ~* \\.png$ { add_header Cache-Control "public, max-age=600"; }
    location ~* \\.(?:svg|gif)$ { include snippets/cache.conf; }
}
`,
      },
    },
    {
      name: 'other files, refusals, an upstream',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    location ~ \\.php$ { fastcgi_pass php:9000; }
    location ~ \\.(?:js|map)$ { deny all; }
    location ~ \\.css$ { proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const { block } = scope;
      const location = block?.owner && locationOf(block.owner);
      if (!block?.owner || !location || !isRegex(location) || location.word.opaque) continue;
      if (!STATIC.test(location.path) || scope.items.some(({ name }) => OTHER.test(name))) continue;
      const { item, certain } = effectiveValue(scope, 'expires');
      const headers = effectiveSet(scope, 'add_header');
      const isSet = headers.items.some(({ args }) => /^(?:cache-control|expires)$/i.test(args[0] ?? ''));
      if (item || !certain || !headers.certain || isSet) continue;
      context.report({
        span: location.word.span,
        message:
          'Browsers ask for these files at each visit, since nothing says how long they may keep them.',
        place: `${placeOf(block.owner)}.expires`,
        fixes: () => [
          {
            title: 'Let browsers keep them for a year',
            safety: 'review',
            risk: 'A file that changes under its old name is not seen by who has it; shorten the time where that happens.',
            edits: document.tree.template ? [] : [insertFirst(document.text, block, ['expires 1y;'])],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

const STATIC = /\\\.\(?(?:\?:)?[\w|?]*\b(?:css|js|png|jpe?g|gif|svg|ico|woff2?|webp)\b/;
const OTHER = /_pass$|^(?:deny|return|rewrite|internal|content_by_lua\w*|proxy_cache)$/;
