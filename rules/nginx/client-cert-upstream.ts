import { defineRule } from '../core/rule.ts';
import { effectiveValue } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/client-cert-upstream',
  title: 'nginx does not show the upstream who it is',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'low',
  since: '0.1.0',
  profile: 'strict',
  dev: 'off',
  mentions: /proxy_pass/,
  docs: {
    why: 'An upstream that asks for no certificate of its client answers whoever reaches it, past all checks of the proxy.',
    fix: 'Give nginx a certificate by `proxy_ssl_certificate` and `proxy_ssl_certificate_key`, and let the upstream ask for it.',
    falsePositives:
      'Off by default, for those who follow the CIS benchmark: a network that nobody else reaches does the same. Only upstreams with TLS are looked at.',
    cwe: [306],
    controls: ['CIS NGINX 2.1.0 4.1.9'],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_certificate'],
  },
  bad: [
    {
      name: 'an upstream with TLS',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 443 ssl;\n    location / { proxy_pass «https://backend.internal»; }\n}\n',
      },
    },
    {
      name: 'a key for another location',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 443 ssl;\n    location /a { proxy_ssl_certificate /etc/ssl/a.pem; proxy_pass https://a; }\n    location /b { proxy_pass «"https://b"»; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'a certificate, for all',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 443 ssl;\n    proxy_ssl_certificate /etc/ssl/client.pem;\n    proxy_ssl_certificate_key /etc/ssl/client.key;\n    location / { proxy_pass https://backend; }\n}\n',
      },
    },
    {
      name: 'no TLS, or an include',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 443 ssl;\n    location /a { proxy_pass http://a; }\n    location /b { include /config/nginx/tls.conf; proxy_pass https://b; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const { scope, directive } of ownDirectives(scopeOf(document, context.facts), 'proxy_pass')) {
      const [target] = directive.args;
      const { item, certain } = effectiveValue(scope, 'proxy_ssl_certificate');
      if (!target || !/^https:/i.test(target.value) || item || !certain) continue;
      context.report({
        span: target.span,
        message: 'nginx has no certificate for this upstream, which cannot tell it from anyone else then.',
        place: placeOf(directive),
      });
    }
  },
});
