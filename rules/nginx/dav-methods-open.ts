import { defineRule } from '../core/rule.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { restrictionOf } from './shared/restricted.ts';
import { itemsNamed, type Scope, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/dav-methods-open',
  title: 'Anyone may upload or delete files',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /dav_methods/,
  docs: {
    why: '`dav_methods` makes nginx write, move and delete files for whoever asks. Without a password or an address list that is everyone: they fill the disk, replace pages, or put a script where PHP runs it.',
    fix: 'Allow these methods only to some: `limit_except GET HEAD { allow 10.0.0.0/8; deny all; }`, or `auth_basic` over TLS, or a client certificate.',
    falsePositives:
      'Silent where a password, an address list, `limit_except` or an include that cannot be read may stand between.',
    cwe: [650],
    controls: ['CIS NGINX 2.1.0 2.1.2'],
    references: ['https://nginx.org/en/docs/http/ngx_http_dav_module.html'],
  },
  bad: [
    {
      name: 'a folder for uploads',
      files: {
        'nginx/conf.d/dav.conf': `server {
    listen 80;
    location /uploads/ {
        root /srv;
        dav_methods «PUT DELETE MKCOL»;
        create_full_put_path on;
    }
}
`,
      },
    },
    {
      name: 'for a whole server, also what one location guards',
      files: {
        'nginx/conf.d/dav.conf': `server {
    listen 443 ssl;
    root /srv;
    dav_methods «"PUT"»;
    location /team/ { auth_basic "team"; auth_basic_user_file /etc/nginx/team; }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'limited by method, password or address',
      files: {
        'nginx/conf.d/dav.conf': `server {
    listen 443 ssl;
    root /srv;
    location /a/ {
        dav_methods PUT DELETE;
        limit_except GET HEAD { allow 10.0.0.0/8; deny all; }
    }
    location /b/ {
        auth_basic "team";
        auth_basic_user_file /etc/nginx/team;
        dav_methods PUT DELETE;
    }
    location /c/ { dav_methods PUT; allow 10.0.0.0/8; deny all; }
    location /d/ { dav_methods PUT; include snippets/auth.conf; }
}
`,
      },
    },
    {
      name: 'off, and on this machine',
      files: {
        'nginx/conf.d/dav.conf': `server {
    listen 80;
    dav_methods off;
}
server {
    listen 127.0.0.1:81;
    dav_methods PUT DELETE;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      for (const { anchor } of itemsNamed(scope, 'dav_methods')) {
        const written = anchor?.name === 'dav_methods' ? anchor : undefined;
        const words = written?.args.filter(({ value }) => WRITES.test(value)) ?? [];
        const [first] = words;
        if (!written || !first || isLimited(scope) || restrictionOf(scope) !== 'no') continue;
        context.report({
          span: { start: first.span.start, end: (words.at(-1) ?? first).span.end },
          message: 'Whoever asks may write and delete files here: nothing asks them who they are.',
          place: placeOf(written),
        });
      }
    }
  },
});

const WRITES = /^(?:put|delete|move|copy|mkcol)$/i;

/** Whether some methods are for a few only; for which ones is left to the author. */
function isLimited(scope: Scope): boolean {
  return scope.children.some(({ kind }) => kind === 'limit_except');
}
