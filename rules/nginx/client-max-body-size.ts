import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';
import { bytesOf } from './shared/values.ts';

export const rule = defineRule({
  id: 'nginx/client-max-body-size',
  title: 'Requests may be of any size',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\bclient_max_body_size\b/,
  docs: {
    why: 'nginx writes a large body to its disk before it passes it on. With `client_max_body_size 0` nothing ends that, so one client fills the disk, and with it the log and everything else on it.',
    fix: 'Set the largest size that the application takes, for the whole server the size of a form and more only in the location for uploads.',
    falsePositives:
      'Silent in locations, where it is meant for one path; with `proxy_request_buffering off`, which keeps nothing; and for servers whose names or paths show registries, file storages and the like, which take anything. Where nothing is set, nginx allows 1 MB.',
    cwe: [770, 400],
    controls: ['CIS NGINX 2.1.0 5.2.2'],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size',
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_request_buffering',
    ],
  },
  bad: [
    {
      name: 'in a server',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    client_max_body_size «0»; # no limit
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    client_max_body_size 100m; # no limit
    location / { proxy_pass http://app; }
}
`,
      offers: ['Allow 100 MB', 'Allow 10 MB'],
    },
    {
      name: 'for all servers, with a unit and quotes',
      files: {
        'nginx.conf':
          "events {}\nhttp {\n    client_max_body_size «'0m'»;\n    server { listen 80; location / { proxy_pass http://app; } }\n}\n",
      },
      fixed:
        "events {}\nhttp {\n    client_max_body_size '100m';\n    server { listen 80; location / { proxy_pass http://app; } }\n}\n",
    },
  ],
  good: [
    {
      name: 'a size, also a large one, and none at all',
      files: {
        'nginx.conf': `events {}
http {
    client_max_body_size 10M;
    server { listen 80; client_max_body_size 2g; location / { proxy_pass http://app; } }
    server { listen 81; location / { proxy_pass http://app; } }
}
`,
      },
    },
    {
      name: 'one location, and bodies that are not kept',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /files/ { client_max_body_size 0; proxy_pass http://app; }
}
server {
    listen 81;
    client_max_body_size 0;
    proxy_request_buffering off;
    location / { proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'a registry, and a storage for files',
      files: {
        'nginx/conf.d/registry.conf': `server {
    listen 443 ssl;
    server_name registry.example.com;
    client_max_body_size 0;
    location / { proxy_pass http://backend:5000; }
}
server {
    listen 443 ssl;
    client_max_body_size 0;
    location /v2/ { proxy_pass http://backend:5000; }
}
server {
    listen 443 ssl;
    client_max_body_size 0;
    location / { proxy_pass http://nextcloud; }
}
`,
      },
    },
    {
      name: 'a template decides',
      files: {
        'nginx/templates/app.conf.template':
          'server {\n    listen 80;\n    client_max_body_size ${MAX_BODY_SIZE};\n    root /srv;\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [value] = directive.args;
      if (directive.name !== 'client_max_body_size' || !value || value.opaque || bytesOf(value.value) !== 0)
        continue;
      if (directive.parent.owner?.name === 'location' || isForFiles(document, directive)) continue;
      const fix = (size: string, title: string) => ({
        title,
        safety: 'review' as const,
        risk: 'Larger requests get 413; look for the largest upload that the application takes.',
        edits: [replaceWord(value, size)],
        verify: 'nginx -t',
      });
      context.report({
        span: value.span,
        message: 'nginx takes bodies of any size and keeps them on its disk, so one client can fill it.',
        place: placeOf(directive),
        fixes: () => [fix('100m', 'Allow 100 MB'), fix('10m', 'Allow 10 MB')],
      });
    }
  },
});

/** What stores whatever it is given: registries, clouds of files, version control, backups, media. */
const STORAGE =
  /regist(?:ry|ries)|harbor|nexus|artifactory|verdaccio|minio|garage|seaweed|\bs3\b|(?:next|own|file|c)cloud|ocis|sea(?:file|hub)|webdav|\bdav\b|\bgit|forgejo|gogs|immich|photo|peertube|jellyfin|plex|emby|upload|backup|restic|duplicati|\/v2\/|\bfiles?(?:browser|share|drop|run|server)|pingvin|storage/i;

function isForFiles({ text }: Document<'nginx'>, { parent }: NginxDirective): boolean {
  if (
    parent.directives.some(({ name, args }) => name === 'proxy_request_buffering' && args[0]?.value === 'off')
  )
    return true;
  const { start, end } = parent.owner?.span ?? parent.span;
  return STORAGE.test(text.slice(start, end));
}
