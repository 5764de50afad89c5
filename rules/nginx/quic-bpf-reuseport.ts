import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isOn } from './shared/flags.ts';
import { scopeOf } from './shared/model.ts';
import { itemsNamed, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/quic-bpf-reuseport',
  title: 'QUIC connections are lost after a reload',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /quic_bpf/,
  docs: {
    why: 'With `quic_bpf on`, `reuseport` and several workers, a part of the new QUIC connections goes to workers that end after a reload, and is never answered.',
    fix: 'Switch `quic_bpf` off until the bug is mended, or restart nginx instead of reloading it.',
    falsePositives: 'Silent with one worker, and where no socket for QUIC has `reuseport`.',
    references: [
      'https://github.com/nginx/nginx/issues/425',
      'https://nginx.org/en/docs/http/ngx_http_v3_module.html',
    ],
  },
  bad: [
    {
      name: 'the usual configuration of HTTP/3',
      files: {
        'nginx.conf': `worker_processes auto;
quic_bpf «on»;
events {}
http {
    server { listen 443 quic reuseport; listen 443 ssl; server_name a.example.com; }
}
`,
      },
      fixed: `worker_processes auto;
quic_bpf off;
events {}
http {
    server { listen 443 quic reuseport; listen 443 ssl; server_name a.example.com; }
}
`,
    },
    {
      name: 'the socket stands in another file',
      files: {
        'nginx/nginx.conf': `quic_bpf «on»;
worker_processes 4;
events {}
http { include conf.d/*.conf; }
`,
        'nginx/conf.d/a.conf': 'server { listen [::]:443 quic reuseport; }\n',
      },
      fixed: `quic_bpf off;
worker_processes 4;
events {}
http { include conf.d/*.conf; }
`,
    },
  ],
  good: [
    {
      name: 'one worker, which nginx has by itself',
      files: {
        'nginx.conf': 'quic_bpf on;\nevents {}\nhttp { server { listen 443 quic reuseport; } }\n',
      },
    },
    {
      name: 'off, or no reuseport for QUIC',
      files: {
        'nginx.conf': `worker_processes auto;
quic_bpf on;
events {}
http { server { listen 443 quic; listen 443 ssl reuseport; } }
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [value] = directive.args;
      if (directive.name !== 'quic_bpf' || directive.block || !value || !isOn(value.value)) continue;
      const workers = directive.parent.directives.find(({ name }) => name === 'worker_processes')?.args[0];
      if (!workers || workers.opaque || workers.value === '1') continue;
      const sockets = [...scopesIn(scopeOf(document, context.facts))].flatMap((scope) =>
        itemsNamed(scope, 'listen'),
      );
      if (!sockets.some(({ args }) => args.includes('quic') && args.includes('reuseport'))) continue;
      context.report({
        span: value.span,
        message:
          'With `reuseport` and several workers, a part of the new QUIC connections is lost after each reload.',
        place: 'quic_bpf',
        fixes: () => [
          {
            title: 'Switch quic_bpf off',
            safety: 'review',
            risk: 'QUIC connections of clients that change their address end; takes effect at a restart only.',
            edits: [{ span: value.span, text: 'off' }],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});
