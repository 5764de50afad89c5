import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/merge-slashes-off',
  title: 'Paths with several slashes pass by the rules of locations',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\bmerge_slashes\b/,
  docs: {
    why: 'With `merge_slashes off` nginx does not match `//admin/` with `location /admin/`, while the upstream or the file system behind it often takes both for one. Rules that stand in a location do not hold for such paths.',
    fix: 'Leave it on, which is the default. Where paths hold base64 with slashes, put that part into the query, or make each protected location an expression that allows for more slashes.',
    falsePositives:
      'Applications with base64 in paths need it; give a reason in a comment that ignores the finding.',
    cwe: [22, 436],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#merge_slashes'],
  },
  bad: [
    {
      name: 'in a server',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    merge_slashes «off»;
    location /admin/ { deny all; }
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 80;
    merge_slashes on;
    location /admin/ { deny all; }
    location / { proxy_pass http://app; }
}
`,
    },
    {
      name: 'for all, in capital letters',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    merge_slashes «OFF»;\n    server { listen 80; root /srv; }\n}\n',
      },
      fixed: 'events {}\nhttp {\n    merge_slashes on;\n    server { listen 80; root /srv; }\n}\n',
    },
  ],
  good: [
    {
      name: 'on, which is the default',
      files: {
        'nginx/conf.d/app.conf': 'server {\n    listen 80;\n    merge_slashes on;\n    root /srv;\n}\n',
      },
    },
    {
      name: 'a template decides',
      files: {
        'nginx/templates/app.conf.template':
          'server {\n    listen 80;\n    merge_slashes ${MERGE_SLASHES};\n    root /srv;\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [value] = directive.args;
      if (directive.name !== 'merge_slashes' || value?.value.toLowerCase() !== 'off') continue;
      context.report({
        span: value.span,
        message:
          'Paths such as `//admin/` match no location for `/admin/`, so its rules do not hold for them.',
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Set merge_slashes to on',
            safety: 'review',
            risk: 'Paths that hold several slashes on purpose, such as base64, reach the application with one.',
            edits: [replaceWord(value, 'on')],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
