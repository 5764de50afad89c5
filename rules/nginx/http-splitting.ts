import type { Document, Span } from '../../syntaxes/document.ts';
import {
  allDirectives,
  ancestorsOf,
  type NginxDirective,
  type NginxWord,
} from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';
import { partsOf } from './shared/values.ts';
import { type Variables, variablesOf } from './shared/variables.ts';

export const rule = defineRule({
  id: 'nginx/http-splitting',
  title: 'A variable may bring line ends into a header',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  // A line end comes from a path that nginx has decoded, by its variables or by a class of characters that takes line ends.
  mentions:
    /\$\{?(?:document_)?uri\b|\$\{?(?:request_(?:filename|body)|fastcgi_(?:script_name|path_info))\b|\[\^|\\[sWDR]|\[:/,
  docs: {
    why: 'nginx undoes the percent-encoding of a path before it puts it into `$uri` and into the groups of expressions. A request for `/%0d%0aSet-Cookie:%20a=b` then ends the header in which the variable stands, and starts one that the attacker writes: a cookie, a redirect, a whole second request to the upstream.',
    fix: 'Use `$request_uri`, which stays as the client sent it, or limit groups to characters that are safe: `([\\w-]+)`, `([^\\s/]+)`. In `rewrite` with `redirect` or `permanent` groups are encoded again, so `rewrite ^/old/(.*)$ https://example.com/$1 permanent;` is sound.',
    falsePositives:
      'A dot (`.*`) takes no line end, so groups of that kind are not reported. Neither are `$uri` in a `location =`, in the text of `return 200`, and variables that are set in another file.',
    cwe: [113, 93],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#var_uri',
      'https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return',
    ],
  },
  bad: [
    {
      name: 'the redirect to HTTPS',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name app.example.com;
    return 301 https://$host«$uri»;
}
`,
      },
      fixed: `server {
    listen 80;
    server_name app.example.com;
    return 301 https://$host$request_uri;
}
`,
    },
    {
      name: 'with the query behind it, in quotes and braces',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location /a { return 308 "https://example.com«${uri}»$is_args$args"; }\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    location /a { return 308 "https://example.com$request_uri"; }\n}\n',
    },
    {
      name: 'groups that take line ends, by number, by name and through a variable',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ~ ^/u/([^/]+)/ { return 302 https://example.com/«$1»; }
    location ~ "^/v1/(?<action>[^.]*)\\.json$" { add_header X-Action «$action»; }
    location ~ ^/w/([^?]+)$ {
        set $page $1;
        proxy_set_header X-Page «$page»;
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'towards the upstream, and a redirect by rewrite',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { proxy_pass http://app«$uri»; }
    location /b { proxy_set_header X-Original-URI «$document_uri»; proxy_pass http://app; }
    location /c { rewrite ^ https://c.example.com«$uri» permanent; }
}
`,
      },
      fixed: `server {
    listen 80;
    location /a { proxy_pass http://app$request_uri; }
    location /b { proxy_set_header X-Original-URI $document_uri; proxy_pass http://app; }
    location /c { rewrite ^ https://c.example.com$uri permanent; }
}
`,
    },
  ],
  good: [
    {
      name: 'as the client sent it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / { return 301 https://$host$request_uri; }
    location /a { proxy_set_header X-Original-URI $request_uri; proxy_pass http://app$request_uri; }
    location /b { return 302 https://example.com/?q=$arg_q&h=$http_x_name; }
}
`,
      },
    },
    {
      name: 'groups that take no line end, and those of a rewrite, which are encoded again',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    rewrite ^/x/([^/]+)$ https://example.com/$1 permanent;
    location ~ ^/a/(.*)$ { return 301 https://example.com/$1; }
    location ~ ^/b/([\\w-]+)$ { return 301 https://example.com/$1; }
    location ~ ^/c/(?<id>\\d+)/ { add_header X-Id $id; proxy_pass http://app/$id; }
    location ~ ^/d/([^\\s/]+)$ { proxy_pass http://app/$1; }
}
`,
      },
    },
    {
      name: 'no header: the body of an answer, files, inside rewrites, FastCGI',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { return 200 "you asked for $uri"; }
    location /b { try_files $uri $uri/ /index.html; }
    location /c { rewrite ^/c/([^/]+)$ /d?page=$1 last; }
    location /d { fastcgi_param SCRIPT_NAME $uri; fastcgi_pass php:9000; }
}
`,
      },
    },
    {
      name: 'one path only, a variable that is checked, and maps to fixed values',
      files: {
        'nginx/conf.d/app.conf': `map $uri $target {
    default /;
    ~^/old/([^/]+) /new/;
}
server {
    listen 80;
    location = /health { return 301 https://example.com$uri; }
    location ~ ^/[a-z]+$ { return 301 https://example.com$uri; }
    location /a { if ($uri ~ "^/a/[a-z]+$") { return 301 https://example.com$uri; } }
    location /b { return 301 https://example.com$target; }
    location /c { return 301 https://example.com$set_elsewhere; }
}
`,
      },
    },
  ],
  check(document, context) {
    let variables: Variables | undefined;
    for (const directive of allDirectives(document.tree.root)) {
      const word = headerWord(directive);
      if (!word?.value.includes('$') || word.opaque) continue;
      variables ??= variablesOf(document, context.facts);
      const span = splitting(document, directive, word, variables);
      if (!span) continue;
      const shown = document.text.slice(span.start, span.end).slice(0, 40);
      context.report({
        span,
        message: `A request with \`%0d%0a\` in its path ends ${WHERE.get(directive.name) ?? 'the header'} at \`${shown}\` and adds headers of its own.`,
        place: `${placeOf(directive)}[${directive.args
          .map(({ value }) => value)
          .join(' ')
          .slice(0, 80)}]`,
        fixes: () => [requestUriFix(document, directive, word)],
      });
    }
  },
});

const WHERE: ReadonlyMap<string, string> = new Map([
  ['return', 'the redirect'],
  ['rewrite', 'the redirect'],
  ['proxy_pass', 'the request to the upstream'],
]);

/** The word of a directive that becomes a header, or the first line of a request. */
function headerWord({ name, args }: NginxDirective): NginxWord | undefined {
  if (/^(?:add_header|add_trailer|proxy_set_header)$/.test(name)) return args[1];
  if (name === 'proxy_pass') return args[0];
  if (name === 'more_set_headers') return args.find(({ value }) => value.includes('$'));
  if (name === 'return') {
    if (args.length === 1) return args[0];
    return /^30[12378]$/.test(args[0]?.value ?? '') ? args[1] : undefined;
  }
  if (name !== 'rewrite') return undefined;
  const redirects =
    /^(?:redirect|permanent)$/.test(args[2]?.value ?? '') ||
    /^(?:https?:|\$scheme)/.test(args[1]?.value ?? '');
  return redirects ? args[1] : undefined;
}

/** The first variable that may hold a line end. */
function splitting(
  { text }: Document<'nginx'>,
  directive: NginxDirective,
  word: NginxWord,
  variables: Variables,
): Span | undefined {
  for (const { variable, text: written } of partsOf(word.value)) {
    if (variable === undefined || (directive.name === 'rewrite' && /^\d$/.test(variable))) continue;
    if (!variables.controlOf(variable, directive).may('\n')) continue;
    const start = text.indexOf(written, word.span.start);
    return start < 0 || start >= word.span.end ? word.span : { start, end: start + written.length };
  }
  return undefined;
}

/** The path at the end of a URL, with the query behind it or without. */
const PATH_AT_END =
  /\$(?:\{(?:document_)?uri\}|(?:document_)?uri)((?:\$is_args|\?)\$(?:args|query_string))?$/;

/** `$request_uri` holds path and query as they came, so it replaces both. */
function requestUriFix(
  { text }: Document<'nginx'>,
  directive: NginxDirective,
  word: NginxWord,
): Fix | undefined {
  if (directive.name !== 'return' && directive.name !== 'proxy_pass') return undefined;
  const end = word.span.end - (word.quote ? 1 : 0);
  const raw = text.slice(word.span.start, end);
  const found = PATH_AT_END.exec(raw);
  if (!found || raw.slice(0, found.index).includes('?') || isRewritten(directive)) return undefined;
  const withQuery = found[1] !== undefined;
  const forUpstream = directive.name === 'proxy_pass';
  return {
    title: 'Use $request_uri',
    safety: withQuery && !forUpstream ? 'safe' : 'review',
    risk: forUpstream
      ? 'The upstream gets the path as the client sent it, with its percent-encoding and its query.'
      : 'The redirect then keeps the query of the request.',
    edits: [{ span: { start: word.span.start + found.index, end }, text: '$request_uri' }],
    verify: 'nginx -t',
  };
}

/** `$request_uri` knows nothing of rewrites. */
function isRewritten(directive: NginxDirective): boolean {
  return [directive, ...ancestorsOf(directive)].some(({ parent }) =>
    parent.directives.some(({ name }) => name === 'rewrite'),
  );
}
