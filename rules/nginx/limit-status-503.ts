import type { Document } from '../../syntaxes/document.ts';
import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { type OwnDirective, ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { enclosing } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/limit-status-503',
  title: 'Limited clients are told that the server is broken',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\blimit_(?:req|conn)\b/,
  docs: {
    why: 'By default nginx refuses with `503`, which monitoring takes for an outage and clients for a reason to try again at once. `429` says whose fault it is.',
    fix: 'Add `limit_req_status 429;` and `limit_conn_status 429;`, best in `http`.',
    falsePositives:
      'One finding for all servers where the zones are in the same file, else one for each server, at its first limit. Silent where an include that is not known may set the status.',
    references: [
      'https://nginx.org/en/docs/http/ngx_http_limit_req_module.html#limit_req_status',
      'https://www.rfc-editor.org/rfc/rfc6585#section-4',
    ],
  },
  bad: [
    {
      name: 'zones are here, so the status goes with them',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    server {
        listen 80;
        «limit_req» zone=a burst=20;
        location /login { limit_req zone=a burst=5; proxy_pass http://app; }
        location / { proxy_pass http://app; }
    }
}
`,
      },
      fixed: `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    limit_req_status 429;
    server {
        listen 80;
        limit_req zone=a burst=20;
        location /login { limit_req zone=a burst=5; proxy_pass http://app; }
        location / { proxy_pass http://app; }
    }
}
`,
    },
    {
      name: 'connections, in a server; http is another file',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    «limit_conn» addr 20;\n    location / { proxy_pass http://app; }\n}\n',
        'nginx/nginx.conf':
          'events {}\nhttp {\n    limit_conn_zone $binary_remote_addr zone=addr:10m;\n    include conf.d/*.conf;\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    limit_conn addr 20;\n    limit_conn_status 429;\n    location / { proxy_pass http://app; }\n}\n',
    },
  ],
  good: [
    {
      name: 'a status of http, or of the server',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_status 429;
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    limit_conn_zone $binary_remote_addr zone=c:10m;
    server {
        listen 80;
        limit_req zone=a burst=20;
        limit_conn c 20;
        limit_conn_status 444;
    }
}
`,
      },
    },
    {
      name: 'an include may set it',
      files: {
        'nginx/sites-available/app.conf':
          'server {\n    listen 80;\n    include snippets/site.conf;\n    limit_req zone=a burst=20;\n}\n',
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    for (const limit of ['limit_req', 'limit_conn']) {
      const reported = new Set<object>();
      for (const own of ownDirectives(root, limit)) {
        const { item, certain } = effectiveValue(own.scope, `${limit}_status`);
        // Where the zones are here, one line beside them mends it for all servers.
        const owner = zoneIn(document, limit) ?? enclosing(own.scope, 'server') ?? own.scope;
        if (item || !certain || own.item.opaque || reported.has(owner)) continue;
        reported.add(owner);
        context.report({
          span: own.directive.nameSpan,
          message:
            'Refused clients get 503, which looks like an outage; 429 tells them that they sent too much.',
          place: `${placeOf(own.directive)}.status`,
          fixes: () => [statusFix(document, limit, own)],
        });
      }
    }
  },
});

/** Behind the last zone where `http` is in this file, so that it holds for all; else beside the limit. */
function statusFix({ text, tree }: Document<'nginx'>, limit: string, own: OwnDirective): Fix | undefined {
  if (tree.template) return undefined;
  const anchor = zoneIn({ tree }, limit) ?? own.directive;
  return {
    title: `Set ${limit}_status to 429`,
    safety: 'review',
    risk: 'Clients and alerts that wait for 503 see 429 instead.',
    edits: [insertAfter(text, anchor, [`${limit}_status 429;`])],
    verify: 'nginx -t',
  };
}

/** The last zone in the `http` of this file. */
function zoneIn({ tree }: Pick<Document<'nginx'>, 'tree'>, limit: string): NginxDirective | undefined {
  const http = tree.root.directives.find(({ name }) => name === 'http')?.block ?? tree.root;
  return http.directives.findLast(({ name }) => name === `${limit}_zone`);
}
