import { defineRule } from '../core/rule.ts';
import { locationOf } from './shared/conditions.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { passesOn } from './shared/public-proxies.ts';
import { limitFix, limitState } from './shared/rate-limits.ts';
import { restrictionOf } from './shared/restricted.ts';
import { enclosing, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/rate-limit-auth',
  title: 'Passwords can be guessed without end',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /log[-_]?[io]n|sign[-_]?in|auth|token|passw|otp|xmlrpc|2fa|mfa/i,
  docs: {
    why: 'Lists of stolen passwords are tried by the thousand in a minute, and a code of six digits is guessed within hours. A location for logins is known to be the target, and its honest users come there a few times a day.',
    fix: 'Give it a limit of its own, much tighter than that of other pages: `limit_req_zone $binary_remote_addr zone=auth:10m rate=5r/m;` and `limit_req zone=auth burst=5 nodelay;`.',
    falsePositives:
      'Reported only where a segment of the path is such a word and requests are passed on. Silent where any limit is in effect or may be, for `internal` locations and those that `auth_request` asks, and for protected ones.',
    cwe: [307, 770],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_limit_req_module.html',
      'https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html',
    ],
  },
  bad: [
    {
      name: 'a login beside the rest; a zone for it is there',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=api:10m rate=10r/s;
    limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;
    server {
        listen 80;
        location «/api/login» {
            proxy_pass http://app;
        }
        location / { limit_req zone=api burst=20; proxy_pass http://app; }
    }
}
`,
      },
      fixed: `events {}
http {
    limit_req_zone $binary_remote_addr zone=api:10m rate=10r/s;
    limit_req_zone $binary_remote_addr zone=login:10m rate=5r/m;
    server {
        listen 80;
        location /api/login {
            limit_req zone=login burst=5 nodelay;
            limit_req_status 429;
            proxy_pass http://app;
        }
        location / { limit_req zone=api burst=20; proxy_pass http://app; }
    }
}
`,
    },
    {
      name: 'exact, by an expression, for PHP; in a file of a site',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location = «/wp-login.php» { fastcgi_pass php:9000; }
    location ~* «"^/(?:signin|register)$"» { proxy_pass http://app; }
    location ^~ «/oauth/token/» { proxy_pass http://app; }
    location ~ «/xmlrpc\\.php$» { fastcgi_pass php:9000; }
}
`,
      },
      fixed: `limit_req_zone $binary_remote_addr zone=auth:10m rate=5r/m;
server {
    listen 443 ssl;
    location = /wp-login.php { limit_req zone=auth burst=5 nodelay; limit_req_status 429; fastcgi_pass php:9000; }
    location ~* "^/(?:signin|register)$" { proxy_pass http://app; }
    location ^~ /oauth/token/ { proxy_pass http://app; }
    location ~ /xmlrpc\\.php$ { fastcgi_pass php:9000; }
}
`,
    },
  ],
  good: [
    {
      name: 'a limit in it, around it, or in an include',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=5r/m;
    server {
        listen 80;
        location /login { limit_req zone=a; proxy_pass http://app; }
        location /token { include /etc/nginx/limits.conf; proxy_pass http://app; }
    }
    server {
        listen 81;
        limit_req zone=a;
        location /login { proxy_pass http://app; }
    }
}
`,
      },
    },
    {
      name: 'what other locations ask, and what only some may use',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /app/ { auth_request /auth; proxy_pass http://app; }
    location = /auth { proxy_pass http://sso/verify; }
    location /sso/auth { internal; proxy_pass http://sso; }
    location /login { allow 10.0.0.0/8; deny all; proxy_pass http://app; }
    location /oauth2/ { proxy_pass http://oauth2-proxy; }
}
`,
      },
    },
    {
      name: 'other words, pages that are files, refusals and redirects',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /authors/ { proxy_pass http://app; }
    location /tokens.css { proxy_pass http://app; }
    location /blogin { proxy_pass http://app; }
    location = /login { try_files /login.html =404; }
    location = /xmlrpc.php { deny all; }
    location = /signin { return 301 /login; }
    location ~ ^/(?!login) { proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const owner = scope.kind === 'location' ? scope.block?.owner : undefined;
      const location = owner && locationOf(owner);
      if (!owner || !location || location.word.opaque || !isForLogins(location.path)) continue;
      if (!passesOn(scope) || isAskedInside(scope, location.path)) continue;
      if (limitState(scope, 'limit_req') !== 'no' || restrictionOf(scope) !== 'no') continue;
      context.report({
        span: location.word.span,
        message: `\`${location.path.slice(0, 40)}\` has no limit of requests, so passwords and codes can be guessed without end.`,
        place: `${placeOf(owner)}.limit_req`,
        fixes: () => [
          limitFix(document, context.facts, scope, {
            limit: 'limit_req',
            zone: 'auth',
            size: ':10m rate=5r/m',
            rest: ' burst=5 nodelay',
            fits: ({ rate, name, key }) =>
              key.includes('remote_addr') &&
              rate !== undefined &&
              rate <= 1 &&
              (rate < 0.5 || AUTH_ZONE.test(name)),
            title: 'Limit attempts by address',
            risk: 'Who tries more often than five times at once and then every twelve seconds gets 429, offices behind one address among them.',
          }),
        ],
      });
    }
  },
});

const AUTH_ZONE = /auth|login|sign|pass|token/i;

/** Segments of a path behind which passwords, codes and tokens are checked. */
const FOR_LOGINS =
  /^(?:log[-_]?in|log[-_]?on|sign[-_]?in|user_?login|authenticate|auth|tokens?|password|passwd|(?:reset|forgot)[-_]?password|password[-_]?reset|otp|2fa|mfa|wp-login|xmlrpc)(?:\\?\.php)?$/i;

function isForLogins(path: string): boolean {
  if (path.includes('(?!')) return false;
  // The words of an expression stand between slashes, brackets and bars.
  const words = path.replace(/\(\?:/g, '(').split(/[/()|^$?*+[\]]+/);
  return words.some((word) => FOR_LOGINS.test(word.replace(/\\$/, '')));
}

/** Whether `auth_request` of another location asks this one for each of its requests. */
function isAskedInside(scope: Scope, path: string): boolean {
  const server = enclosing(scope, 'server') ?? scope;
  return [...scopesIn(server)].some(({ items }) =>
    items.some(({ name, args }) => name === 'auth_request' && args[0]?.startsWith(path)),
  );
}
