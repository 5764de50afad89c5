import { allDirectives, ancestorsOf, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/if-is-evil',
  title: '`if` in a location changes more than it says',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\bif\b/,
  docs: {
    why: 'A condition that holds in a location makes nginx answer from a block of its own, which takes over only a part of the location. `try_files` beside it is forgotten, headers of the location are dropped, of two conditions that hold only the last one counts. What works today may stop with a directive more.',
    fix: 'Choose by a `map` and use its variable, or give each case a location of its own: `error_page 418 = @other; if (…) { return 418; }`. Safe in `if` are `return`, `rewrite` and `set`.',
    falsePositives:
      'Silent where the block ends with `return` or a `rewrite` that leaves it, for directives that only log, limit the speed or set variables, for `if` outside of locations, and where an include stands in it.',
    cwe: [670],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if',
      'https://www.nginx.com/resources/wiki/start/topics/depth/ifisevil/',
    ],
  },
  bad: [
    {
      name: 'another upstream',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        try_files $uri @app;
        if ($http_user_agent ~* mobile) {
            «proxy_pass» http://mobile;
        }
    }
}
`,
      },
    },
    {
      name: 'headers in two conditions, one finding for each',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        if ($request_method = GET) {
            «add_header» Access-Control-Allow-Origin *;
            add_header Access-Control-Max-Age 600;
        }
        if ($arg_download) { set $d 1; «expires» 1d; }
        proxy_pass http://app;
    }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'redirects, refusals, variables and logs',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        if ($host != app.example.com) { return 301 https://app.example.com$request_uri; }
        if (!-e $request_filename) { rewrite ^ /index.php last; }
        if ($http_cookie ~ admin) { set $skip 1; break; }
        if ($loggable) { access_log off; }
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'answers to questions of browsers, which end with return',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin *;
            add_header Content-Length 0;
            return 204;
        }
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'outside of locations, and with an include',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    if ($maintenance) { return 503; }
    location / {
        if ($mobile) { include snippets/mobile.conf; }
        proxy_pass http://app;
    }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const own = directive.name === 'if' ? directive.block?.directives : undefined;
      if (!own || own.some(endsOrUnknown)) continue;
      const evil = own.find(({ name }) => !HARMLESS.test(name));
      if (!evil || !ancestorsOf(directive).some(({ name }) => name === 'location')) continue;
      context.report({
        span: evil.nameSpan,
        message: `\`${evil.name}\` in \`if\` makes nginx answer from a block that lacks parts of the location; use a \`map\` or a location.`,
        place: placeOf(evil),
      });
    }
  },
});

const HARMLESS =
  /^(?:return|rewrite|set|break|access_log|limit_rate|limit_rate_after|log_not_found|uninitialized_variable_warn|rewrite_log|if|set_\w+)$|_by_lua/;

function endsOrUnknown({ name, args, opaque }: NginxDirective): boolean {
  if (opaque || name === 'return' || name === 'include') return true;
  return name === 'rewrite' && /^(?:last|redirect|permanent)$/.test(args[2]?.value ?? '');
}
