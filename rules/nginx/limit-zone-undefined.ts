import type { Document } from '../../syntaxes/document.ts';
import type { NginxWord } from '../../syntaxes/nginx/tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { type Limit, type LimitZones, limitZones, newZone, zoneUsed } from './shared/rate-limits.ts';

const LIMITS: readonly Limit[] = ['limit_req', 'limit_conn'];

export const rule = defineRule({
  id: 'nginx/limit-zone-undefined',
  title: 'Limit counts in a zone that is not defined',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\blimit_(?:req|conn)\b/,
  docs: {
    why: 'nginx does not start, or does not take over a new configuration: `zero size shared memory zone`.',
    fix: 'Define the zone in `http`: `limit_req_zone $binary_remote_addr zone=NAME:10m rate=10r/s;`, or correct the name.',
    falsePositives:
      'Reported only where the whole configuration is known, from `http` down: silent in fragments that no file includes, and where an include is not in the workspace.',
    references: [
      'https://nginx.org/en/docs/http/ngx_http_limit_req_module.html',
      'https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html',
    ],
  },
  bad: [
    {
      name: 'no zone at all',
      files: {
        'nginx.conf': `events {}
http {
    include /etc/nginx/mime.types;
    server {
        listen 80;
        limit_req «zone=api» burst=20 nodelay;
        root /srv;
    }
}
`,
      },
      fixed: `events {}
http {
    limit_req_zone $binary_remote_addr zone=api:10m rate=10r/s;
    include /etc/nginx/mime.types;
    server {
        listen 80;
        limit_req zone=api burst=20 nodelay;
        root /srv;
    }
}
`,
    },
    {
      name: 'another name, and a zone of the other kind',
      files: {
        'nginx.conf': `events {}
http {
    limit_conn_zone $binary_remote_addr zone=addr:10m;
    limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;
    server {
        listen 80;
        limit_conn «adr» 10;
        location /login { limit_req «"zone=logins"» burst=5; proxy_pass http://app; }
    }
}
`,
      },
      fixed: `events {}
http {
    limit_conn_zone $binary_remote_addr zone=addr:10m;
    limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;
    server {
        listen 80;
        limit_conn addr 10;
        location /login { limit_req "zone=logins" burst=5; proxy_pass http://app; }
    }
}
`,
      offers: ['Use the zone addr', 'Define the zone adr'],
    },
    {
      name: 'in a file that the whole configuration includes',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    limit_conn «perip» 10;\n    root /srv;\n}\n',
        'nginx/nginx.conf': 'events {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n',
      },
      fixed:
        'limit_conn_zone $binary_remote_addr zone=perip:10m;\nserver {\n    listen 80;\n    limit_conn perip 10;\n    root /srv;\n}\n',
    },
  ],
  good: [
    {
      name: 'defined behind its use, and in an included file',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server { listen 80; limit_req zone=a; limit_conn b 1; root /srv; }
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    include /etc/nginx/zones.conf;
}
`,
        'nginx/zones.conf': 'limit_conn_zone $binary_remote_addr zone=b:10m;\n',
      },
    },
    {
      name: 'a fragment',
      files: {
        'nginx/sites-available/app.conf':
          'server {\n    listen 80;\n    limit_req zone=a burst=5;\n    root /srv;\n}\n',
      },
    },
    {
      name: 'a template fills in the name',
      files: {
        'nginx.conf.template':
          'events {}\nhttp {\n    server { listen 80; limit_req zone=${ZONE}; root /srv; }\n}\n',
      },
    },
    {
      name: 'an include whose name says that it limits',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    include /etc/nginx/rate-limits.conf;\n    server { listen 80; limit_req zone=a; root /srv; }\n}\n',
      },
    },
    {
      name: 'sites that are not there may define it',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    server { listen 80; limit_req zone=a; root /srv; }\n    include /etc/nginx/sites-enabled/*;\n}\n',
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    for (const limit of LIMITS) {
      for (const { item, directive } of ownDirectives(root, limit)) {
        const name = zoneUsed(item);
        const word = directive.args.find(({ value }) => limit === 'limit_conn' || value.startsWith('zone='));
        if (!name || !word || item.opaque || name.includes('$')) continue;
        const known = limitZones(document, context.facts);
        if (!known.complete || known.zones.some((zone) => zone.limit === limit && zone.name === name))
          continue;
        context.report({
          span: word.span,
          message: `nginx does not start: no \`${limit}_zone\` defines the zone \`${name.slice(0, 40)}\`.`,
          place: `${placeOf(directive)}[${name.slice(0, 40)}]`,
          fixes: () => fixesFor({ document, limit, name, word, known }),
        });
      }
    }
  },
});

interface Undefined {
  readonly document: Document<'nginx'>;
  readonly limit: Limit;
  readonly name: string;
  readonly word: NginxWord;
  readonly known: LimitZones;
}

function fixesFor({ document, limit, name, word, known: { zones } }: Undefined): readonly Fix[] {
  const names = zones.filter((zone) => zone.limit === limit).map((zone) => zone.name);
  const near = nearestWord(name, names);
  const isTaken = zones.some((zone) => zone.name === name);
  const size = limit === 'limit_req' ? ':10m rate=10r/s' : ':10m';
  const zone = isTaken ? undefined : newZone(document, { limit, size }, name);
  const fixes: Fix[] = [];
  if (near !== undefined)
    fixes.push({
      title: `Use the zone ${near}`,
      safety: 'review',
      risk: 'The limit is that of the other zone, and both count together.',
      edits: [replaceWord(word, word.value.replace(name, near))],
      verify: 'nginx -t',
    });
  if (zone)
    fixes.push({
      title: `Define the zone ${name}`,
      safety: 'review',
      risk: 'The number that is allowed is a guess; set what the application needs.',
      edits: [zone],
      verify: 'nginx -t',
    });
  return fixes;
}
