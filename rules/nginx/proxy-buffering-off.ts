import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/proxy-buffering-off',
  title: 'Slow clients hold the application',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\bproxy_buffering\b/,
  docs: {
    why: 'Without buffering the application is busy until the client has read its answer. Some hundred clients that read slowly keep all its workers; with buffering nginx takes the answer at once and feeds the client.',
    fix: 'Leave it on, and switch it off only in locations that stream: server-sent events, long downloads. An application can do so itself with the header `X-Accel-Buffering: no`.',
    falsePositives: 'Reported in `http` and `server` only, and off by default: whole servers may stream.',
    cwe: [400],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering'],
  },
  bad: [
    {
      name: 'for a server',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    proxy_buffering «off»;\n    location / { proxy_pass http://app; }\n}\n',
      },
      fixed:
        'server {\n    listen 80;\n    proxy_buffering on;\n    location / { proxy_pass http://app; }\n}\n',
    },
    {
      name: 'for all',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    proxy_buffering «OFF»;\n    server { listen 80; root /srv; }\n}\n',
      },
      fixed: 'events {}\nhttp {\n    proxy_buffering on;\n    server { listen 80; root /srv; }\n}\n',
    },
  ],
  good: [
    {
      name: 'a location that streams, and on',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    proxy_buffering on;\n    location /events { proxy_buffering off; proxy_pass http://app; }\n}\n',
      },
    },
    {
      name: 'requests, not answers',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    proxy_request_buffering off;\n    location / { proxy_pass http://app; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [value] = directive.args;
      if (directive.name !== 'proxy_buffering' || value?.value.toLowerCase() !== 'off') continue;
      if (!/^(?:http|server)$/.test(directive.parent.owner?.name ?? '')) continue;
      context.report({
        span: value.span,
        message:
          'The application is busy until each client has read its answer, so slow clients keep all its workers.',
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Set proxy_buffering to on',
            safety: 'review',
            risk: 'Answers that are streamed arrive in pieces, later; set it off in the locations that stream.',
            edits: [replaceWord(value, 'on')],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
