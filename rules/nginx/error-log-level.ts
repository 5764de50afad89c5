import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/error-log-level',
  title: 'Error log says too little or too much',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /error_log/,
  docs: {
    why: 'At `crit` and above the log keeps silent about refused addresses, failing upstreams and timeouts, which are of level `error`. At `debug` it grows by megabytes a minute and holds the headers of requests, cookies and passwords among them.',
    fix: 'Use `warn` or `error`.',
    falsePositives:
      'Silent in locations and where the same block has a second log. `debug` does nothing in an nginx that was built without it.',
    cwe: [778, 532],
    controls: ['CIS NGINX 2.1.0 3.3'],
    references: ['https://nginx.org/en/docs/ngx_core_module.html#error_log'],
  },
  bad: [
    {
      name: 'too little',
      files: { 'nginx/nginx.conf': 'error_log /var/log/nginx/error.log «crit»;\nevents {}\n' },
      fixed: 'error_log /var/log/nginx/error.log warn;\nevents {}\n',
    },
    {
      name: 'too much, in quotes',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    error_log  /var/log/nginx/app.log  «"debug"»;\n}\n',
      },
      fixed: 'server {\n    listen 80;\n    error_log  /var/log/nginx/app.log  "warn";\n}\n',
    },
  ],
  good: [
    {
      name: 'levels that say what is needed, and none',
      files: {
        'nginx/nginx.conf': `error_log /var/log/nginx/error.log;
events {}
http {
    error_log stderr notice;
    server { listen 80; error_log /var/log/nginx/crit warn; }
    server { listen 81; error_log /var/log/nginx/a.log \${LEVEL}; }
}
`,
      },
    },
    {
      name: 'a second log beside, one location, and none at all, which another rule reports',
      files: {
        'nginx/conf.d/app.conf': `error_log /dev/null crit;
server {
    listen 80;
    error_log /var/log/nginx/error.log error;
    error_log /var/log/nginx/alerts.log alert;
    location = /favicon.ico { error_log /var/log/nginx/favicon.log crit; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [file, level] = directive.args;
      if (directive.name !== 'error_log' || directive.block || !file || !level) continue;
      if (!/^(?:emerg|alert|crit|debug)$/.test(level.value) || /^(?:off|\/dev\/null)$/.test(file.value))
        continue;
      if (/^(?:location|if)$/.test(directive.parent.owner?.name ?? '')) continue;
      if (directive.parent.directives.some((other) => other !== directive && other.name === 'error_log'))
        continue;
      context.report({
        span: level.span,
        message:
          level.value === 'debug'
            ? 'At `debug` the log fills the disk and holds the headers of requests, passwords and cookies among them.'
            : `At \`${level.value}\` the log keeps silent about refused addresses, failing upstreams and timeouts.`,
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Set the level to warn',
            safety: 'review',
            risk: 'The log grows faster or slower than before.',
            edits: [replaceWord(level, 'warn')],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
