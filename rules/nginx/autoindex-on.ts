import { defineRule } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { restrictionOf } from './shared/restricted.ts';
import { itemsNamed, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/autoindex-on',
  title: 'Directory listing is on',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /autoindex/,
  dev: 'off',
  docs: {
    why: 'A folder without an index page shows the names of all files in it: backups, exports, uploads of others, files that nobody linked. Search engines pick the listing up.',
    fix: 'Switch it off, which is the default. Where a listing is wanted, say so in a suppression, or put it behind `auth_basic` or `allow` and `deny`.',
    falsePositives:
      'Silent where a password, a client certificate, `auth_request`, `deny all` or `internal` keeps strangers out, or an include that cannot be read may. A public download mirror wants its listing.',
    cwe: [548],
    controls: ['CIS NGINX 2.1.0 2.1.4'],
    references: ['https://nginx.org/en/docs/http/ngx_http_autoindex_module.html'],
  },
  bad: [
    {
      name: 'in capitals, which nginx takes too',
      files: { 'nginx/conf.d/files.conf': 'server {\n    listen 80;\n    autoindex «ON»;\n}\n' },
      fixed: 'server {\n    listen 80;\n    autoindex off;\n}\n',
    },
    {
      name: 'in a location',
      files: {
        'nginx/conf.d/files.conf': `server {
    listen 80;
    location /files/ {
        alias /srv/files/;
        autoindex «on»;
        autoindex_exact_size off;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location /files/ {
        alias /srv/files/;
        autoindex off;
        autoindex_exact_size off;
    }
}
`,
    },
    {
      name: 'for a whole server, in quotes',
      files: {
        'nginx/conf.d/files.conf': "server {\n\tlisten 80;\n\troot /srv;\n\tautoindex «'on'»;\n}\n",
      },
      fixed: "server {\n\tlisten 80;\n\troot /srv;\n\tautoindex 'off';\n}\n",
    },
  ],
  good: [
    {
      name: 'off',
      files: {
        'nginx/conf.d/files.conf': 'server {\n    listen 80;\n    autoindex off;\n    # autoindex on;\n}\n',
      },
    },
    {
      name: 'behind a password for the whole server',
      files: {
        'nginx/conf.d/files.conf': `server {
    listen 443 ssl;
    auth_basic "team";
    auth_basic_user_file /etc/nginx/htpasswd;
    location /files/ {
        alias /srv/files/;
        autoindex on;
    }
}
`,
      },
    },
    {
      name: 'an include brings the password, or may',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server {
        listen 80;
        location /a/ { include /etc/nginx/password.conf; autoindex on; }
        location /b/ { include /etc/nginx/authelia.conf; autoindex on; }
    }
}
`,
        'nginx/password.conf': 'auth_basic "team";\nauth_basic_user_file /etc/nginx/htpasswd;\n',
      },
    },
    {
      name: 'only for a few addresses, or only inside',
      files: {
        'nginx/conf.d/files.conf': `server {
    listen 80;
    location /reports/ {
        allow 10.0.0.0/8;
        deny all;
        autoindex on;
    }
    location /inner/ {
        internal;
        autoindex on;
    }
}
server {
    listen 127.0.0.1:8080;
    autoindex on;
}
`,
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const directive = itemsNamed(scope, 'autoindex')[0]?.anchor;
      const value = directive?.name === 'autoindex' ? directive.args[0] : undefined;
      if (!directive || !value || !isOn(value.value) || restrictionOf(scope) !== 'no') continue;
      context.report({
        span: value.span,
        message:
          'Anyone can list the files of folders without an index page, also those that nothing links to.',
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Set autoindex to off',
            safety: 'review',
            risk: 'Visitors who browse these folders on purpose get 403 instead of the list.',
            edits: [replaceWord(value, 'off')],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
