import { emptySpan } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Edit } from '../core/rule.ts';
import { isCopy, withCopies } from './shared/copies.ts';
import { placeOf } from './shared/place.ts';

/** Headers that an error page needs as much as any other. */
const HEADERS: ReadonlyMap<string, string> = new Map([
  ['strict-transport-security', 'Strict-Transport-Security'],
  ['x-frame-options', 'X-Frame-Options'],
  ['x-content-type-options', 'X-Content-Type-Options'],
  ['content-security-policy', 'Content-Security-Policy'],
]);

export const rule = defineRule({
  id: 'nginx/header-without-always',
  title: 'Security header is missing from error pages',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /add_header/,
  docs: {
    why: 'Without `always`, nginx adds a header only to answers with a few codes (200, 204, 206, 301, …). Error pages, also those of the application, go out without it, and an error page that shows part of the request is where scripts get in.',
    fix: 'Append `always`.',
    falsePositives:
      'Headers that matter only with content, such as `Cache-Control`, are not looked at. `more_set_headers` sets its headers always.',
    cwe: [693],
    references: ['https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header'],
  },
  bad: [
    {
      name: 'one of two headers',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    «add_header X-Content-Type-Options» "nosniff"  ; # types
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    add_header X-Content-Type-Options "nosniff" always  ; # types
    location / { proxy_pass http://app; }
}
`,
    },
    {
      name: 'the same line in a location, which cannot inherit it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    «add_header X-Frame-Options» DENY;
    location /a/ {
        add_header X-Frame-Options DENY;
        add_header Cache-Control "no-store";
        root /srv;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    add_header X-Frame-Options DENY always;
    location /a/ {
        add_header X-Frame-Options DENY always;
        add_header Cache-Control "no-store";
        root /srv;
    }
}
`,
    },
    {
      name: 'a policy over several lines, and a header in lower case',
      files: {
        'nginx/snippets/headers.conf': `«add_header Content-Security-Policy»
    "default-src 'self'; object-src 'none'";
«add_header x-frame-options» DENY;
`,
      },
      fixed: `add_header Content-Security-Policy
    "default-src 'self'; object-src 'none'" always;
add_header x-frame-options DENY;
`,
    },
  ],
  good: [
    {
      name: 'with always, in whatever quotes, and headers of another sort',
      files: {
        'nginx/snippets/headers.conf': `add_header X-Frame-Options SAMEORIGIN always;
add_header 'X-Content-Type-Options' 'nosniff' 'always';
add_header Cache-Control "no-store";
more_set_headers "X-Frame-Options: DENY";
`,
      },
    },
    {
      name: 'switched off, filled in later, half-typed',
      files: {
        'nginx/snippets/headers.conf': `add_header X-Frame-Options "";
add_header Content-Security-Policy \${CSP};
add_header X-Content-Type-Options;
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [header, value, last] = directive.args;
      const name = HEADERS.get(header?.value.toLowerCase() ?? '');
      if (directive.name !== 'add_header' || !name || !header || !value || last) continue;
      if (value.value === '' || value.opaque || isCopy(directive)) continue;
      context.report({
        span: { start: directive.nameSpan.start, end: header.span.end },
        message: `Without \`always\`, error pages go out without ${name}.`,
        place: `${placeOf(directive)}[${name}].always`,
        fixes: () => [
          {
            title: 'Append always',
            safety: 'safe',
            edits: withCopies(directive).map(appendAlways),
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

function appendAlways({ args, nameSpan }: NginxDirective): Edit {
  return { span: emptySpan(args.at(-1)?.span.end ?? nameSpan.end), text: ' always' };
}
