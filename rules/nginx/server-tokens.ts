import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { type Context, defineRule } from '../core/rule.ts';
import { insertFirst, replaceWord } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/server-tokens',
  title: 'nginx tells its version',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'By default the `Server` header and every error page name the exact version. Scanners sort hosts by it, and the day a hole becomes known they need not try.',
    fix: 'Write `server_tokens off;` into `http`, once: a second one at the same level stops nginx from starting.',
    falsePositives:
      'A missing directive is reported only where the file has the `http` block and everything included there could be read, and not where all of its servers switch it off themselves. It hides the version, not that this is nginx.',
    cwe: [200],
    controls: ['CIS NGINX 2.1.0 2.5.1'],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#server_tokens'],
  },
  bad: [
    {
      name: 'in capitals, which nginx takes too',
      files: { 'nginx/conf.d/00-http.conf': 'server_tokens «On»;\nsendfile on;\n' },
      fixed: 'server_tokens off;\nsendfile on;\n',
    },
    {
      name: 'not set',
      files: {
        'nginx.conf': `events {}

«http» {
    include       mime.types;
    default_type  application/octet-stream;

    server {
        listen 80;
        root /usr/share/nginx/html;
    }
}
`,
      },
      fixed: `events {}

http {
    server_tokens off;
    include       mime.types;
    default_type  application/octet-stream;

    server {
        listen 80;
        root /usr/share/nginx/html;
    }
}
`,
    },
    {
      name: 'switched on',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    server_tokens   «on»; # for the monitoring\n}\n',
      },
      fixed: 'server {\n    listen 80;\n    server_tokens   off; # for the monitoring\n}\n',
    },
    {
      name: 'switched on again for one server, and with the build',
      files: {
        'nginx.conf': `events {}
http {
    server_tokens off;
    server {
        listen 80;
        server_tokens «build»;
    }
}
`,
      },
      fixed: `events {}
http {
    server_tokens off;
    server {
        listen 80;
        server_tokens off;
    }
}
`,
    },
    {
      name: 'not set, all on one line',
      files: { 'nginx.conf': 'events {} «http» { server { listen 80; root /srv; } }\n' },
      fixed: 'events {} http { server_tokens off; server { listen 80; root /srv; } }\n',
    },
  ],
  good: [
    {
      name: 'off for all',
      files: {
        'nginx.conf': 'events {}\nhttp {\n    server_tokens off;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'off in every server',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 80; server_tokens off; root /srv; }
    server { listen 81; server_tokens off; root /srv; }
}
`,
      },
    },
    {
      name: 'includes that cannot be read may hold it',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'an include that can be read holds it: a second one would stop nginx from starting',
      files: {
        'nginx/nginx.conf': 'events {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n',
        'nginx/conf.d/security.conf': 'server_tokens off;\nclient_body_timeout 10s;\n',
      },
    },
    {
      name: 'a part of a configuration, and one without HTTP',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    root /srv;\n}\n',
        'nginx/stream.conf': 'events {}\nstream {\n    server { listen 1; proxy_pass a:1; }\n}\n',
      },
    },
    {
      name: 'a name of its own instead, with headers-more',
      files: {
        'nginx.conf': `events {}
http {
    more_clear_headers Server;
    server { listen 80; root /srv; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (directive.name === 'server_tokens' && !directive.block) checkValue(directive, context);
    }
    checkMissing(document, context);
  },
});

function checkValue(directive: NginxDirective, context: Context): void {
  const [value] = directive.args;
  if (!value || value.opaque || !/^(?:on|build)$/i.test(value.value)) return;
  context.report({
    span: value.span,
    message:
      'Every response and error page names the exact version of nginx, which tells attackers what to try.',
    place: placeOf(directive),
    fixes: () => [
      {
        title: 'Set server_tokens to off',
        safety: 'safe',
        edits: [replaceWord(value, 'off')],
        verify: 'nginx -t',
      },
    ],
  });
}

function checkMissing(document: Document<'nginx'>, context: Context): void {
  if (document.tree.context !== 'main') return;
  const http = scopeOf(document, context.facts).children.find(
    (scope) => scope.kind === 'http' && scope.block,
  );
  const owner = http?.block?.owner;
  const block = http?.block;
  if (!http || !owner || !block || isSet(http)) return;
  context.report({
    span: owner.nameSpan,
    message: 'Without `server_tokens off` every response and error page names the exact version of nginx.',
    place: 'http.server_tokens',
    fixes: () => [
      {
        title: 'Add server_tokens off',
        safety: 'safe',
        edits: document.tree.template ? [] : [insertFirst(document.text, block, ['server_tokens off;'])],
        verify: 'nginx -t',
      },
    ],
  });
}

/** Whether something takes the version away, or may. */
function isSet(http: Scope): boolean {
  const { item, certain } = effectiveValue(http, 'server_tokens');
  if (item || !certain || hidesServer(http)) return true;
  const servers = [...scopesIn(http)].filter((scope) => scope.kind === 'server');
  return (
    servers.length === 0 ||
    servers.every((server) => itemsNamed(server, 'server_tokens').length > 0 || hidesServer(server))
  );
}

function hidesServer(scope: Scope): boolean {
  return scope.items.some(
    ({ name, args }) =>
      (name === 'more_clear_headers' || name === 'more_set_headers') &&
      args.some((arg) => /^server\b/i.test(arg)),
  );
}
