import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { scopeOf } from './shared/model.ts';
import { originsOf } from './shared/origins.ts';
import { placeOf } from './shared/place.ts';
import { responseHeaders } from './shared/response-headers.ts';
import { type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/cors-any-origin',
  title: 'Any site may read the answers of an application',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'low',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /access-control-allow-origin/i,
  docs: {
    why: 'Where an application is open to all origins, a page on the internet can read what it answers inside a private network, through the browser of somebody who is in there.',
    fix: 'Name the origins that need it. For an interface that is public anyway, `*` is right.',
    falsePositives:
      'Off by default: public interfaces are meant to be open. Only blocks that pass requests on are looked at; fonts and other files may be open. With credentials it is `nginx/cors-wildcard-credentials`.',
    cwe: [942],
    references: ['https://fetch.spec.whatwg.org/#http-cors-protocol'],
  },
  bad: [
    {
      name: 'an application',
      files: {
        'nginx/conf.d/api.conf':
          'server {\n    listen 80;\n    location /api/ { add_header Access-Control-Allow-Origin «*»; proxy_pass http://api; }\n}\n',
      },
    },
    {
      name: 'whoever asks, for all of a server',
      files: {
        'nginx/conf.d/api.conf':
          'server {\n    listen 80;\n    add_header access-control-allow-origin «"$http_origin"» always;\n    location ~ \\.php$ { fastcgi_pass php:9000; include fastcgi_params; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'files, one origin, and with credentials, which is another matter',
      files: {
        'nginx/conf.d/api.conf': `server {
    listen 80;
    location /fonts/ { add_header Access-Control-Allow-Origin *; root /srv; }
    location /a/ { add_header Access-Control-Allow-Origin https://a.example.com; proxy_pass http://a; }
    location /b/ { add_header Access-Control-Allow-Origin *; add_header Access-Control-Allow-Credentials true; proxy_pass http://b; }
}
`,
      },
    },
    {
      name: 'an origin that was looked at',
      files: {
        'nginx/conf.d/api.conf': `map $http_origin $cors { default ""; "https://a.example.com" $http_origin; }
server {
    listen 80;
    location / { add_header Access-Control-Allow-Origin $cors; proxy_pass http://a; }
}
`,
      },
    },
  ],
  check(document, context) {
    const seen = new Set<NginxDirective>();
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      if (!scope.block || !passesRequests(scope)) continue;
      const headers = responseHeaders(scope);
      const allowed = headers.find(({ name }) => name === 'access-control-allow-origin');
      const directive = allowed?.item.anchor;
      const word = directive?.args[allowed?.index ?? 0];
      if (!allowed || !directive || !word || directive.name !== allowed.item.name || seen.has(directive))
        continue;
      if (headers.some(({ name }) => name === 'access-control-allow-credentials')) continue;
      if (originsOf(document, allowed.value, directive) === 'some') continue;
      seen.add(directive);
      context.report({
        span: word.span,
        message: 'Pages of any site may read what this application answers, also inside a private network.',
        place: `${placeOf(directive)}[Access-Control-Allow-Origin]`,
      });
    }
  },
});

function passesRequests({ items }: Scope): boolean {
  return items.some(({ name }) => /^(?:proxy|fastcgi|uwsgi|scgi)_pass$/.test(name));
}
