import { defineRule } from '../core/rule.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { itemsNamed, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/error-log-off',
  title: 'Errors are not logged',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /error_log/,
  docs: {
    why: 'Failing upstreams, refused addresses, wrong permissions and full disks show in the error log first, and often nowhere else. `error_log off;` does not even switch it off: it writes into a file called `off`.',
    fix: 'Write to `/var/log/nginx/error.log warn`, or to `/dev/stderr` in a container.',
    falsePositives:
      'Silent in locations, where a missing favicon may be kept out, and where the same block has another log beside.',
    cwe: [778],
    controls: ['CIS NGINX 2.1.0 3.3'],
    references: ['https://nginx.org/en/docs/ngx_core_module.html#error_log'],
  },
  bad: [
    {
      name: 'into nothing',
      files: {
        'nginx/nginx.conf': `error_log «/dev/null crit»;
events {}
http { server { listen 80; root /srv; } }
`,
      },
      fixed: `error_log /var/log/nginx/error.log warn;
events {}
http { server { listen 80; root /srv; } }
`,
      offers: ['Log to /var/log/nginx/error.log', 'Log to /dev/stderr, for a container'],
    },
    {
      name: 'into a file called off, with nginx in the foreground',
      files: {
        'docker/nginx.conf': `daemon off;
events {}
http {
    server {
        listen 80;
        error_log «"off"»;
        root /srv;
    }
}
`,
      },
      fixed: `daemon off;
events {}
http {
    server {
        listen 80;
        error_log /dev/stderr warn;
        root /srv;
    }
}
`,
      offers: ['Log to /dev/stderr, for a container', 'Log to /var/log/nginx/error.log'],
    },
  ],
  good: [
    {
      name: 'into a file, the standard error, syslog; a placeholder',
      files: {
        'nginx/nginx.conf': `error_log /var/log/nginx/error.log warn;
events {}
http {
    error_log stderr;
    error_log syslog:server=10.0.0.1 error;
    server { listen 80; error_log \${ERROR_LOG}; }
    server { listen 81; error_log /var/log/nginx/off.log; }
}
`,
      },
    },
    {
      name: 'one location, and another log beside',
      files: {
        'nginx/conf.d/app.conf': `error_log /dev/null;
error_log syslog:server=10.0.0.1 warn;
server {
    listen 80;
    location = /favicon.ico { error_log /dev/null; log_not_found off; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      if (scope.kind === 'location' || scope.kind === 'if' || scope.kind === 'unknown') continue;
      const own = itemsNamed(scope, 'error_log');
      const anchor = own[0]?.anchor;
      const [file] = anchor?.args ?? [];
      if (own.length !== 1 || anchor?.name !== 'error_log' || !file || file.opaque) continue;
      if (!/^(?:off|\/dev\/null)$/.test(file.value)) continue;
      const span = { start: file.span.start, end: (anchor.args.at(-1) ?? file).span.end };
      context.report({
        span,
        message:
          file.value === 'off'
            ? 'Errors go into a file called `off` in the folder of nginx, where nobody looks for them.'
            : 'Failing upstreams, refused requests and full disks leave no trace: errors are thrown away.',
        place: placeOf(anchor),
        fixes: () =>
          targets(document.text).map(({ title, target }) => ({
            title,
            safety: 'review',
            risk: 'The log takes room on the disk or in the logs of the container.',
            edits: [{ span, text: target }],
            verify: 'nginx -t',
          })),
      });
    }
  },
});

interface Target {
  readonly title: string;
  /** What stands behind `error_log`. */
  readonly target: string;
}

const FILE: Target = { title: 'Log to /var/log/nginx/error.log', target: '/var/log/nginx/error.log warn' };
const STREAM: Target = { title: 'Log to /dev/stderr, for a container', target: '/dev/stderr warn' };

/** A file and the standard error, that first which fits. */
function targets(text: string): readonly Target[] {
  return /^[ \t]*daemon[ \t]+off|\/dev\/std(?:out|err)/m.test(text) ? [STREAM, FILE] : [FILE, STREAM];
}
