import { defineRule } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import type { Scope } from './shared/scope.ts';
import { areFromLetsEncrypt, isSet, tlsServersIn } from './shared/tls.ts';

export const rule = defineRule({
  id: 'nginx/ssl-stapling-no-resolver',
  title: 'OCSP stapling without a resolver',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_stapling/,
  docs: {
    why: 'Without `resolver`, nginx looks up the address of the OCSP service once, when it starts, and warns at every request to it. When the service moves, as those behind a CDN do, the stapled answer runs out; clients that insist on one then refuse the site.',
    fix: 'Name a resolver that is near: `127.0.0.53` (systemd-resolved), `127.0.0.11` (a container of Docker), or your own. One across the internet can be answered by somebody else.',
    falsePositives:
      "Silent where the answer comes from a file or the service is set by `ssl_stapling_responder`, where the certificates are not known, and for certificates of Let's Encrypt, which have no OCSP service.",
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_stapling',
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver',
    ],
  },
  bad: [
    {
      name: 'a server with the certificate of a commercial authority',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate /etc/ssl/certs/app.example.com.pem;
    «ssl_stapling on»;
    ssl_stapling_verify on;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate /etc/ssl/certs/app.example.com.pem;
    ssl_stapling on;
    resolver 127.0.0.53 valid=300s;
    ssl_stapling_verify on;
}
`,
    },
    {
      name: 'for all servers; the resolver of a location is no use',
      files: {
        'nginx.conf': `events {}
http {
    «ssl_stapling on»;
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/certs/a.pem;
        location / { resolver 127.0.0.11; proxy_pass http://app; }
    }
}
`,
      },
      fixed: `events {}
http {
    ssl_stapling on;
    resolver 127.0.0.53 valid=300s;
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/certs/a.pem;
        location / { resolver 127.0.0.11; proxy_pass http://app; }
    }
}
`,
    },
  ],
  good: [
    {
      name: 'a resolver of the server or of http',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/certs/a.pem;
        ssl_stapling on;
        resolver 127.0.0.53;
    }
}
`,
      },
    },
    {
      name: 'an include may bring one',
      files: {
        'nginx.conf': `events {}
http {
    include snippets/defaults.conf;
    server {
        listen 443 ssl;
        ssl_certificate /etc/ssl/certs/a.pem;
        ssl_stapling on;
    }
}
`,
      },
    },
    {
      name: 'an answer from a file, and a certificate without OCSP',
      files: {
        'nginx/conf.d/a.conf': `server {
    listen 443 ssl;
    server_name a.example.com;
    ssl_certificate /etc/ssl/certs/a.pem;
    ssl_stapling on;
    ssl_stapling_file /etc/ssl/ocsp/a.der;
}
server {
    listen 443 ssl;
    server_name b.example.com;
    ssl_certificate /etc/letsencrypt/live/b.example.com/fullchain.pem;
    ssl_stapling on;
}
`,
      },
    },
    {
      name: 'a file of settings that servers include',
      files: { 'nginx/snippets/ssl.conf': 'ssl_protocols TLSv1.2 TLSv1.3;\nssl_stapling on;\n' },
    },
  ],
  check(document, context) {
    for (const { scope, directive } of ownDirectives(scopeOf(document, context.facts), 'ssl_stapling')) {
      const [value] = directive.args;
      if (!value || !isOn(value.value) || !lacksResolver(scope)) continue;
      context.report({
        span: { start: directive.nameSpan.start, end: value.span.end },
        message:
          'Without `resolver`, nginx looks up the OCSP service only when it starts; when that moves, stapling ends.',
        place: placeOf(directive),
        fixes: () => [
          document.tree.template
            ? undefined
            : {
                title: 'Add resolver 127.0.0.53',
                safety: 'review',
                risk: 'Only systemd-resolved answers at that address; in a container of Docker it is 127.0.0.11.',
                edits: [insertAfter(document.text, directive, ['resolver 127.0.0.53 valid=300s;'])],
                verify: 'nginx -t',
              },
        ],
      });
    }
  },
});

/** Whether no server that the directive holds for has a resolver, and the certificate may have an OCSP service. */
function lacksResolver(scope: Scope): boolean {
  const servers = scope.kind === 'http' ? tlsServersIn(scope).map((server) => server.scope) : [scope];
  return (
    servers.length > 0 &&
    servers.every(
      (each) =>
        areFromLetsEncrypt(each) === false &&
        ['resolver', 'ssl_stapling_file', 'ssl_stapling_responder'].every(
          (name) => isSet(each, name) === 'no',
        ),
    )
  );
}
