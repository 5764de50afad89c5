import { defineRule } from '../core/rule.ts';
import { reportDropped, type Watched } from './shared/dropped.ts';
import { isOn } from './shared/flags.ts';
import { effectiveValue, type Family } from './shared/inherit.ts';
import { isOwnTarget, passesIn } from './shared/proxying.ts';
import { type Item, itemsNamed } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/proxy-set-header-drops-inherited',
  title: 'A block loses what it should tell the upstream',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /_set_header|_param|error_page/,
  docs: {
    why: 'One `proxy_set_header` in a block replaces all that it would inherit. Two lines for WebSockets silently take `Host`, `X-Forwarded-For` and `X-Forwarded-Proto` from the application, which then limits, logs and trusts the address of nginx; and a header that was emptied so that clients cannot forge it comes through again. `fastcgi_param` and its like, and `error_page`, work the same way.',
    fix: 'Repeat the lost lines in the block, as the fix does, or keep them in a file that each such block includes.',
    falsePositives:
      'Only what does harm when it is lost counts: the host, addresses and protocol of the client, credentials, emptied headers; parameters that PHP trusts; pages for errors of the upstream where they are intercepted. `Host $proxy_host` and `Connection close` are always added. A `limit_req` or `limit_conn` of a block replaces others too, but is a limit. Silent where an include may bring them back, and for upstreams with a public name, which may be services of someone else.',
    cwe: [348],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header',
      'https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_param',
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page',
    ],
  },
  bad: [
    {
      name: 'a location for WebSockets',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-App web;

    location / {
        proxy_pass http://app:8000;
    }

    location /ws/ {
        proxy_http_version 1.1;
        «proxy_set_header Upgrade» $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_pass http://app:8000;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-App web;

    location / {
        proxy_pass http://app:8000;
    }

    location /ws/ {
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-App web;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_pass http://app:8000;
    }
}
`,
    },
    {
      name: 'an emptied header comes through again; a server drops the set of another file',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    «proxy_set_header host» $host;
    location / { proxy_pass http://app; }
}
`,
        'nginx/nginx.conf': `events {}
http {
    proxy_set_header Host $http_host;
    proxy_set_header X-Remote-User "";
    include conf.d/*.conf;
}
`,
      },
      fixed: `server {
    listen 80;
    proxy_set_header X-Remote-User "";
    proxy_set_header host $host;
    location / { proxy_pass http://app; }
}
`,
    },
    {
      name: 'parameters of PHP',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    root /srv;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    fastcgi_param PHP_ADMIN_VALUE "open_basedir=/srv";
    location ~ \\.php$ {
        «fastcgi_param QUERY_STRING» $query_string;
        fastcgi_pass php:9000;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    root /srv;
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    fastcgi_param PHP_ADMIN_VALUE "open_basedir=/srv";
    location ~ \\.php$ {
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_param PHP_ADMIN_VALUE "open_basedir=/srv";
        fastcgi_param QUERY_STRING $query_string;
        fastcgi_pass php:9000;
    }
}
`,
    },
    {
      name: 'errors of the application are shown again',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_intercept_errors on;
    error_page 500 502 503 504 /50x.html;
    location /api/ {
        «error_page 404» /404.json;
        proxy_pass http://api;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    proxy_intercept_errors on;
    error_page 500 502 503 504 /50x.html;
    location /api/ {
        error_page 500 502 503 504 /50x.html;
        error_page 404 /404.json;
        proxy_pass http://api;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'everything is repeated, or is the default',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    location /a/ { proxy_set_header X-Real-IP $remote_addr; proxy_set_header HOST $http_host; proxy_pass http://a; }
}
server {
    listen 81;
    proxy_set_header Host $proxy_host;
    proxy_set_header Connection close;
    location / { proxy_set_header X-A 1; proxy_pass http://a; }
}
`,
      },
    },
    {
      name: 'an include brings them back, or may',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_set_header Host $host;
    location /a/ { include proxy_params; proxy_set_header Upgrade $http_upgrade; proxy_pass http://a; }
    location /b/ { include /etc/nginx/my/headers.conf; proxy_set_header X-B 1; proxy_pass http://b; }
    location /c/ { include snippets/c.conf; proxy_set_header X-C 1; proxy_pass http://c; }
}
`,
        'nginx/conf.d/snippets/c.conf': 'proxy_set_header Host $host;\n',
      },
    },
    {
      name: 'nothing is passed on there, or only to someone else',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_set_header X-Real-IP $remote_addr;
    location /a/ { proxy_set_header X-A 1; return 204; }
    location /b/ { proxy_set_header Host bucket.s3.amazonaws.com; proxy_pass https://bucket.s3.amazonaws.com; }
}
`,
      },
    },
    {
      name: 'a stricter limit, and a page where nothing is intercepted',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    limit_req zone=all burst=20;
    error_page 500 502 503 504 /50x.html;
    location /login { limit_req zone=login; error_page 429 /slow.html; proxy_pass http://app; }
    location ~ \\.php$ { include fastcgi_params; fastcgi_param SCRIPT_FILENAME $request_filename; fastcgi_pass php:9000; }
}
server {
    listen 81;
    proxy_intercept_errors on;
    error_page 500 502 /50x.html;
    location / { error_page 500 /a.html; error_page 502 503 /b.html; proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'only others are lost',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_set_header X-App web;
    proxy_set_header Upgrade $http_upgrade;
    location / { proxy_set_header X-Part main; proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    reportDropped(document, context, WATCHED);
  },
});

/** Headers that the upstream tells clients apart by, and what it trusts. */
const HEADERS = /^(?:host|forwarded|x-forwarded-[\w-]+|x-real-ip|authorization|proxy-authorization)$/;
const PARAMS =
  /^(?:HTTPS|HTTP_PROXY|HTTP_HOST|HTTP_X_FORWARDED_\w+|REMOTE_ADDR|REMOTE_USER|SCRIPT_FILENAME|PHP_(?:ADMIN_)?VALUE)$/;

const WATCHED: readonly Watched[] = [
  {
    family: 'proxy_set_header',
    matters: isTrustedHeader,
    applies: (scope, root) =>
      passesIn(scope, 'proxy_pass', 'proxy_set_header').some((pass) => isOwnTarget(pass, root)),
  },
  { family: 'grpc_set_header', matters: isTrustedHeader, applies: passes('grpc_pass', 'grpc_set_header') },
  { family: 'fastcgi_param', matters: isTrustedParam, applies: passes('fastcgi_pass', 'fastcgi_param') },
  { family: 'uwsgi_param', matters: isTrustedParam, applies: passes('uwsgi_pass', 'uwsgi_param') },
  { family: 'scgi_param', matters: isTrustedParam, applies: passes('scgi_pass', 'scgi_param') },
  {
    family: 'error_page',
    matters: (item, scope) => {
      const own = itemsNamed(scope, 'error_page').flatMap(({ args }) => args);
      return item.args.slice(0, -1).some((code) => /^5\d\d$/.test(code) && !own.includes(code));
    },
    applies: (scope) =>
      ['proxy', 'fastcgi', 'uwsgi', 'scgi', 'grpc'].some(
        (module) =>
          passesIn(scope, `${module}_pass`, 'error_page').length > 0 &&
          isOn(effectiveValue(scope, `${module}_intercept_errors`).item?.args[0]),
      ),
  },
];

function passes(pass: string, family: Family): Watched['applies'] {
  return (scope) => passesIn(scope, pass, family).length > 0;
}

/** Something set to nothing is kept from the upstream, whatever clients send. */
function isTrustedHeader({ args: [name = '', value] }: Item): boolean {
  return value === '' || HEADERS.test(name.toLowerCase());
}

function isTrustedParam({ args: [name = '', value] }: Item): boolean {
  return value === '' || PARAMS.test(name);
}
