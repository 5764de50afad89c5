import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isCopy, withCopies } from './shared/copies.ts';
import { replaceWord } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { httpServers } from './shared/server.ts';
import { tlsElsewhere } from './shared/tls-elsewhere.ts';

export const rule = defineRule({
  id: 'nginx/xff-passthrough',
  title: 'Client address is taken over from the client',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\$\{?http_x_(?:forwarded_for|real_ip)/,
  docs: {
    why: 'nginx passes on the header as the client sent it and does not add the address that it sees itself. Whoever sends `X-Forwarded-For: 10.0.0.1` is 10.0.0.1 to the application: its rate limits, bans, address lists and logs are of no use.',
    fix: 'Pass on `$proxy_add_x_forwarded_for`, which ends with the address that nginx sees, or only `$remote_addr` where nothing stands in front; `X-Real-IP` is `$remote_addr`. Behind a trusted proxy use `set_real_ip_from` as well.',
    falsePositives:
      'An nginx that only a trusted proxy reaches may hand on what that one sent: silent where `set_real_ip_from`, `proxy_protocol`, headers of such a proxy, a comment or Compose speak of one.',
    cwe: [348],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#var_proxy_add_x_forwarded_for',
      'https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For#security_and_privacy_concerns',
    ],
  },
  bad: [
    {
      name: 'as the client sent it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For «$http_x_forwarded_for»;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'the other header, in quotes and braces; the same line twice',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    grpc_set_header x-real-ip «"\${http_x_real_ip}"»;
    location / {
        grpc_set_header x-real-ip "\${http_x_real_ip}";
        grpc_pass grpc://app;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    grpc_set_header x-real-ip "$remote_addr";
    location / {
        grpc_set_header x-real-ip "$remote_addr";
        grpc_pass grpc://app;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'with the address that nginx sees',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
    proxy_set_header X-Client "$http_x_forwarded_for, $remote_addr";
    location / { proxy_pass http://app; }
    location /b { proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $realip_remote_addr"; proxy_pass http://b; }
}
`,
      },
    },
    {
      name: 'behind a proxy that is trusted',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    set_real_ip_from 10.0.0.0/8;
    location / {
        proxy_set_header X-Forwarded-For $http_x_forwarded_for;
        proxy_pass http://app;
    }
}
`,
        'nginx/conf.d/b.conf': 'log_format main "$http_x_forwarded_for";\nserver { listen 80; }\n',
      },
    },
    {
      name: 'the protocol of a proxy in front is taken over too',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 8080;
    location / {
        proxy_set_header X-Forwarded-For $http_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
        proxy_pass http://app;
    }
}
`,
      },
    },
  ],
  check(document, context) {
    const servers = httpServers(scopeOf(document, context.facts));
    // Nothing is known of who asks a file that holds no server.
    if (servers.length === 0) return;
    if (servers.some((server) => tlsElsewhere(document, context.facts, server) === 'yes')) return;
    for (const directive of allDirectives(document.tree.root)) {
      const value = takenOver(directive);
      if (!value || isCopy(directive)) continue;
      const header = directive.args[0]?.value ?? '';
      const instead = /real-ip/i.test(header) ? '$remote_addr' : '$proxy_add_x_forwarded_for';
      context.report({
        span: value.span,
        message: `The application believes any address that a client writes into \`${header.slice(0, 30)}\`: nginx passes it on unchecked.`,
        place: `${placeOf(directive)}[${header.toLowerCase()}]`,
        fixes: () => [
          {
            title: `Pass on ${instead}`,
            safety: 'review',
            risk: 'The application sees the address of who connects to nginx; behind another proxy that is the proxy.',
            edits: withCopies(directive).flatMap((copy) => {
              const word = takenOver(copy);
              return word ? [replaceWord(word, instead)] : [];
            }),
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

/** The value of a header about the client's address, where it is nothing but what the client sent. */
function takenOver({ name, args, block }: NginxDirective): NginxWord | undefined {
  const [header, value] = args;
  if (block || !/^(?:proxy|grpc)_set_header$/.test(name) || !header || !value) return undefined;
  if (!/^x-(?:forwarded-for|real-ip)$/i.test(header.value)) return undefined;
  return /^\$(?:http_x_(?:forwarded_for|real_ip)|\{http_x_(?:forwarded_for|real_ip)\})$/i.test(value.value)
    ? value
    : undefined;
}
