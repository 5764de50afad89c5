import type { Span } from '../../syntaxes/document.ts';
import { allDirectives, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isRegex, locationOf } from './shared/conditions.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/location-regex-unanchored',
  title: 'Expression for an ending also matches in the middle of paths',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\blocation\b/,
  docs: {
    why: '`location ~ \\.php` is meant for scripts, but takes `/a.phpx` and `/uploads/x.php.jpg` too: requests come to a location that was not made for them.',
    fix: 'End the expression with `$`, `\\.php$`; with `(/|$)` where a path may follow.',
    falsePositives: 'Silent where `fastcgi_split_path_info` shows that more may follow.',
    cwe: [185],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#location'],
  },
  bad: [
    {
      name: 'one ending, and several in quotes',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ~ «\\.php» { fastcgi_pass php:9000; }
    location ~* «"\\.(?:png|jpg)"» { expires 1y; }
}
`,
      },
      fixed: `server {
    listen 80;
    location ~ \\.php$ { fastcgi_pass php:9000; }
    location ~* "\\.(?:png|jpg)" { expires 1y; }
}
`,
    },
    {
      name: 'in a location',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location /a/ {\n        location ~ «\\.bak» { deny all; }\n    }\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    location /a/ {\n        location ~ \\.bak$ { deny all; }\n    }\n}\n',
    },
  ],
  good: [
    {
      name: 'ends, paths that may follow, folders, and plain locations',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ~ \\.php$ { fastcgi_pass php:9000; }
    location ~ \\.php(/|$) { fastcgi_pass php:9000; }
    location ~ /\\.git { deny all; }
    location ~ ^/api/ { proxy_pass http://app; }
    location /index.php { fastcgi_pass php:9000; }
}
`,
      },
    },
    {
      name: 'more may follow',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location ~ \\.php { fastcgi_split_path_info ^(.+\\.php)(/.+)$; fastcgi_pass php:9000; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const location = locationOf(directive);
      if (!location || !isRegex(location) || location.word.opaque) continue;
      // A dot behind a slash is a hidden file's, not an ending's.
      if (!/(?:^|[^/\\])\\\.(?:\w+|\((?:\?:)?[\w|]+\))$/.test(location.path)) continue;
      if (directive.block?.directives.some(({ name }) => name === 'fastcgi_split_path_info')) continue;
      context.report({
        span: location.word.span,
        message: `\`${location.path.slice(0, 40)}\` has no \`$\`, so the location also takes paths that go on behind the ending.`,
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'End the expression with $',
            safety: 'review',
            risk: 'Paths that go on behind the ending come to another location.',
            edits: [{ span: endOf(location.word), text: '$' }],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

function endOf({ span, quote }: NginxWord): Span {
  const end = span.end - (quote ? 1 : 0);
  return { start: end, end };
}
