import { defineRule } from '../core/rule.ts';
import { insertBehindWord } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { limitZones, zoneUsed } from './shared/rate-limits.ts';

export const rule = defineRule({
  id: 'nginx/limit-req-no-burst',
  title: 'Limit of requests turns away honest bursts',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\blimit_req\b/,
  docs: {
    why: 'nginx counts in milliseconds: with `rate=10r/s` and no `burst` the second request within a tenth of a second is refused. A page that loads five pictures at once shows one of them, and somebody soon takes the limit away.',
    fix: 'Allow as many at once as a page needs, `burst=20 nodelay`.',
    falsePositives:
      'Silent for rates below one in a second, which are meant to be strict, and where the zone is defined in a file that is not known.',
    cwe: [770],
    references: ['https://nginx.org/en/docs/http/ngx_http_limit_req_module.html#limit_req'],
  },
  bad: [
    {
      name: 'a rate by the second',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=perip:10m rate=10r/s;
    server {
        listen 80;
        «limit_req» zone=perip;
        location / { proxy_pass http://app; }
    }
}
`,
      },
      fixed: `events {}
http {
    limit_req_zone $binary_remote_addr zone=perip:10m rate=10r/s;
    server {
        listen 80;
        limit_req zone=perip burst=20 nodelay;
        location / { proxy_pass http://app; }
    }
}
`,
    },
    {
      name: 'in a location; the zone stands in another file',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / { «limit_req» "zone=perip"; proxy_pass http://app; }\n}\n',
        'nginx/nginx.conf':
          'events {}\nhttp {\n    limit_req_zone $binary_remote_addr zone=perip:10m rate=300r/m;\n    include conf.d/*.conf;\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    location / { limit_req "zone=perip" burst=20 nodelay; proxy_pass http://app; }\n}\n',
    },
  ],
  good: [
    {
      name: 'bursts, with delay and without',
      files: {
        'nginx/conf.d/app.conf': `limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
server {
    listen 80;
    limit_req zone=a burst=20 nodelay;
    location / { limit_req zone=a burst=10 delay=5; proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'strict on purpose, and a zone that is not known',
      files: {
        'nginx/conf.d/app.conf': `limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;
server {
    listen 80;
    location /login { limit_req zone=login; proxy_pass http://app; }
    location / { limit_req zone=elsewhere; proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const { item, directive } of ownDirectives(scopeOf(document, context.facts), 'limit_req')) {
      const name = zoneUsed(item);
      const last = directive.args.at(-1);
      if (!last || item.opaque || item.args.some((arg) => /^(?:burst|delay)=|^nodelay$/.test(arg))) continue;
      const { zones } = limitZones(document, context.facts);
      const rate = zones.find((zone) => zone.limit === 'limit_req' && zone.name === name)?.rate;
      if (rate === undefined || rate < 1) continue;
      context.report({
        span: directive.nameSpan,
        message: 'Without `burst` a page that loads several files at once is refused some of them.',
        place: `${placeOf(directive)}[${name}]`,
        fixes: () => [
          {
            title: 'Add burst=20 nodelay',
            safety: 'review',
            risk: 'A client may send twenty requests more at once before it is refused.',
            edits: [insertBehindWord(last, ' burst=20 nodelay')],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
