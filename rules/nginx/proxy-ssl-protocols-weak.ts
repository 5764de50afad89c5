import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { WEAK_PROTOCOLS } from '../data/tls.ts';
import { placeOf } from './shared/place.ts';
import { protocolsFix } from './shared/protocols.ts';

export const rule = defineRule({
  id: 'nginx/proxy-ssl-protocols-weak',
  title: 'nginx speaks SSL or TLS below 1.2 to the upstream',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /_ssl_protocols/,
  docs: {
    why: 'SSL 2 and 3 and TLS 1.0 and 1.1 are broken. While nginx offers them, someone between it and the upstream can talk the connection down to them and read what clients believe to be encrypted.',
    fix: 'Leave `TLSv1.2 TLSv1.3`. An upstream that speaks nothing newer needs an update, or a network that nobody else is on.',
    falsePositives:
      'An unset list is not reported: newer versions of nginx leave the old protocols out by themselves.',
    cwe: [326],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_protocols',
      'https://www.rfc-editor.org/rfc/rfc8996',
    ],
  },
  bad: [
    {
      name: 'towards the upstream',
      files: {
        'nginx/conf.d/api.conf': `server {
    listen 80;
    location / {
        proxy_pass https://legacy.internal;
        proxy_ssl_protocols «TLSv1 TLSv1.1» TLSv1.2;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location / {
        proxy_pass https://legacy.internal;
        proxy_ssl_protocols TLSv1.2;
    }
}
`,
    },
    {
      name: 'gRPC, nothing but old versions',
      files: {
        'nginx/conf.d/api.conf':
          'server { listen 80; location / { grpc_ssl_protocols «TLSv1.1»; grpc_pass grpcs://legacy:9443; } }\n',
      },
      fixed:
        'server { listen 80; location / { grpc_ssl_protocols TLSv1.2 TLSv1.3; grpc_pass grpcs://legacy:9443; } }\n',
    },
  ],
  good: [
    {
      name: 'new versions',
      files: {
        'nginx/conf.d/api.conf':
          'server { listen 80; proxy_ssl_protocols TLSv1.2 TLSv1.3; location / { proxy_pass https://api; } }\n',
      },
    },
    {
      name: 'what clients may speak is another matter',
      files: {
        'nginx/conf.d/api.conf': 'server { listen 443 ssl; ssl_protocols TLSv1.1 TLSv1.2; root /srv; }\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (!/^(?:proxy|grpc|uwsgi)_ssl_protocols$/.test(directive.name) || directive.block) continue;
      const weak = directive.args.filter((arg) => WEAK_PROTOCOLS.has(arg.value.toLowerCase()));
      const [first] = weak;
      const last = weak.at(-1);
      if (!first || !last) continue;
      const names = weak.map((word) => `\`${word.value}\``).join(', ');
      context.report({
        span: { start: first.span.start, end: last.span.end },
        message: `nginx speaks ${names} to the upstream, which can be broken or downgraded; TLS 1.2 is the least that is safe.`,
        place: placeOf(directive),
        fixes: () => [
          {
            ...protocolsFix(document, directive, weak),
            safety: 'review',
            risk: 'An upstream that speaks nothing newer can no longer be reached.',
          },
        ],
      });
    }
  },
});
