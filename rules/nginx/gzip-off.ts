import { defineRule } from '../core/rule.ts';
import { insertFirst } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/gzip-off',
  title: 'Answers are not compressed',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\bhttp\b/,
  docs: {
    why: 'Scripts, styles and JSON shrink to a fifth. Without compression pages load slowly and the line is full earlier.',
    fix: 'Add `gzip on;` with `gzip_types` for what is large. Leave out pages that hold secrets beside what the client sent (BREACH).',
    falsePositives:
      'A matter of performance, so the rule is off by default. Silent where an include may set it, and with Brotli or Zstandard.',
    references: ['https://nginx.org/en/docs/http/ngx_http_gzip_module.html'],
  },
  bad: [
    {
      name: 'nowhere',
      files: {
        'nginx.conf':
          'events {}\n«http» {\n    include mime.types;\n    server { listen 80; root /srv; }\n}\n',
      },
      fixed:
        'events {}\nhttp {\n    gzip on;\n    gzip_types text/css text/plain application/javascript application/json image/svg+xml;\n    include mime.types;\n    server { listen 80; root /srv; }\n}\n',
    },
  ],
  good: [
    {
      name: 'on, off on purpose, other compressions',
      files: {
        'nginx.conf': 'events {}\nhttp {\n    gzip off;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'an include may set it',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    include /etc/nginx/gzip.conf;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'a fragment',
      files: { 'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    root /srv;\n}\n' },
    },
  ],
  check(document, context) {
    if (document.tree.context !== 'main') return;
    const http = scopeOf(document, context.facts).children.find(
      ({ kind, block }) => kind === 'http' && block,
    );
    const { block } = http ?? {};
    if (!http || !block?.owner || http.unreadServers) return;
    const all = [...scopesIn(http)];
    const maySet = all.some(
      ({ complete, unread, items }) =>
        !complete ||
        unread.some((pattern) => /gzip|brotli|compress/i.test(pattern)) ||
        items.some(({ name }) => /^(?:gzip|gzip_static|brotli|brotli_static|zstd|gunzip)$/.test(name)),
    );
    if (maySet || !all.some(({ kind }) => kind === 'server')) return;
    context.report({
      span: block.owner.nameSpan,
      message: 'Answers go out uncompressed, so pages load slowly and the line is full earlier.',
      place: 'http.gzip',
      fixes: () => [
        {
          title: 'Add gzip',
          safety: 'review',
          risk: 'The processor has more to do; pages with secrets beside what the client sent may be guessed (BREACH).',
          edits: document.tree.template
            ? []
            : [
                insertFirst(document.text, block, [
                  'gzip on;',
                  'gzip_types text/css text/plain application/javascript application/json image/svg+xml;',
                ]),
              ],
          verify: 'nginx -t',
        },
      ],
    });
  },
});
