import { allDirectives, type NginxBlock, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { insertAfter } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { isRemoteTls, verifyingLines } from './shared/upstream-tls.ts';

/** What passes requests on, by the directive that checks the certificate there. */
const PASSES: ReadonlyMap<string, RegExp> = new Map([
  ['proxy_ssl_verify', /^proxy_pass$/],
  ['grpc_ssl_verify', /^grpc_pass$/],
  ['uwsgi_ssl_verify', /^uwsgi_pass$/],
]);

export const rule = defineRule({
  id: 'nginx/proxy-ssl-unverified',
  title: 'Certificate of the upstream is not checked',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  dev: 'off',
  mentions: /ssl_verify/,
  docs: {
    why: 'TLS without a check of the certificate keeps out those who only listen. Whoever answers in the place of the upstream, by a forged name or address, gets every request with its cookies and passwords.',
    fix: "Set `proxy_ssl_verify on;` with `proxy_ssl_trusted_certificate` (the authority that signed the upstream's certificate), `proxy_ssl_name` where the name differs, and `proxy_ssl_server_name on;`.",
    falsePositives:
      'Only the written `off` is reported, and only where it holds for an upstream with TLS that is not on this machine. It is also the default of nginx, which is left alone.',
    cwe: [295],
    controls: ['CIS NGINX 2.1.0 4.1.10'],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_verify'],
  },
  bad: [
    {
      name: 'switched off for an upstream with TLS',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location / {
        proxy_pass https://backend.example.com;
        proxy_ssl_verify «off»;
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
      name: 'switched off for a whole server; gRPC as well',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    proxy_ssl_verify «off»;
    location / { proxy_pass https://backend; }
    location /rpc { grpc_ssl_verify «off»; grpc_pass grpcs://backend:9443; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
    proxy_ssl_server_name on;
    location / { proxy_pass https://backend; }
    location /rpc { grpc_ssl_verify off; grpc_pass grpcs://backend:9443; }
}
`,
    },
  ],
  good: [
    {
      name: 'on, or the default',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /a { proxy_pass https://backend.example.com; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/ca.pem; }
    location /b { proxy_pass https://backend.example.com; }
}
`,
      },
    },
    {
      name: 'no TLS behind it, an upstream on this machine, and one place that checks after all',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    proxy_ssl_verify off;
    location /a { proxy_pass http://backend; }
    location /b { proxy_pass https://127.0.0.1:8443; }
    location /c { proxy_pass https://backend; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/ca.pem; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const passes = PASSES.get(directive.name);
      const [value] = directive.args;
      if (
        !passes ||
        directive.block ||
        value?.value !== 'off' ||
        !holdsForTls(directive, directive.parent, passes)
      )
        continue;
      context.report({
        span: value.span,
        message:
          'nginx sends requests to whoever answers for the upstream, since it does not check the certificate.',
        place: placeOf(directive),
        fixes: () => {
          const prefix = directive.name.slice(0, directive.name.indexOf('_'));
          const root = scopeOf(document, context.facts);
          const own = [...ownDirectives(root, directive.name)].find((each) => each.directive === directive);
          const lines = own && !document.tree.template ? verifyingLines(own.scope, prefix) : undefined;
          return [
            lines && {
              title: 'Check the certificate',
              safety: 'review',
              risk: 'Requests fail where the certificate is not signed by a public authority, has expired or is for another name.',
              edits: [
                { span: value.span, text: 'on' },
                ...(lines.length > 0 ? [insertAfter(document.text, directive, lines)] : []),
              ],
              verify: 'nginx -t',
            },
          ];
        },
      });
    }
  },
});

/** Whether a block, or one in it that does not say otherwise, passes requests on to another machine with TLS. */
function holdsForTls(directive: NginxDirective, block: NginxBlock, passes: RegExp): boolean {
  return block.directives.some(({ name, args, block: inner }) => {
    if (passes.test(name)) return isRemoteTls(args[0]?.value ?? '');
    if (!inner || inner.directives.some((other) => other.name === directive.name)) return false;
    return holdsForTls(directive, inner, passes);
  });
}
