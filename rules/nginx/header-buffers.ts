import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';
import { bytesOf } from './shared/values.ts';

/** Headers that are larger than this in all are no honest client's. */
const MOST = 512 * 1024;
const MOST_AT_ONCE = 64 * 1024;

export const rule = defineRule({
  id: 'nginx/header-buffers',
  title: 'Each connection may take much memory for headers',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\b(?:large_client_header_buffers|client_header_buffer_size)\b/,
  docs: {
    why: 'nginx keeps the headers of a request in memory until it is answered. With large buffers a few thousand connections with long headers take gigabytes.',
    fix: 'Keep near the default, `large_client_header_buffers 4 8k;`. `4 32k` is enough for long cookies and tokens.',
    falsePositives:
      'Reported above 512 kB for a connection. Smaller buffers than the default are not recommended: applications break with 1 kB, whatever benchmarks say.',
    cwe: [770],
    controls: ['CIS NGINX 2.1.0 5.2.3'],
    references: ['https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers'],
  },
  bad: [
    {
      name: 'many large ones',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    large_client_header_buffers «16» 64k;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'a large first one',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    client_header_buffer_size «1m»;\n    root /srv;\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'the default and somewhat more',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    client_header_buffer_size 1k;\n    large_client_header_buffers 8 64k;\n    server { listen 80; root /srv; }\n}\n',
      },
    },
    {
      name: 'a template decides',
      files: {
        'nginx/templates/app.conf.template':
          'server {\n    listen 80;\n    large_client_header_buffers ${COUNT} ${SIZE};\n    root /srv;\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [first] = directive.args;
      if (!first || directive.args.some(({ opaque }) => opaque) || !isHuge(directive)) continue;
      context.report({
        span: first.span,
        message:
          'Each connection may take so much memory for headers that a few thousand of them take gigabytes.',
        place: placeOf(directive),
      });
    }
  },
});

function isHuge({ name, args }: NginxDirective): boolean {
  const values = args.map(({ value }) => bytesOf(value) ?? 0);
  if (name === 'client_header_buffer_size') return (values[0] ?? 0) > MOST_AT_ONCE;
  return name === 'large_client_header_buffers' && (values[0] ?? 0) * (values[1] ?? 0) > MOST;
}
