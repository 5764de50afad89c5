import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/return-bypasses-acl',
  title: '`return` answers before `deny` is asked',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\breturn\b/,
  docs: {
    why: 'nginx runs `return` in an earlier phase than `allow` and `deny`, so a block with both answers everyone. Whoever wrote the rules believes that the answer is protected.',
    fix: 'Let a file or the upstream answer (`try_files /status.json =404;`), decide by a `geo` variable (`if ($not_internal) { return 403; }`), or take the rules away if the answer is for everyone.',
    falsePositives:
      'Reported only where `deny` and an unconditional `return` with an answer of its own stand in one block. Redirects and refusals give nothing away; a health check below a server with rules is meant to be open.',
    cwe: [863],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_access_module.html',
      'https://nginx.org/en/docs/dev/development_guide.html#http_phases',
    ],
  },
  bad: [
    {
      name: 'an answer for the inside',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location = /internal/version {
        allow 10.0.0.0/8;
        deny all;
        «return» 200 "1.2.3";
    }
}
`,
      },
    },
    {
      name: 'a whole server, and a text without a number',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 8080;
    deny 192.0.2.0/24;
    «return» 200 $hostname;
}
server {
    listen 8081;
    location /a { allow 127.0.0.1; deny all; «return» 204; }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'redirects and refusals',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { deny all; return 404; }
    location /b { allow 10.0.0.0/8; deny all; return 301 https://example.com/; }
    location /c { deny all; return 444; }
    location /d { deny all; return https://example.com/; }
}
`,
      },
    },
    {
      name: 'rules of the server, a condition, nothing denied',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    allow 10.0.0.0/8;
    deny all;
    location = /health { return 200 ok; }
    location /a { deny all; if ($arg_x) { return 200 x; } proxy_pass http://app; }
    location /b { allow all; return 200 ok; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (directive.name !== 'return' || !answers(directive)) continue;
      const { owner, directives } = directive.parent;
      if (owner?.name !== 'location' && owner?.name !== 'server') continue;
      if (!directives.some(({ name }) => name === 'deny')) continue;
      context.report({
        span: directive.nameSpan,
        message: '`return` answers before `deny` is asked, so everyone gets what only some should.',
        place: placeOf(directive),
      });
    }
  },
});

/** Whether it gives something away: a success, and no redirect. */
function answers({ args, opaque }: NginxDirective): boolean {
  const [code] = args;
  return !opaque && code !== undefined && !code.opaque && /^2\d\d$/.test(code.value);
}
