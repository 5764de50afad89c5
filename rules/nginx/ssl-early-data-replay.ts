import type { Document } from '../../syntaxes/document.ts';
import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed, type Scope, scopesIn } from './shared/scope.ts';
import { forwardedHeaders } from './shared/tls.ts';

export const rule = defineRule({
  id: 'nginx/ssl-early-data-replay',
  title: 'Early data is passed on without saying so',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_early_data/,
  docs: {
    why: 'Requests in the early data of TLS 1.3 can be recorded and sent again by anyone on the line. The application can refuse those that must not happen twice, a payment say, only if it is told which requests came so.',
    fix: 'Add `proxy_set_header Early-Data $ssl_early_data;` wherever requests are passed on, and let the application answer 425 to what it must not repeat; or leave `ssl_early_data` off.',
    falsePositives:
      'Silent where nothing is passed on, where `$ssl_early_data` is used in another way, and where the headers of an include are not known.',
    cwe: [294],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_early_data',
      'https://www.rfc-editor.org/rfc/rfc8470',
    ],
  },
  bad: [
    {
      name: 'no headers of its own',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_early_data «on»;
    location / {
        proxy_pass http://app:8000;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_early_data on;
    proxy_set_header Early-Data $ssl_early_data;
    location / {
        proxy_pass http://app:8000;
    }
}
`,
    },
    {
      name: 'headers in http and in a location, which are inherited all or none',
      files: {
        'nginx.conf': `events {}
http {
    ssl_early_data «on»;
    proxy_set_header Host $host;
    server {
        listen 443 ssl;
        location / { proxy_pass http://app:8000; }
        location /api/ {
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_pass http://api:8000;
        }
        location /static/ { root /srv; }
    }
}
`,
      },
      fixed: `events {}
http {
    ssl_early_data on;
    proxy_set_header Host $host;
    proxy_set_header Early-Data $ssl_early_data;
    server {
        listen 443 ssl;
        location / { proxy_pass http://app:8000; }
        location /api/ {
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header Early-Data $ssl_early_data;
            proxy_pass http://api:8000;
        }
        location /static/ { root /srv; }
    }
}
`,
    },
  ],
  good: [
    {
      name: 'the application is told',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_early_data on;
    proxy_set_header early-data $ssl_early_data;
    location / { proxy_pass http://app:8000; }
}
`,
      },
    },
    {
      name: 'nginx itself turns some of it away',
      files: {
        'nginx/conf.d/app.conf': `map "$request_method:$ssl_early_data" $too_early { default 0; "~^POST:1" 1; }
server {
    listen 443 ssl;
    ssl_early_data on;
    if ($too_early) { return 425; }
    location / { proxy_pass http://app:8000; }
}
`,
      },
    },
    {
      name: 'files only; off',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl; ssl_early_data on; root /srv; }
    server { listen 8443 ssl; ssl_early_data off; location / { proxy_pass http://app; } }
}
`,
      },
    },
    {
      name: 'an include with headers for the upstream',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_early_data on;
    location / { include snippets/proxy-headers.conf; proxy_pass http://app:8000; }
}
`,
      },
    },
  ],
  check(document, context) {
    // Who uses the variable has thought of it.
    if (/\$\{?ssl_early_data\b/.test(document.text)) return;
    for (const { scope, item, directive } of ownDirectives(
      scopeOf(document, context.facts),
      'ssl_early_data',
    )) {
      const [value] = directive.args;
      if (!value || !isOn(value.value)) continue;
      const untold = [...scopesIn(scope)].filter(
        (inner) => effectiveValue(inner, 'ssl_early_data').item === item && passesUntold(inner),
      );
      if (untold.length === 0) continue;
      context.report({
        span: value.span,
        message:
          'Early data can be sent again by anyone on the line, and the application is not told which requests came so.',
        place: placeOf(directive),
        fixes: () => [fixFor(document, directive, untold)],
      });
    }
  },
});

/** Whether a block passes requests on without the header. */
function passesUntold(scope: Scope): boolean {
  if (itemsNamed(scope, 'proxy_pass').length === 0) return false;
  const { names, certain } = forwardedHeaders(scope);
  return certain && !names.has('early-data');
}

/** Adds the header to each set of headers that is in effect, or beside `ssl_early_data` where there is none. */
function fixFor(
  document: Document<'nginx'>,
  directive: NginxDirective,
  scopes: readonly Scope[],
): Fix | undefined {
  if (document.tree.template) return undefined;
  const anchors = new Set<NginxDirective>();
  for (const scope of scopes) {
    const { owner, items } = forwardedHeaders(scope);
    const anchor = owner
      ? items.findLast((item) => item.anchor?.name === 'proxy_set_header')?.anchor
      : directive;
    if (!anchor) return undefined;
    anchors.add(anchor);
  }
  return {
    title: 'Tell the application of early data',
    safety: 'safe',
    edits: [...anchors].map((anchor) =>
      insertAfter(document.text, anchor, ['proxy_set_header Early-Data $ssl_early_data;']),
    ),
    verify: 'nginx -t',
  };
}
