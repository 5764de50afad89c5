import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Fix } from '../core/rule.ts';
import { insertAfter, insertFirst } from './shared/edits.ts';
import { effectiveSet, type Family } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { itemsNamed, type Scope, scopesAround, scopesIn } from './shared/scope.ts';
import { httpServers, isReachable, type Server } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/proxy-hide-powered-by',
  title: 'Upstream tells which software it runs',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'low',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /(?:proxy|fastcgi)_pass/,
  docs: {
    why: 'PHP, Express, ASP.NET and others send `X-Powered-By` with their version, which tells an attacker what to try.',
    fix: 'Add `proxy_hide_header X-Powered-By;` (`fastcgi_hide_header` for PHP), or switch the header off in the application.',
    falsePositives: 'Off by default: whether the upstream sends the header is not to be seen here.',
    cwe: [200],
    controls: ['CIS NGINX 2.1.0 2.5.4'],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header'],
  },
  bad: [
    {
      name: 'an application',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    server_name app.example.com;
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 80;
    server_name app.example.com;
    proxy_hide_header X-Powered-By;
    location / { proxy_pass http://app; }
}
`,
    },
    {
      name: 'PHP, and something else is hidden',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    fastcgi_hide_header X-Pingback;
    location ~ \\.php$ { fastcgi_pass php:9000; }
}
`,
      },
      fixed: `server {
    listen 80;
    fastcgi_hide_header X-Pingback;
    fastcgi_hide_header X-Powered-By;
    location ~ \\.php$ { fastcgi_pass php:9000; }
}
`,
    },
  ],
  good: [
    {
      name: 'hidden, for all or in each place',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; proxy_hide_header x-powered-by; location / { proxy_pass http://app; } }
server { listen 81; location / { proxy_hide_header X-Powered-By; proxy_pass http://app; } }
server { listen 82; more_clear_headers Server X-Powered-By; location / { proxy_pass http://app; } }
`,
      },
    },
    {
      name: 'nothing is passed on, or an include may hide it',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; root /srv; }
server { listen 81; include /config/nginx/hide.conf; location / { proxy_pass http://app; } }
`,
      },
    },
  ],
  check(document, context) {
    for (const server of httpServers(scopeOf(document, context.facts))) {
      const module = (['proxy', 'fastcgi'] as const).find((one) => shows(server.scope, one));
      if (module && isReachable(server)) report(document, context, server, `${module}_hide_header`);
    }
  },
});

/** Whether all that is passed on by a module in a server comes back with the header, for certain. */
function shows(server: Scope, module: 'proxy' | 'fastcgi'): boolean {
  const passing = [...scopesIn(server)].filter((scope) => itemsNamed(scope, `${module}_pass`).length > 0);
  return passing.length > 0 && passing.every((scope) => showsIn(scope, `${module}_hide_header`));
}

function showsIn(scope: Scope, family: Family): boolean {
  const { items, certain } = effectiveSet(scope, family);
  const cleared = [...scopesAround(scope)].some(({ items: around }) =>
    around.some(
      ({ name, args }) =>
        name === 'more_clear_headers' && args.some((arg) => /^(?:x-powered-by|x-\*)$/i.test(arg)),
    ),
  );
  return certain && !cleared && !items.some(({ args }) => /^x-powered-by$/i.test(args[0] ?? ''));
}

function report(document: Document<'nginx'>, context: Context, server: Server, family: Family): void {
  const owner = server.scope.block?.owner;
  if (!owner) return;
  const subject = `\`${server.label}\``;
  context.report({
    span: owner.nameSpan,
    message: `${subject} passes \`X-Powered-By\` of the upstream on, which tells its software and version.`,
    place: `${server.place}.${family}`,
    rollup: { key: server.place, noun: 'server', subject, item: family },
    fixes: () => [fixFor(document, server, family)],
  });
}

function fixFor({ text, tree }: Document<'nginx'>, { scope }: Server, family: Family): Fix | undefined {
  const { owner, items } = effectiveSet(scope, family);
  const anchor =
    owner === scope
      ? items.at(-1)?.anchor
      : scope.block?.directives.findLast(
          ({ name, block }) => !block && /^(?:ssl_\w+|server_name|listen)$/.test(name),
        );
  // A set further out would be lost by one of the server's own.
  if (tree.template || !scope.block || (owner && owner !== scope)) return undefined;
  const lines = [`${family} X-Powered-By;`];
  return {
    title: 'Hide X-Powered-By',
    safety: 'safe',
    edits: [anchor ? insertAfter(text, anchor, lines) : insertFirst(text, scope.block, lines)],
    verify: 'nginx -t',
  };
}
