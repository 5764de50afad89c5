import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { insertAfter, insertBefore } from './shared/edits.ts';
import { effectiveSet } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import {
  proxyingScopes,
  proxyPassOf,
  speaksHttp11,
  targetHost,
  upstreamHttpVersion,
} from './shared/proxying.ts';
import { itemsNamed, type Scope } from './shared/scope.ts';
import { type Upstream, upstreamsIn } from './shared/upstreams.ts';
import { nginxVersion } from './shared/version.ts';

export const rule = defineRule({
  id: 'nginx/upstream-keepalive',
  title: 'Each request opens a connection to the upstream',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /upstream/,
  docs: {
    why: 'Opening a connection for each request costs time and, under load, all ports of the machine: then requests fail though every server is well. `keepalive` alone does nothing, since nginx asks in HTTP/1.0 with `Connection: close`.',
    fix: 'Set `keepalive 32;` in the upstream, and `proxy_http_version 1.1;` with `proxy_set_header Connection "";` where requests are passed to it.',
    falsePositives:
      'Off by default: a matter of load. Since nginx 1.29.7 connections are kept open by default, so nothing is reported for such versions. Only for upstreams and `proxy_pass` in one file.',
    references: ['https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive'],
  },
  bad: [
    {
      name: 'none is kept open',
      files: {
        'nginx/conf.d/app.conf': `upstream «app» {
    server 10.0.0.1:8000;
    server 10.0.0.2:8000;
}
server {
    listen 80;
    location / {
        proxy_set_header Host $host;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `upstream app {
    server 10.0.0.1:8000;
    server 10.0.0.2:8000;
    keepalive 32;
}
server {
    listen 80;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Connection "";
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'they would be, but nginx says close',
      files: {
        'nginx/conf.d/app.conf': `upstream «app» {
    server 10.0.0.1:8000;
    keepalive 16;
}
server {
    listen 80;
    proxy_http_version 1.1;
    location / { proxy_set_header Host $host; proxy_pass http://app; }
}
`,
      },
      fixed: `upstream app {
    server 10.0.0.1:8000;
    keepalive 16;
}
server {
    listen 80;
    proxy_http_version 1.1;
    location / { proxy_set_header Host $host; proxy_set_header Connection ""; proxy_pass http://app; }
}
`,
    },
  ],
  good: [
    {
      name: 'all three, and what WebSockets need',
      files: {
        'nginx/conf.d/app.conf': `upstream app { server 10.0.0.1:8000; keepalive 32; }
server {
    listen 80;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    location / { proxy_pass http://app; }
    location /ws { proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'kept open by default, or for other protocols',
      files: {
        'nginx/conf.d/app.conf':
          'upstream app { server 10.0.0.1:8000; }\nserver { listen 80; location / { proxy_pass http://app; } }\n',
        '.hardlint.yaml': 'versions:\n  nginx: 1.30.0\n',
      },
    },
    {
      name: 'nobody passes requests on to it here',
      files: {
        'nginx/conf.d/app.conf':
          'upstream php { server php:9000; }\nserver { listen 80; location / { fastcgi_pass php; include fastcgi_params; } }\n',
      },
    },
  ],
  check(document, context) {
    const version = nginxVersion(document, context);
    const upstreams = speaksHttp11(version) ? [] : upstreamsIn(document.tree.root);
    if (upstreams.length === 0) return;
    const scopes = proxyingScopes(scopeOf(document, context.facts));
    for (const upstream of upstreams) {
      const uses = scopes.filter((scope) => {
        const pass = proxyPassOf(scope);
        return pass && targetHost(pass) === upstream.name.toLowerCase();
      });
      checkUpstream(document, context, upstream, uses, version);
    }
  },
});

function checkUpstream(
  document: Document<'nginx'>,
  context: Context,
  upstream: Upstream,
  uses: readonly Scope[],
  version: readonly number[] | undefined,
): void {
  const [word] = upstream.directive.args;
  if (!word || !upstream.complete || uses.length === 0) return;
  const kept = upstream.block.directives.some(({ name }) => name === 'keepalive');
  const closing = uses.filter((scope) => closes(scope, version));
  if (kept && closing.length < uses.length) return;
  context.report({
    span: word.span,
    message: kept
      ? '`keepalive` has no effect: requests go out in HTTP/1.0 or with `Connection: close`.'
      : 'No connection to this upstream is kept open, so under load the machine runs out of ports.',
    place: `${placeOf(upstream.directive)}.keepalive`,
    fixes: () => [fixFor(document, upstream, kept, closing, version)],
  });
}

/** Whether connections are closed after each request from a block, for certain. */
function closes(scope: Scope, version: readonly number[] | undefined): boolean {
  const { items, certain } = effectiveSet(scope, 'proxy_set_header');
  const connection = items.find(({ args }) => args[0]?.toLowerCase() === 'connection');
  return upstreamHttpVersion(scope, version) === '1.0' || (certain && isClose(connection?.args[1]));
}

function isClose(connection: string | undefined): boolean {
  return connection === undefined || connection.toLowerCase() === 'close';
}

function fixFor(
  document: Document<'nginx'>,
  { block, servers }: Upstream,
  kept: boolean,
  closing: readonly Scope[],
  version: readonly number[] | undefined,
): Fix | undefined {
  const { text, tree } = document;
  const last = servers.at(-1) ?? block.directives.at(-1);
  if (tree.template || !last) return undefined;
  const edits: Edit[] = kept ? [] : [insertAfter(text, last, ['keepalive 32;'])];
  for (const scope of closing) {
    const more = editsIn(text, scope, version);
    if (!more) return undefined;
    edits.push(...more);
  }
  return {
    title: 'Keep connections to the upstream open',
    safety: 'review',
    risk: 'The servers see requests in HTTP/1.1, and connections that stay open; each worker keeps up to 32.',
    edits,
    verify: 'nginx -t',
  };
}

/** What a block lacks; undefined where its headers are set further out, since one of its own would drop them. */
function editsIn(
  text: string,
  scope: Scope,
  version: readonly number[] | undefined,
): readonly Edit[] | undefined {
  const { owner, items } = effectiveSet(scope, 'proxy_set_header');
  const pass = proxyPassOf(scope)?.anchor;
  const last = items.at(-1)?.anchor;
  const needsHeader = !items.some(({ args }) => args[0]?.toLowerCase() === 'connection');
  if (!pass || (needsHeader && owner && (owner !== scope || last?.name !== 'proxy_set_header')))
    return undefined;
  const needsVersion = upstreamHttpVersion(scope, version) === '1.0';
  if (needsVersion && itemsNamed(scope, 'proxy_http_version').length > 0) return undefined;
  const versionLine = needsVersion ? ['proxy_http_version 1.1;'] : [];
  const headerLine = needsHeader ? ['proxy_set_header Connection "";'] : [];
  const first = items[0]?.anchor;
  if (!owner || !needsHeader || !first || !last)
    return versionLine.length + headerLine.length > 0
      ? [insertBefore(text, pass, [...versionLine, ...headerLine])]
      : [];
  return [
    ...(needsVersion ? [insertBefore(text, first, versionLine)] : []),
    insertAfter(text, last, headerLine),
  ];
}
