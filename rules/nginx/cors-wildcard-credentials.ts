import type { Document } from '../../syntaxes/document.ts';
import type { NginxDirective, NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removeDirective, replaceWord } from './shared/edits.ts';
import { insertMap, mapsIn, type NewMap } from './shared/maps.ts';
import { scopeOf } from './shared/model.ts';
import { originsOf } from './shared/origins.ts';
import { placeOf } from './shared/place.ts';
import { responseHeaders } from './shared/response-headers.ts';
import { enclosing, itemsNamed, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/cors-wildcard-credentials',
  title: 'Any site may read answers with the cookies of the visitor',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /access-control-allow-credentials/i,
  docs: {
    why: 'Where `Access-Control-Allow-Credentials: true` stands beside an `Access-Control-Allow-Origin` that repeats whatever origin asks, any page that somebody visits can call the application as that person and read what it answers. With `*` browsers refuse such requests, so it does not work, and the next step is usually the one above.',
    fix: 'Let a `map` of `$http_origin` name the origins that may ask with cookies, and give nothing for all others. Where no cookies are needed, leave the credentials out.',
    falsePositives:
      'An origin that an `if` or a `map` has looked at is fine. Silent where the value comes from a variable of another file. What the application behind the proxy sends is not seen.',
    cwe: [942, 346],
    references: [
      'https://fetch.spec.whatwg.org/#cors-protocol-and-credentials',
      'https://portswigger.net/web-security/cors',
    ],
  },
  bad: [
    {
      name: 'the origin is repeated',
      files: {
        'nginx/conf.d/api.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    location /api/ {
        add_header Access-Control-Allow-Origin «$http_origin» always;
        add_header 'Access-Control-Allow-Credentials' 'true' always;
        proxy_pass http://api;
    }
}
`,
      },
      fixed: `map $http_origin $cors_origin {
    default "";
    "https://app.example.com" $http_origin;
}

server {
    listen 443 ssl;
    server_name app.example.com;
    location /api/ {
        add_header Access-Control-Allow-Origin $cors_origin always;
        add_header 'Access-Control-Allow-Credentials' 'true' always;
        proxy_pass http://api;
    }
}
`,
    },
    {
      name: 'any origin, which browsers refuse',
      files: {
        'nginx/conf.d/api.conf': `server {
    listen 80;
    add_header access-control-allow-origin «"*"»;
    add_header access-control-allow-credentials "true";
    location / { proxy_pass http://api; }
}
`,
      },
      fixed: `server {
    listen 80;
    add_header access-control-allow-origin "*";
    location / { proxy_pass http://api; }
}
`,
    },
    {
      name: 'by a map that lets everyone through, an if that asks only for the method, and headers-more',
      files: {
        'nginx/conf.d/api.conf': `map $http_origin $cors {
    default $http_origin;
    '' '';
}
server {
    listen 80;
    location /a/ {
        add_header Access-Control-Allow-Origin «$cors»;
        add_header Access-Control-Allow-Credentials true;
        proxy_pass http://api;
    }
    location /b/ {
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin «$http_origin»;
            add_header Access-Control-Allow-Credentials true;
            return 204;
        }
        more_set_headers «"Access-Control-Allow-Origin: $http_origin"» 'Access-Control-Allow-Credentials: true';
        proxy_pass http://api;
    }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'a map that names the origins, or an if that looks at them',
      files: {
        'nginx/conf.d/api.conf': `map $http_origin $cors {
    default "";
    "~^https://(a|b)\\.example\\.com$" $http_origin;
}
server {
    listen 443 ssl;
    location /a { add_header Access-Control-Allow-Origin $cors; add_header Access-Control-Allow-Credentials true; proxy_pass http://a; }
    location /b {
        if ($http_origin ~ ^https://b\\.example\\.com$) {
            add_header Access-Control-Allow-Origin $http_origin;
            add_header Access-Control-Allow-Credentials true;
        }
        proxy_pass http://b;
    }
    location /c {
        set $ok 0;
        if ($http_origin = https://c.example.com) { set $ok 1; }
        if ($ok) { add_header Access-Control-Allow-Origin $http_origin; add_header Access-Control-Allow-Credentials true; }
        proxy_pass http://c;
    }
    location /d {
        if ($http_origin !~ "^https://d\\.example\\.com$") { return 403; }
        add_header Access-Control-Allow-Origin $http_origin;
        add_header Access-Control-Allow-Credentials true;
        proxy_pass http://d;
    }
}
`,
      },
    },
    {
      name: 'without credentials, for fonts and public files',
      files: {
        'nginx/conf.d/api.conf': `server {
    listen 80;
    location ~* \\.(?:woff2|svg)$ { add_header Access-Control-Allow-Origin *; root /srv; }
    location /api { add_header Access-Control-Allow-Origin $http_origin; add_header Access-Control-Allow-Credentials false; proxy_pass http://a; }
}
`,
      },
    },
    {
      name: 'in two sets that are never in effect together',
      files: {
        'nginx/conf.d/api.conf': `server {
    listen 80;
    add_header Access-Control-Allow-Credentials true;
    location /a { add_header Access-Control-Allow-Origin *; root /srv; }
    location /b { add_header Access-Control-Allow-Origin https://b.example.com; add_header Access-Control-Allow-Credentials true; proxy_pass http://b; }
}
`,
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    const seen = new Set<NginxDirective>();
    for (const scope of scopesIn(root)) {
      const found = scope.block && allowedWithCredentials(document, scope);
      if (!found || seen.has(found.directive)) continue;
      const { directive, origins, word } = found;
      seen.add(directive);
      context.report({
        span: word.span,
        message: MESSAGES[origins],
        place: `${placeOf(directive)}[Access-Control-Allow-Origin]`,
        // What is left without the credentials is open still, which is a matter of its own.
        covers: [`nginx/cors-any-origin ${placeOf(directive)}[Access-Control-Allow-Origin]`],
        fixes: () => [document.tree.template ? undefined : fixFor(document, root, scope, found)],
      });
    }
  },
});

const MESSAGES = {
  any: 'Browsers refuse `*` together with credentials; whoever makes it work lets any site in with the cookies of the visitor.',
  echo: 'Any site that somebody visits can call this with their cookies and read the answer.',
};

interface Allowed {
  readonly directive: NginxDirective;
  readonly word: NginxWord;
  readonly origins: 'any' | 'echo';
}

function allowedWithCredentials(document: Document<'nginx'>, scope: Scope): Allowed | undefined {
  const headers = responseHeaders(scope);
  const allowed = headers.find(({ name }) => name === 'access-control-allow-origin');
  const directive = allowed?.item.anchor;
  const word = directive?.args[allowed?.index ?? 0];
  if (!allowed || !directive || !word || directive.name !== allowed.item.name || word.opaque)
    return undefined;
  if (!headers.some(({ name, value }) => name === CREDENTIALS && /^true$/i.test(value))) return undefined;
  const origins = originsOf(document, allowed.value, directive);
  return origins === 'some' ? undefined : { directive, word, origins };
}

const CREDENTIALS = 'access-control-allow-credentials';

function fixFor(
  document: Document<'nginx'>,
  root: Scope,
  scope: Scope,
  { directive, word, origins }: Allowed,
): Fix | undefined {
  if (origins === 'any') return withoutCredentials(document.text, directive);
  if (word.value !== '$http_origin') return undefined;
  const known = mapsIn(root).find(([, variable]) => variable === VARIABLE);
  if (known && known[0] !== '$http_origin') return undefined;
  const map = known ? undefined : insertMap(document, newMap(scope));
  if (!known && !map) return undefined;
  return {
    title: 'Name the origins that may ask',
    safety: 'review',
    risk: 'Only the origin in the map may ask from now on; add those that belong to you.',
    edits: [...(map ? [map] : []), replaceWord(word, VARIABLE)],
    verify: 'nginx -t',
  };
}

/** Browsers refuse answers with both, so that nothing that works stops working. */
function withoutCredentials(text: string, { parent }: NginxDirective): Fix | undefined {
  const lines = parent.directives.filter(
    ({ name, args }) => name === 'add_header' && args[0]?.value.toLowerCase() === CREDENTIALS,
  );
  if (lines.length === 0) return undefined;
  return {
    title: 'Remove Access-Control-Allow-Credentials',
    safety: 'safe',
    edits: lines.map((line) => removeDirective(text, line)),
    verify: 'nginx -t',
  };
}

const VARIABLE = '$cors_origin';

/** A map with the server's own name, as a start. */
function newMap(scope: Scope): NewMap {
  const server = enclosing(scope, 'server');
  const names = server ? itemsNamed(server, 'server_name').flatMap(({ args }) => args) : [];
  const name = names.find((one) => /^[\w-]+(?:\.[\w-]+)+$/.test(one)) ?? 'www.example.com';
  return {
    source: '$http_origin',
    variable: VARIABLE,
    entries: ['default "";', `"https://${name}" $http_origin;`],
  };
}
