import { defineRule, type Fix } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { scopesIn } from './shared/scope.ts';
import { httpServers, isReachable, type Server, servesContent } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/allowed-methods',
  title: 'Every HTTP method is let through',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'low',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /server/,
  docs: {
    why: 'Methods that an application does not expect (`TRACE`, `PUT`, made-up ones) sometimes pass by its checks.',
    fix: 'Refuse what is not needed, by `if ($request_method !~ ^(?:GET|HEAD|POST)$) { return 405; }` in the server, or `limit_except` in a location.',
    falsePositives:
      'Off by default, for those who follow the CIS benchmark: most applications refuse such methods by themselves, and nginx refuses `TRACE`. Silent where some condition or `map` of the server asks for the method, and where an include may.',
    controls: ['CIS NGINX 2.1.0 5.1.2'],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#limit_except'],
  },
  bad: [
    {
      name: 'a site of files',
      files: {
        'nginx/conf.d/app.conf':
          '«server» {\n    listen 80;\n    server_name example.com;\n    root /srv;\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    server_name example.com;\n    if ($request_method !~ ^(?:GET|HEAD|POST)$) { return 405; }\n    root /srv;\n}\n',
    },
    {
      name: 'an application',
      files: {
        'nginx/conf.d/app.conf':
          '«server» {\n\tlisten 443 ssl;\n\tlocation / { proxy_pass http://app; }\n}\n',
      },
      fixed:
        'server {\n\tlisten 443 ssl;\n\tif ($request_method !~ ^(?:GET|HEAD|POST)$) { return 405; }\n\tlocation / { proxy_pass http://app; }\n}\n',
    },
  ],
  good: [
    {
      name: 'limited, in one way or another',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; if ($request_method !~ ^(GET|HEAD)$) { return 444; } root /srv; }
server { listen 81; location / { limit_except GET { deny all; } root /srv; } }
server { listen 82; if ($bad_method) { return 405; } root /srv; }
`,
      },
    },
    {
      name: 'no content, or an include',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; return 301 https://$host$request_uri; }
server { listen 81; include /config/nginx/methods.conf; root /srv; }
`,
      },
    },
  ],
  check(document, context) {
    for (const server of httpServers(scopeOf(document, context.facts))) {
      const owner = server.scope.block?.owner;
      if (!owner || !isReachable(server) || !servesContent(server) || asksForMethod(server)) continue;
      const subject = `\`${server.label}\``;
      context.report({
        span: owner.nameSpan,
        message: `${subject} lets every HTTP method through to its files and applications.`,
        place: `${server.place}.request_method`,
        rollup: { key: server.place, noun: 'server', subject, item: 'allowed methods' },
        fixes: () => [document.tree.template ? undefined : fixFor(document.text, server)],
      });
    }
  },
});

function asksForMethod({ scope }: Server): boolean {
  return [...scopesIn(scope)].some(
    ({ kind, args, complete }) =>
      !complete || kind === 'limit_except' || (kind === 'if' && /method/i.test(args.join(' '))),
  );
}

function fixFor(text: string, { scope }: Server): Fix | undefined {
  const anchor = scope.block?.directives.findLast(
    ({ name, block }) => !block && /^(?:ssl_\w+|server_name|listen)$/.test(name),
  );
  return (
    anchor && {
      title: 'Refuse all but GET, HEAD and POST',
      safety: 'review',
      risk: 'Applications that use other methods (PUT, DELETE, OPTIONS for CORS) stop working.',
      edits: [insertAfter(text, anchor, ['if ($request_method !~ ^(?:GET|HEAD|POST)$) { return 405; }'])],
      verify: 'nginx -t',
    }
  );
}
