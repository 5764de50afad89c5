import { allDirectives } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/dhparam-short',
  title: 'Diffie-Hellman parameters of 1024 bits or fewer',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /ssl_dhparam/,
  docs: {
    why: 'A group of 1024 bits is within reach of a state, and of anyone where it is a common one (Logjam): what was recorded can be decrypted. OpenSSL 3 refuses such parameters, so nginx may not even start.',
    fix: 'Make parameters of 2048 bits (`openssl dhparam -out dhparam.pem 2048`) or, better, take `ssl_dhparam` and the DHE suites out: ECDHE does the same faster.',
    falsePositives: 'The size is read off the name of the file, which may be older than what is in it.',
    cwe: [326],
    controls: ['CIS NGINX 2.1.0 4.1.6'],
    references: [
      'https://weakdh.org/',
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_dhparam',
    ],
  },
  bad: [
    {
      name: 'the name says so',
      files: {
        'nginx/conf.d/app.conf': 'server { listen 443 ssl; ssl_dhparam «/etc/nginx/dhparam-1024.pem»; }\n',
      },
    },
    {
      name: 'in quotes, for all servers',
      files: {
        'nginx.conf':
          'events {}\nhttp {\n    ssl_dhparam «"ssl/dh512.pem"»;\n    server { listen 443 ssl; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'longer ones, and a name without a size',
      files: {
        'nginx/conf.d/app.conf': `server { listen 443 ssl; ssl_dhparam /etc/nginx/dhparam-2048.pem; }
server { listen 8443 ssl; ssl_dhparam dh4096.pem; }
server { listen 9443 ssl; ssl_dhparam /etc/ssl/dhparams.pem; }
`,
      },
    },
    {
      name: 'a number of something else',
      files: {
        'nginx/conf.d/app.conf': `server { listen 443 ssl; ssl_dhparam /srv/1024/dhparam.pem; }
server { listen 8443 ssl; ssl_dhparam dhparam-20241024.pem; }
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [file] = directive.args;
      if (directive.name !== 'ssl_dhparam' || directive.block || !file || file.opaque) continue;
      const bits = /(?<!\d)(?:512|768|1024)(?!\d)/.exec(
        file.value.slice(file.value.lastIndexOf('/') + 1),
      )?.[0];
      if (bits === undefined) continue;
      context.report({
        span: file.span,
        message: `Parameters of ${bits} bits are breakable, so recorded connections can be decrypted.`,
        place: placeOf(directive),
      });
    }
  },
});
