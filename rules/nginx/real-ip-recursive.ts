import { defineRule } from '../core/rule.ts';
import { insertAfter, replaceWord } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/real-ip-recursive',
  title: 'Only the last of several proxies is taken for the client',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /real_ip_header/,
  docs: {
    why: 'Behind two proxies `X-Forwarded-For` ends with the address of the outer one. Without `real_ip_recursive on` nginx takes that for the client: rate limits and bans hit the proxy, `allow` lists let everyone in who comes through it, and the log names nobody else.',
    fix: 'Set `real_ip_recursive on;`: then nginx goes back through the trusted addresses to the first that is not trusted.',
    falsePositives:
      'With one proxy in front both ways give the same. Only lists that trust private networks as well as public ones are reported: those speak of two proxies, one of them a content delivery network.',
    cwe: [348],
    references: ['https://nginx.org/en/docs/http/ngx_http_realip_module.html#real_ip_recursive'],
  },
  bad: [
    {
      name: 'a content delivery network in front of the ingress',
      files: {
        'nginx/conf.d/realip.conf': `set_real_ip_from 10.0.0.0/8;
set_real_ip_from 173.245.48.0/20;
set_real_ip_from 103.21.244.0/22;
real_ip_header «X-Forwarded-For»;
server { listen 80; root /srv; }
`,
      },
      fixed: `set_real_ip_from 10.0.0.0/8;
set_real_ip_from 173.245.48.0/20;
set_real_ip_from 103.21.244.0/22;
real_ip_header X-Forwarded-For;
real_ip_recursive on;
server { listen 80; root /srv; }
`,
    },
    {
      name: 'switched off in words',
      files: {
        'nginx/nginx.conf': `events {}
http {
    real_ip_recursive off;
    server {
        listen 80;
        set_real_ip_from "192.168.0.0/16";
        set_real_ip_from 2400:cb00::/32;
        real_ip_header «"x-forwarded-for"»;
        root /srv;
    }
}
`,
      },
      fixed: `events {}
http {
    real_ip_recursive off;
    server {
        listen 80;
        set_real_ip_from "192.168.0.0/16";
        set_real_ip_from 2400:cb00::/32;
        real_ip_header "x-forwarded-for";
        real_ip_recursive on;
        root /srv;
    }
}
`,
    },
    {
      name: 'switched off beside the header',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    set_real_ip_from 172.16.0.0/12;
    set_real_ip_from 203.0.113.0/24;
    real_ip_header «X-Forwarded-For»;
    real_ip_recursive off;
    root /srv;
}
`,
      },
      fixed: `server {
    listen 80;
    set_real_ip_from 172.16.0.0/12;
    set_real_ip_from 203.0.113.0/24;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    root /srv;
}
`,
    },
  ],
  good: [
    {
      name: 'on, one proxy, and another header',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 203.0.113.0/24;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
}
server {
    listen 81;
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 172.16.0.0/12;
    real_ip_header X-Forwarded-For;
}
server {
    listen 82;
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 203.0.113.0/24;
    real_ip_header CF-Connecting-IP;
}
`,
      },
    },
    {
      name: 'only the ranges of the content delivery network, and an include that may set it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    set_real_ip_from 173.245.48.0/20;
    set_real_ip_from 103.21.244.0/22;
    real_ip_header X-Forwarded-For;
}
server {
    listen 81;
    set_real_ip_from 10.0.0.0/8;
    set_real_ip_from 103.21.244.0/22;
    real_ip_header X-Forwarded-For;
    include /etc/nginx/snippets/proxy.conf;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const header = itemsNamed(scope, 'real_ip_header')[0]?.anchor;
      const [word] = header?.args ?? [];
      if (header?.name !== 'real_ip_header' || word?.value.toLowerCase() !== 'x-forwarded-for') continue;
      const recursive = effectiveValue(scope, 'real_ip_recursive');
      if (!recursive.certain || isOn(recursive.item?.args[0]) || !trustsTwoSorts(scope)) continue;
      const own = itemsNamed(scope, 'real_ip_recursive')[0]?.anchor;
      const flag = own?.name === 'real_ip_recursive' ? own.args[0] : undefined;
      context.report({
        span: word.span,
        message:
          'Several proxies are trusted, but only the last address is taken: limits and logs see the outer proxy as client.',
        place: placeOf(header),
        fixes: () => [
          {
            title: 'Set real_ip_recursive to on',
            safety: 'review',
            risk: 'Every address that is trusted must belong to a proxy: whoever sends from one may name any client.',
            edits: document.tree.template
              ? []
              : [
                  flag
                    ? replaceWord(flag, 'on')
                    : insertAfter(document.text, header, ['real_ip_recursive on;']),
                ],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** Whether private networks are trusted and public ones too: two proxies, one of them outside. */
function trustsTwoSorts(scope: Scope): boolean {
  const ranges = itemsNamed(scope, 'set_real_ip_from').filter(({ opaque }) => !opaque);
  const addresses = ranges.map(({ args }) => args[0] ?? '').filter((range) => /^[\d.]+|:.*:/.test(range));
  const inside = addresses.filter((range) => PRIVATE.test(range));
  const loopback = addresses.filter((range) => LOOPBACK.test(range));
  return inside.length > 0 && inside.length + loopback.length < addresses.length;
}

const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd][\da-f]{2}:)/i;
const LOOPBACK = /^(?:127\.|::1(?:\/|$)|0\.0\.0\.0|::\/0)/;
