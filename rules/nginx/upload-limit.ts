import { defineRule } from '../core/rule.ts';
import { locationOf } from './shared/conditions.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { passesOn } from './shared/public-proxies.ts';
import { limitFix, limitState } from './shared/rate-limits.ts';
import { restrictionOf } from './shared/restricted.ts';
import { type Scope, scopesIn } from './shared/scope.ts';
import { bytesOf } from './shared/values.ts';

/** Below this a body is no load to speak of. */
const LARGE = 10 * 1024 ** 2;

export const rule = defineRule({
  id: 'nginx/upload-limit',
  title: 'Large uploads can be repeated without end',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /upload|import|attachment/i,
  docs: {
    why: 'Each upload is kept in a file of nginx before the application gets it, and then costs disk and time there. A location that takes large bodies without a limit of requests fills the disk in minutes.',
    fix: 'Limit the requests of the location: `limit_req_zone $binary_remote_addr zone=upload:10m rate=10r/m;` and `limit_req zone=upload burst=5 nodelay;`.',
    falsePositives:
      'Reported only for locations whose path says upload, where bodies of 10 MB and more are allowed and no limit of requests or connections is in effect or may be. Uploads in many small parts need a higher rate.',
    cwe: [770],
    references: ['https://nginx.org/en/docs/http/ngx_http_limit_req_module.html'],
  },
  bad: [
    {
      name: 'a size of its own',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location «/api/upload» {
        client_max_body_size 100m;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `limit_req_zone $binary_remote_addr zone=upload:10m rate=10r/m;
server {
    listen 443 ssl;
    location /api/upload {
        limit_req zone=upload burst=5 nodelay;
        limit_req_status 429;
        client_max_body_size 100m;
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'the size of the server, none at all',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    client_max_body_size 0;
    location ~ «^/(?:uploads|imports)/» { proxy_pass http://app; }
}
`,
      },
      fixed: `limit_req_zone $binary_remote_addr zone=upload:10m rate=10r/m;
server {
    listen 443 ssl;
    client_max_body_size 0;
    location ~ ^/(?:uploads|imports)/ { limit_req zone=upload burst=5 nodelay; limit_req_status 429; proxy_pass http://app; }
}
`,
    },
  ],
  good: [
    {
      name: 'the default size, limits, files that are only read',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/m;
    limit_conn_zone $binary_remote_addr zone=c:10m;
    server {
        listen 443 ssl;
        location /upload { proxy_pass http://app; }
        location /api/upload { client_max_body_size 50m; limit_req zone=a; proxy_pass http://app; }
        location /v2/upload { client_max_body_size 50m; limit_conn c 2; proxy_pass http://app; }
        location /uploads/ { client_max_body_size 50m; root /srv; }
    }
}
`,
      },
    },
    {
      name: 'another path, a protected one, a template',
      files: {
        'nginx/templates/app.conf.template': `server {
    listen 443 ssl;
    client_max_body_size 50m;
    location /api/ { proxy_pass http://app; }
    location /reupload-docs { proxy_pass http://app; }
    location /upload { auth_basic "x"; auth_basic_user_file /etc/x; proxy_pass http://app; }
    location /uploads { client_max_body_size \${MAX_SIZE}; proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const owner = scope.kind === 'location' ? scope.block?.owner : undefined;
      const location = owner && locationOf(owner);
      if (!owner || !location || !isForUploads(location.path) || !passesOn(scope)) continue;
      if (!takesLarge(scope) || isLimited(scope)) continue;
      context.report({
        span: location.word.span,
        message: `\`${location.path.slice(0, 40)}\` takes large uploads from anyone as often as they like, until the disk is full.`,
        place: `${placeOf(owner)}.limit_req`,
        fixes: () => [
          limitFix(document, context.facts, scope, {
            limit: 'limit_req',
            zone: 'upload',
            size: ':10m rate=10r/m',
            rest: ' burst=5 nodelay',
            fits: ({ name, key }) => key.includes('remote_addr') && /upload/i.test(name),
            title: 'Limit uploads by address',
            risk: 'Who uploads more than five files at once and then one every six seconds gets 429.',
          }),
        ],
      });
    }
  },
});

function isForUploads(path: string): boolean {
  return path
    .replaceAll('(?:', '(')
    .split(/[/()|^$?*+[\]]+/)
    .some((word) => /^(?:file-?)?(?:uploads?|imports?|attachments?)$/i.test(word));
}

function takesLarge(scope: Scope): boolean {
  const { item, certain } = effectiveValue(scope, 'client_max_body_size');
  const bytes = certain ? bytesOf(item?.args[0]) : undefined;
  return bytes !== undefined && (bytes === 0 || bytes >= LARGE);
}

function isLimited(scope: Scope): boolean {
  return (
    limitState(scope, 'limit_req') !== 'no' ||
    limitState(scope, 'limit_conn') !== 'no' ||
    restrictionOf(scope) !== 'no'
  );
}
