import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { conditionOf, isRegex, locationOf } from './shared/conditions.ts';
import { insertFirst } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/fastcgi-script-unchecked',
  title: 'PHP is asked to run scripts that may not exist',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\bfastcgi_pass\b/,
  docs: {
    why: 'A request for `/uploads/photo.jpg/x.php` ends in `.php`, so nginx passes it on. With `cgi.fix_pathinfo=1`, its default, PHP looks for the file that does exist and runs the code in `photo.jpg`. Only `security.limit_extensions` of PHP-FPM stands between an upload and code on the server.',
    fix: 'Add `try_files $uri =404;` to the location, or set `cgi.fix_pathinfo=0`.',
    falsePositives:
      'Reported only where PHP runs on the same machine: nginx in a container of its own often has no scripts to look for. Silent where `try_files`, an `if` that looks for the file, `fastcgi_split_path_info` or an include stands in the location, and where the path of the script is fixed.',
    cwe: [94, 434],
    references: [
      'https://www.nginx.com/resources/wiki/start/topics/examples/phpfcgi/',
      'https://www.php.net/manual/en/ini.core.php#ini.cgi.fix-pathinfo',
    ],
  },
  bad: [
    {
      name: 'the usual location for PHP',
      files: {
        'nginx/sites-available/blog': `server {
    listen 80;
    root /var/www/blog;
    location ~ \\.php$ {
        include fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        «fastcgi_pass» unix:/run/php/php8.3-fpm.sock;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    root /var/www/blog;
    location ~ \\.php$ {
        try_files $uri =404;
        include fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_pass unix:/run/php/php8.3-fpm.sock;
    }
}
`,
    },
    {
      name: 'by an upstream of this machine, on one line, without regard to case',
      files: {
        'nginx/conf.d/php.conf': `upstream php { server 127.0.0.1:9000; }
server {
    listen 80;
    root /srv;
    location ~* "[^/]\\.php(/|$)" { «fastcgi_pass» php; include fastcgi.conf; }
}
`,
      },
      fixed: `upstream php { server 127.0.0.1:9000; }
server {
    listen 80;
    root /srv;
    location ~* "[^/]\\.php(/|$)" { try_files $uri =404; fastcgi_pass php; include fastcgi.conf; }
}
`,
    },
  ],
  good: [
    {
      name: 'the script is looked for',
      files: {
        'nginx/conf.d/php.conf': `server {
    listen 80;
    root /srv;
    location ~ \\.php$ { try_files $uri =404; fastcgi_pass 127.0.0.1:9000; }
    location ~ ^/a/.*\\.php$ {
        if (!-f $document_root$fastcgi_script_name) { return 404; }
        fastcgi_pass 127.0.0.1:9000;
    }
    location ~ ^/b/.*\\.php$ { include snippets/fastcgi-php.conf; fastcgi_pass unix:/run/php/php.sock; }
    location ~ [^/]\\.php(/|$) { fastcgi_split_path_info ^(.+?\\.php)(/.*)$; fastcgi_pass 127.0.0.1:9000; }
}
`,
      },
    },
    {
      name: 'PHP in another container, which alone has the scripts',
      files: {
        'nginx/conf.d/php.conf': `upstream backend { server php:9000; }
server {
    listen 80;
    root /srv;
    location ~ \\.php$ { fastcgi_pass php:9000; include fastcgi_params; }
    location ~ ^/x/.*\\.php$ { fastcgi_pass backend; }
}
`,
      },
    },
    {
      name: 'one script, whatever the path, and locations that are not for PHP',
      files: {
        'nginx/conf.d/php.conf': `server {
    listen 80;
    root /srv;
    location ~ ^/index\\.php(/|$) { fastcgi_pass 127.0.0.1:9000; }
    location ~ \\.php$ { fastcgi_param SCRIPT_FILENAME /srv/index.php; fastcgi_pass 127.0.0.1:9000; }
    location = /status.php { fastcgi_pass 127.0.0.1:9000; }
    location / { fastcgi_pass 127.0.0.1:9001; }
    location ~ ^/z/.*\\.php$ { internal; fastcgi_pass 127.0.0.1:9000; }
}
`,
      },
    },
  ],
  check(document, context) {
    const here = localUpstreams(document.tree.root.directives);
    for (const directive of allDirectives(document.tree.root)) {
      const target = directive.args[0]?.value ?? '';
      if (directive.name !== 'fastcgi_pass' || !(LOCAL.test(target) || here.has(target))) continue;
      const { parent } = directive;
      const location = parent.owner && locationOf(parent.owner);
      if (!location || !isRegex(location) || !isForAnyScript(location.path)) continue;
      if (parent.directives.some(looks)) continue;
      context.report({
        span: directive.nameSpan,
        message:
          'PHP is asked for scripts that may not exist, and then runs a file above them, such as an upload `photo.jpg`.',
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Look for the script first',
            safety: 'review',
            risk: 'Where nginx sees no scripts at this root, every request for one gets 404.',
            edits: [insertFirst(document.text, parent, ['try_files $uri =404;'])],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** Names of upstreams whose servers all run on this machine. */
function localUpstreams(top: readonly NginxDirective[]): ReadonlySet<string> {
  const all = top.flatMap((each) => (each.name === 'http' ? (each.block?.directives ?? []) : [each]));
  const local = all.filter(({ name, block }) => {
    const servers = block?.directives.filter((inner) => inner.name === 'server') ?? [];
    const isLocal = ({ args: [address] }: NginxDirective) => LOCAL.test(address?.value ?? '');
    return name === 'upstream' && servers.length > 0 && servers.every(isLocal);
  });
  return new Set(local.map(({ args }) => args[0]?.value ?? ''));
}

const LOCAL = /^(?:unix:|127\.|localhost\b|\[::1\])/;

/** `\.php$`, but not `^/index\.php(/|$)`, which is one script. */
function isForAnyScript(expression: string): boolean {
  if (!/\\\.(?:php|\(\?*:?php|ph\(p)/.test(expression)) return false;
  return !/^\^\/[\w/-]*(?:\([\w|?:/-]+\))?\\\.php/.test(expression);
}

/** What looks for the script, fixes it, or may. */
function looks(directive: NginxDirective): boolean {
  const { name, args, opaque } = directive;
  if (opaque || /^(?:try_files|fastcgi_split_path_info|internal)$/.test(name) || name.includes('_by_lua'))
    return true;
  if (name === 'include') return !/(?:^|\/)(?:fastcgi_params|fastcgi\.conf)$/.test(args[0]?.value ?? '');
  if (name === 'if') return /^!?-[fe]$/.test(conditionOf(directive)?.operator ?? '');
  if (name !== 'fastcgi_param') return false;
  const value = args[1]?.value ?? '';
  if (value.includes('fix_pathinfo=0')) return true;
  return (
    args[0]?.value === 'SCRIPT_FILENAME' &&
    !/\$(?:fastcgi_script_name|uri|document_uri|request_filename|\d)/.test(value)
  );
}
