import type { NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { enclosing, type Scope, scopesIn } from './shared/scope.ts';
import { httpServers, refusesHandshakes, type Server, serverOf } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/insecure-redirect',
  title: 'Redirect to plain HTTP on a site that has HTTPS',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /http:\/\//,
  docs: {
    why: 'The redirect leads through plain HTTP, where the request can be read and the answer changed, though the name is served with TLS. From a server with TLS it even leads out of it.',
    fix: 'Redirect to `https://` at once.',
    falsePositives:
      'Only redirects to a name that a TLS server of the same configuration has are reported, and those of a TLS server to itself. For the latter no fix is offered: what is right depends on the server for plain HTTP.',
    cwe: [319],
    references: ['https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return'],
  },
  bad: [
    {
      name: 'to the canonical name, which redirects once more',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name example.com;
    return 301 «http://www.example.com$request_uri»;
}
server {
    listen 443 ssl;
    server_name www.example.com;
    root /srv;
}
`,
      },
      fixed: `server {
    listen 80;
    server_name example.com;
    return 301 https://www.example.com$request_uri;
}
server {
    listen 443 ssl;
    server_name www.example.com;
    root /srv;
}
`,
    },
    {
      name: 'a rewrite in a location, in quotes; the server for HTTPS in another file',
      files: {
        'nginx/conf.d/a.conf': `server {
    server_name example.com;
    location /old/ { rewrite ^/old/(.*)$ «"http://WWW.example.com/$1"» permanent; }
}
`,
        'nginx/conf.d/b.conf': 'server { listen 443 ssl; server_name www.example.com; root /srv; }\n',
      },
      fixed: `server {
    server_name example.com;
    location /old/ { rewrite ^/old/(.*)$ "https://WWW.example.com/$1" permanent; }
}
`,
    },
    {
      name: 'out of TLS',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 443 ssl; server_name example.com; return 302 «http://$host$request_uri»; }\n',
      },
    },
  ],
  good: [
    {
      name: 'to HTTPS, and to names of others',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; server_name example.com; return 301 https://example.com$request_uri; }
server { listen 443 ssl; server_name example.com; location /docs { return 302 http://docs.example.org/; } }
`,
      },
    },
    {
      name: 'a site without TLS, or whose TLS ends in front',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; server_name example.com; return 301 http://www.example.com$request_uri; }
server { listen 80; server_name www.example.com; root /srv; }
`,
      },
    },
    {
      name: 'another port, and a page of the answer',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name example.com;
    location /a { return 302 http://example.com:8080/; }
    location /b { return 200 "http://example.com"; }
}
`,
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    for (const server of httpServers(root)) {
      for (const { directive, target } of redirectsIn(server.scope)) {
        const host = HOST.exec(target.value)?.[1]?.toLowerCase();
        if (host === undefined) continue;
        const isSelf = server.tls && (OWN.has(host) || hasName(server, host));
        const other = tlsServersOf(server).some((each) => each.scope !== server.scope && hasName(each, host));
        if (!isSelf && !other) continue;
        context.report({
          span: target.span,
          message: `The redirect leads through plain HTTP, though \`${host.slice(0, 60)}\` is served with TLS.`,
          place: `${placeOf(directive)}[${target.value.slice(0, 80)}]`,
          fixes: () => [isSelf || document.tree.template ? undefined : fixFor(target)],
        });
      }
    }
  },
});

/** The host of a redirect to plain HTTP without a port, which would stay behind `https`. */
const HOST = /^http:\/\/(\$?[\w.-]+)(?=\/|\$|$)/;
const OWN: ReadonlySet<string> = new Set(['$host', '$http_host', '$server_name']);

function redirectsIn(server: Scope) {
  return [...scopesIn(server)].flatMap(({ items }) =>
    items.flatMap(({ name, args, opaque, anchor }) => {
      if (opaque || !anchor || anchor.name !== name) return [];
      const isReturn = name === 'return' && (args.length === 1 || /^30[12378]$/.test(args[0] ?? ''));
      const target = isReturn ? anchor.args.at(-1) : name === 'rewrite' ? anchor.args[1] : undefined;
      return target ? [{ directive: anchor, target }] : [];
    }),
  );
}

function tlsServersOf({ scope }: Server): readonly Server[] {
  const http = enclosing(scope, 'http');
  return [...(http ? scopesIn(http) : [])]
    .filter(({ kind }) => kind === 'server')
    .map(serverOf)
    .filter((server) => server.tls && !refusesHandshakes(server));
}

function hasName({ names }: Server, host: string): boolean {
  return names.some((name) => name.toLowerCase() === host);
}

function fixFor({ span, quote }: NginxWord): Fix {
  const start = span.start + (quote ? 1 : 0);
  return {
    title: 'Redirect to https',
    safety: 'safe',
    edits: [{ span: { start, end: start + 'http'.length }, text: 'https' }],
    verify: 'nginx -t',
  };
}
