import { defineRule } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { mayAskWhoItIs } from './shared/restricted.ts';
import { type Item, itemsNamed, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/allow-without-deny',
  title: 'Address list keeps nobody out',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  // The list may come with an include.
  mentions: /allow|include/,
  docs: {
    why: 'nginx goes through `allow` and `deny` until one fits, and lets in whoever fits none. A list of `allow` without `deny all` at its end looks like a fence and lets everyone in.',
    fix: 'Write `deny all;` behind the last `allow` of the same block. A block with a list of its own does not inherit the one around it.',
    falsePositives:
      'Silent where the block has any `deny`, where `allow all` is meant, where an include that cannot be read may bring the end of the list, and with `satisfy any` beside a password or the like, for which those who are not listed are then asked.',
    cwe: [284],
    controls: ['CIS NGINX 2.1.0 5.1.1'],
    references: ['https://nginx.org/en/docs/http/ngx_http_access_module.html'],
  },
  bad: [
    {
      name: 'a location for the office',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /admin/ {
        allow 10.0.0.0/8;
        «allow» 192.168.1.0/24;
        proxy_pass http://admin;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    location /admin/ {
        allow 10.0.0.0/8;
        allow 192.168.1.0/24;
        deny all;
        proxy_pass http://admin;
    }
}
`,
    },
    {
      name: 'the deny of the server is not inherited, since the location has a list of its own',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 80;
        deny all;
        location /a { «allow» "10.0.0.1"; root /srv; }
        location /b { root /srv; }
    }
}
`,
      },
      fixed: `events {}
http {
    server {
        listen 80;
        deny all;
        location /a { allow "10.0.0.1"; deny all; root /srv; }
        location /b { root /srv; }
    }
}
`,
    },
    {
      name: 'the list comes from another file',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server {
        listen 80;
        location /admin/ {
            «include» /etc/nginx/office.conf;
            proxy_pass http://admin;
        }
    }
}
`,
        'nginx/office.conf': 'satisfy all;\nallow 10.1.2.0/24;\nallow 10.1.3.0/24;\n',
      },
      fixed: `events {}
http {
    server {
        listen 80;
        location /admin/ {
            include /etc/nginx/office.conf;
            deny all;
            proxy_pass http://admin;
        }
    }
}
`,
    },
    {
      name: '`satisfy any` without anything else that could satisfy',
      files: {
        'nginx/conf.d/app.conf': `server {
    auth_basic "Team";
    auth_basic_user_file /etc/nginx/htpasswd;
    satisfy any;
    location /team/ { allow 10.0.0.0/8; root /srv; }
    location /reports/ { «allow» 10.0.0.0/8; auth_basic off; root /srv; }
}
`,
      },
      fixed: `server {
    auth_basic "Team";
    auth_basic_user_file /etc/nginx/htpasswd;
    satisfy any;
    location /team/ { allow 10.0.0.0/8; root /srv; }
    location /reports/ { allow 10.0.0.0/8; deny all; auth_basic off; root /srv; }
}
`,
    },
  ],
  good: [
    {
      name: 'with its end, and all',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { allow 10.0.0.0/8; deny all; }
    location /b { allow all; }
    location /c { deny 203.0.113.7; allow 203.0.113.0/24; }
    location /d { allow 10.0.0.0/8; allow all; }
}
`,
      },
    },
    {
      name: 'whoever is not listed is asked for a password',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    satisfy ANY;
    location / {
        allow 10.0.0.0/8;
        auth_basic "team";
        auth_basic_user_file /etc/nginx/htpasswd;
    }
}
`,
      },
    },
    {
      name: 'the end may come with an include, and a file with nothing but the list',
      files: {
        'nginx/snippets/office.conf': 'allow 10.1.2.0/24;\n',
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /admin/ {
        allow 10.0.0.0/8;
        include /etc/nginx/deny.conf;
    }
}
`,
      },
    },
    {
      name: 'the end comes with an include',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server {
        listen 80;
        location /admin/ {
            allow 10.0.0.0/8;
            include /etc/nginx/deny.conf;
        }
    }
}
`,
        'nginx/deny.conf': 'deny all;\n',
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const owner = scope.block?.owner;
      const last = owner ? openEnd(scope) : undefined;
      const anchor = last?.anchor;
      if (!owner || !last || !anchor) continue;
      context.report({
        span: anchor.nameSpan,
        message: `Without \`deny all\` behind it this list keeps nobody out: who is not listed gets in as well.`,
        place: `${placeOf(owner)}.allow`,
        ...(last.uri !== document.uri && {
          related: [{ uri: last.uri, span: last.span, message: 'The list ends here.' }],
        }),
        fixes: () => [
          {
            title: 'Deny everyone else',
            safety: 'review',
            risk: 'Whoever got in without being listed gets 403, a health check or a load balancer too.',
            edits: document.tree.template ? [] : [insertAfter(document.text, anchor, ['deny all;'])],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** The last `allow` of a list without an end. */
function openEnd(scope: Scope): Item | undefined {
  const allowed = itemsNamed(scope, 'allow');
  if (allowed.length === 0 || !scope.complete) return undefined;
  if (allowed.some(({ args, opaque }) => opaque || args[0] === 'all')) return undefined;
  if (itemsNamed(scope, 'deny').length > 0) return undefined;
  const satisfy = effectiveValue(scope, 'satisfy');
  if (!satisfy.certain && !satisfy.item) return mayAsk(scope) ? undefined : allowed.at(-1);
  const isEither = satisfy.item?.args[0]?.toLowerCase() === 'any';
  return isEither && mayAskWhoItIs(scope) ? undefined : allowed.at(-1);
}

/** Whether `satisfy any`, which may be set where nothing is seen, would matter. */
function mayAsk(scope: Scope): boolean {
  return scope.items.some(({ name }) => name.startsWith('auth_'));
}
