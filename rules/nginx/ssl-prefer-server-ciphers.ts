import { defineRule } from '../core/rule.ts';
import { isOn } from './shared/flags.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import { areAllAead, ciphersOf } from './shared/tls.ts';

export const rule = defineRule({
  id: 'nginx/ssl-prefer-server-ciphers',
  title: 'The server overrules the order of ciphers of the client',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /ssl_prefer_server_ciphers/,
  docs: {
    why: 'Where every suite of the list is good, the client knows best: a phone without AES in hardware is faster, and saves its battery, with ChaCha20. The order of the server matters only for lists that still hold weak suites.',
    fix: "Set `ssl_prefer_server_ciphers off;`, as Mozilla's intermediate and modern profiles do.",
    falsePositives:
      'Silent for lists that have other than authenticated encryption, and where `ssl_conf_command Options PrioritizeChaCha` gives clients the say. CIS NGINX and others ask for `on`, from the time of weak suites.',
    references: [
      'https://wiki.mozilla.org/Security/Server_Side_TLS',
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_prefer_server_ciphers',
    ],
  },
  bad: [
    {
      name: 'a list of good suites',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers «on»;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
}
`,
    },
    {
      name: 'the list stands in http',
      files: {
        'nginx.conf': `events {}
http {
    ssl_ciphers "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";
    server { listen 443 ssl; ssl_prefer_server_ciphers «ON»; }
}
`,
      },
      fixed: `events {}
http {
    ssl_ciphers "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";
    server { listen 443 ssl; ssl_prefer_server_ciphers off; }
}
`,
    },
  ],
  good: [
    {
      name: 'a list with older suites, and the default one',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA;
    ssl_prefer_server_ciphers on;
}
server { listen 8443 ssl; ssl_prefer_server_ciphers on; }
`,
      },
    },
    {
      name: 'clients that put ChaCha20 first get it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_conf_command Options PrioritizeChaCha;
    ssl_prefer_server_ciphers on;
}
`,
      },
    },
  ],
  check(document, context) {
    if (/PrioritizeChaCha/i.test(document.text)) return;
    for (const { scope, directive } of ownDirectives(
      scopeOf(document, context.facts),
      'ssl_prefer_server_ciphers',
    )) {
      const [value] = directive.args;
      if (!value || !isOn(value.value) || !areAllAead(ciphersOf(scope) ?? [])) continue;
      context.report({
        span: value.span,
        message:
          'All suites are good, so the order of the server only keeps phones from the faster ChaCha20.',
        place: placeOf(directive),
        fixes: () => [
          {
            title: 'Set ssl_prefer_server_ciphers to off',
            safety: 'review',
            risk: 'Clients choose among the suites of the list.',
            edits: [{ span: value.span, text: 'off' }],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
