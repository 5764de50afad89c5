import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxBlock, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { removeDirective, replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';
import { hasWord, type Upstream, upstreamsIn } from './shared/upstreams.ts';

export const rule = defineRule({
  id: 'nginx/upstream-failover',
  title: 'A failed server is not passed over',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /upstream/,
  docs: {
    why: 'With several servers nginx asks the next one where one does not answer, and leaves the failed one alone for a while. `proxy_next_upstream off` and `max_fails=0` switch that off: each request that comes to the failed server ends in an error.',
    fix: 'Leave out `proxy_next_upstream off` (by default only requests that may be repeated go to another server), and give servers `max_fails=3 fail_timeout=30s`, or nothing, which means 1 in 10 seconds.',
    falsePositives:
      'Silent where servers are checked in another way (`health_check`, `check`), for a single server, where the setting makes no difference, and where only some have `max_fails=0`. Upstreams of other files are not seen.',
    references: [
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream',
      'https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server',
    ],
  },
  bad: [
    {
      name: 'failures of no server count',
      files: {
        'nginx/conf.d/app.conf': `upstream «app» {
    server 10.0.0.1:8000 max_fails=0;
    server 10.0.0.2:8000 weight=2 max_fails=0 fail_timeout=10s;
}
server {
    listen 80;
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `upstream app {
    server 10.0.0.1:8000 max_fails=3;
    server 10.0.0.2:8000 weight=2 max_fails=3 fail_timeout=10s;
}
server {
    listen 80;
    location / { proxy_pass http://app; }
}
`,
    },
    {
      name: 'the next server is not asked',
      files: {
        'nginx/conf.d/app.conf': `upstream app {
    server 10.0.0.1:8000;
    server 10.0.0.2:8000;
}
server {
    listen 80;
    location / {
        proxy_next_upstream «off»;
        proxy_pass http://app/;
    }
}
`,
      },
      fixed: `upstream app {
    server 10.0.0.1:8000;
    server 10.0.0.2:8000;
}
server {
    listen 80;
    location / {
        proxy_pass http://app/;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'the defaults, some without count, a single server',
      files: {
        'nginx/conf.d/app.conf': `upstream a { server 10.0.0.1:80; server 10.0.0.2:80; }
upstream b { server 10.0.0.1:80 max_fails=0; server 10.0.0.2:80; }
upstream c { server 10.0.0.1:80 max_fails=0; server 10.0.0.2:80 down max_fails=0; }
server {
    listen 80;
    location /a { proxy_pass http://a; }
    location /b { proxy_pass http://b; }
    location /c { proxy_next_upstream off; proxy_pass http://c; }
}
`,
      },
    },
    {
      name: 'servers are checked in another way',
      files: {
        'nginx/conf.d/app.conf': `upstream a {
    zone a 64k;
    server 10.0.0.1:80 max_fails=0;
    server 10.0.0.2:80 max_fails=0;
}
upstream b {
    server 10.0.0.1:80 max_fails=0;
    server 10.0.0.2:80 max_fails=0;
    check interval=3000 rise=2 fall=5;
}
server {
    listen 80;
    location /a { proxy_pass http://a; health_check; }
    location /b { proxy_pass http://b; }
}
`,
      },
    },
    {
      name: 'switched off where nothing can go elsewhere, on again where it can',
      files: {
        'nginx/conf.d/app.conf': `upstream a { server 10.0.0.1:80; server 10.0.0.2:80; }
server {
    listen 80;
    proxy_next_upstream off;
    location /a { proxy_next_upstream error timeout; proxy_pass http://a; }
    location /b { proxy_pass http://127.0.0.1:9000; }
}
`,
      },
    },
  ],
  check(document, context) {
    const { root } = document.tree;
    const several = upstreamsIn(root).filter(({ servers, complete }) => servers.length > 1 && complete);
    if (several.length === 0 || isChecked(root)) return;
    for (const upstream of several) checkUpstream(document, context, upstream);
    for (const directive of allDirectives(root)) checkNext(document, context, directive, several);
  },
});

/** Health checks that do not wait for a request to fail: those of NGINX Plus, of Tengine and of Lua. */
function isChecked(root: NginxBlock): boolean {
  for (const { name } of allDirectives(root))
    if (/^(?:health_check|check|match|healthcheck\w*|\w*_by_lua_block)$/.test(name)) return true;
  return false;
}

function checkUpstream(
  { tree }: Document<'nginx'>,
  context: Context,
  { name, directive, servers }: Upstream,
): void {
  const [word] = directive.args;
  if (!word || !servers.every((server) => hasWord(server, 'max_fails=0'))) return;
  context.report({
    span: word.span,
    message: `No failure of a server of \`${name.slice(0, 40)}\` counts, so requests go on to those that are down.`,
    place: `${placeOf(directive)}.max_fails`,
    fixes: () => [
      tree.template
        ? undefined
        : {
            title: 'Set max_fails to 3',
            safety: 'review',
            risk: 'A server that fails three times in 10 seconds gets no requests for as long.',
            edits: servers.flatMap(({ args }) =>
              args
                .filter(({ value }) => value === 'max_fails=0')
                .map((arg) => replaceWord(arg, 'max_fails=3')),
            ),
            verify: 'nginx -t',
          },
    ],
  });
}

function checkNext(
  { text, tree }: Document<'nginx'>,
  context: Context,
  directive: NginxDirective,
  several: readonly Upstream[],
): void {
  const module = /^(proxy|fastcgi|uwsgi|scgi|grpc)_next_upstream$/.exec(directive.name)?.[1];
  const [value] = directive.args;
  if (!module || value?.value !== 'off' || !reaches(directive, directive.parent, `${module}_pass`, several))
    return;
  context.report({
    span: value.span,
    message: 'Where one server does not answer, no other one is asked: the request ends in an error.',
    place: placeOf(directive),
    fixes: () => [
      tree.template
        ? undefined
        : {
            title: `Remove ${directive.name}`,
            safety: 'review',
            risk: 'Requests that may be repeated go to a second server where the first gives no answer.',
            edits: [removeDirective(text, directive)],
            verify: 'nginx -t',
          },
    ],
  });
}

/** Whether a block, or one in it that does not say otherwise, passes requests on to one of several servers. */
function reaches(
  directive: NginxDirective,
  block: NginxBlock,
  pass: string,
  several: readonly Upstream[],
): boolean {
  return block.directives.some(({ name, args, block: inner }) => {
    if (name === pass) {
      const host = /^(?:\w+:\/\/)?([^:/]+)/.exec(args[0]?.value ?? '')?.[1];
      return several.some((upstream) => upstream.name === host);
    }
    if (!inner || inner.directives.some((other) => other.name === directive.name)) return false;
    return reaches(directive, inner, pass, several);
  });
}
