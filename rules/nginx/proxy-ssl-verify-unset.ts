import { defineRule } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { isSet } from './shared/tls.ts';
import { isRemoteTls, verifyingLines } from './shared/upstream-tls.ts';

export const rule = defineRule({
  id: 'nginx/proxy-ssl-verify-unset',
  title: 'Certificate of the upstream is not checked by default',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /_pass\b/,
  docs: {
    why: 'nginx does not check the certificate of an upstream unless it is told to. Whoever answers in its place, by a forged name or address, gets every request with its cookies and passwords.',
    fix: 'Set `proxy_ssl_verify on;` with `proxy_ssl_trusted_certificate` (the authority that signed the certificate) and `proxy_ssl_server_name on;`.',
    falsePositives:
      'Silent for upstreams on this machine, for names that a variable decides, and where an include may set it. In a network of your own with self-signed certificates the check needs their authority.',
    cwe: [295],
    controls: ['CIS NGINX 2.1.0 4.1.10'],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_verify'],
  },
  bad: [
    {
      name: 'an upstream by its name',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location / {
        proxy_pass «https://backend.example.com»;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    location / {
        proxy_pass https://backend.example.com;
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
        proxy_ssl_server_name on;
    }
}
`,
    },
    {
      name: 'gRPC; part of what it needs is set for the server',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    grpc_ssl_trusted_certificate /etc/ssl/ca.pem;
    location /rpc { grpc_pass «"grpcs://backend:9443"»; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    grpc_ssl_trusted_certificate /etc/ssl/ca.pem;
    location /rpc { grpc_pass "grpcs://backend:9443"; grpc_ssl_verify on; grpc_ssl_server_name on; }
}
`,
    },
  ],
  good: [
    {
      name: 'set, here or around it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate /etc/ssl/ca.pem;
    location /a { proxy_pass https://backend; }
    location /b { proxy_pass https://backend; proxy_ssl_verify off; }
}
`,
      },
    },
    {
      name: 'no TLS, this machine, a variable',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /a { proxy_pass http://backend; }
    location /b { proxy_pass https://127.0.0.1:8443; }
    location /c { proxy_pass https://$backend; }
}
`,
      },
    },
    {
      name: 'an include may set it',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 443 ssl; location / { include snippets/upstream-tls.conf; proxy_pass https://backend; } }\n',
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    for (const prefix of ['proxy', 'grpc', 'uwsgi']) {
      for (const { scope, directive } of ownDirectives(root, `${prefix}_pass`)) {
        const [target] = directive.args;
        if (!target || target.opaque || target.value.includes('$') || !isRemoteTls(target.value)) continue;
        if (isSet(scope, `${prefix}_ssl_verify`) !== 'no') continue;
        context.report({
          span: target.span,
          message: `nginx does not check the certificate of this upstream: \`${prefix}_ssl_verify\` is off by default.`,
          place: `${placeOf(directive)}.ssl_verify`,
          fixes: () => {
            const lines = document.tree.template ? undefined : verifyingLines(scope, prefix);
            return [
              lines && {
                title: 'Check the certificate',
                safety: 'review',
                risk: 'Requests fail where the certificate is not signed by a public authority, has expired or is for another name.',
                edits: [insertAfter(document.text, directive, [`${prefix}_ssl_verify on;`, ...lines])],
                verify: 'nginx -t',
              },
            ];
          },
        });
      }
    }
  },
});
