import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { insertAfter, insertFirst } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { proxyingServers } from './shared/public-proxies.ts';
import { type Scope, scopesAround } from './shared/scope.ts';
import { isReachable, type Server } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/proxy-timeouts',
  title: 'No timeout for the upstream is set',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /\b(?:proxy|fastcgi|uwsgi|scgi|grpc)_pass\b/,
  docs: {
    why: 'By default nginx waits a minute for a connection to the upstream, and a minute more for an answer. While an application hangs, each request keeps a connection that long; soon there is none left for those that would be answered.',
    fix: 'Set `proxy_connect_timeout` to some seconds, and the time for reading to what the slowest page needs. Locations for WebSocket and for long polls need more of their own.',
    falsePositives:
      'Reported once for a server, where none of the three timeouts is in effect in a block that passes requests on. Silent where an include may set them.',
    cwe: [400],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_connect_timeout'],
  },
  bad: [
    {
      name: 'nothing is set',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    server_name app.example.com;
    location / {
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    server_name app.example.com;
    proxy_connect_timeout 5s;
    proxy_send_timeout 60s;
    proxy_read_timeout 60s;
    location / {
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'one location has its own, another one of FastCGI has none',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    location /ws { proxy_read_timeout 1h; proxy_pass http://app; }
    location ~ \\.php$ { fastcgi_pass php:9000; }
}
`,
      },
      fixed: `server {
    listen 80;
    fastcgi_connect_timeout 5s;
    fastcgi_send_timeout 60s;
    fastcgi_read_timeout 60s;
    location /ws { proxy_read_timeout 1h; proxy_pass http://app; }
    location ~ \\.php$ { fastcgi_pass php:9000; }
}
`,
    },
  ],
  good: [
    {
      name: 'one of them, here or for all',
      files: {
        'nginx.conf': `events {}
http {
    proxy_connect_timeout 5s;
    server { listen 80; location / { proxy_pass http://a; } }
    server { listen 81; uwsgi_read_timeout 120s; location / { uwsgi_pass a:3031; } }
}
`,
      },
    },
    {
      name: 'an include may set them',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / { include proxy_params; proxy_pass http://a; }
}
server {
    listen 81;
    include /config/nginx/proxy.conf;
    location / { proxy_pass http://a; }
}
`,
      },
    },
    {
      name: 'nothing is passed on',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    root /srv;\n    location /a { return 200 a; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const { server, passes } of proxyingServers(document, context.facts)) {
      const owner = server.scope.block?.owner;
      if (!owner || !isReachable(server)) continue;
      const family = passes.map(familyWithout).find((found) => found !== undefined);
      if (!family) continue;
      context.report({
        span: owner.nameSpan,
        message: `\`${server.label}\` waits a minute for an application that hangs, and runs out of connections meanwhile.`,
        place: `${server.place}.${family}_timeouts`,
        rollup: {
          key: server.place,
          noun: 'server',
          subject: `\`${server.label}\``,
          item: 'upstream timeouts',
        },
        fixes: () => [timeoutFix(document, server, family)],
      });
    }
  },
});

/** The module that passes requests on from a block, where none of its timeouts is in effect for certain. */
function familyWithout(scope: Scope): string | undefined {
  const pass = scope.items.find(({ name }) => name.endsWith('_pass'))?.name;
  const family = pass?.slice(0, -'_pass'.length);
  if (!family || !/^(?:proxy|fastcgi|uwsgi|scgi|grpc)$/.test(family)) return undefined;
  for (const { unread } of scopesAround(scope))
    if (unread.some((pattern) => /proxy|timeout|websocket|fastcgi-php|upstream|backend/i.test(pattern)))
      return undefined;
  const isMissing = ['connect', 'send', 'read'].every((what) => {
    const { item, certain } = effectiveValue(scope, `${family}_${what}_timeout`);
    return !item && certain;
  });
  return isMissing ? family : undefined;
}

function timeoutFix({ text, tree }: Document<'nginx'>, { scope }: Server, family: string): Fix | undefined {
  const { block } = scope;
  if (!block || tree.template) return undefined;
  const lines = [
    `${family}_connect_timeout 5s;`,
    `${family}_send_timeout 60s;`,
    `${family}_read_timeout 60s;`,
  ];
  const anchor = block.directives.findLast(
    ({ name, block: inner }) => !inner && /^(?:ssl_\w+|server_name|listen)$/.test(name),
  );
  return {
    title: 'Set the timeouts for the upstream',
    safety: 'review',
    risk: 'An upstream that takes more than five seconds to accept a connection counts as down.',
    edits: [anchor ? insertAfter(text, anchor, lines) : insertFirst(text, block, lines)],
    verify: 'nginx -t',
  };
}
