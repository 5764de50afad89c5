import { defineRule } from '../core/rule.ts';
import { isOn } from './shared/flags.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { proxyingServers } from './shared/public-proxies.ts';

export const rule = defineRule({
  id: 'nginx/gzip-breach',
  title: 'Pages of an application are compressed under TLS',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'low',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\bgzip\b/,
  docs: {
    why: 'Who can make a browser send many requests and see the length of the answers can guess a secret on a page, letter by letter, if the page also shows something of the request: a guess that fits compresses better (BREACH).',
    fix: 'Leave compression on for files, and off in locations whose pages hold a secret and text from the request; or let the application mask its tokens anew for each answer, as most frameworks do.',
    falsePositives:
      'Most applications are safe, and compression is worth much; that is why the rule is off by default. `text/html` is always among the types.',
    cwe: [310],
    controls: ['CIS NGINX 2.1.0 2.1.3'],
    references: [
      'https://www.breachattack.com/',
      'https://nginx.org/en/docs/http/ngx_http_gzip_module.html#gzip_types',
    ],
  },
  bad: [
    {
      name: 'for a server with TLS that passes requests on',
      files: {
        'nginx.conf': `events {}
http {
    gzip «on»;
    server { listen 443 ssl; location / { proxy_pass http://app; } }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'files only, no TLS, off where pages come from',
      files: {
        'nginx.conf': `events {}
http {
    gzip on;
    server { listen 443 ssl; root /srv; }
    server { listen 80; location / { proxy_pass http://app; } }
    server { listen 444 ssl; location / { gzip off; proxy_pass http://app; } }
}
`,
      },
    },
    {
      name: 'off',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 443 ssl;\n    gzip off;\n    location / { proxy_pass http://app; }\n}\n',
      },
    },
  ],
  check(document, context) {
    const inEffect = new Set(
      proxyingServers(document, context.facts)
        .filter(({ server }) => server.tls)
        .flatMap(({ passes }) => passes.map((scope) => effectiveValue(scope, 'gzip').item)),
    );
    for (const { item, directive } of ownDirectives(scopeOf(document, context.facts), 'gzip')) {
      const [value] = directive.args;
      if (!value || !isOn(value.value) || !inEffect.has(item)) continue;
      context.report({
        span: value.span,
        message:
          'Pages that hold a secret and text from the request can be guessed by their length, letter by letter.',
        place: placeOf(directive),
      });
    }
  },
});
