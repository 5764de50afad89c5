import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { effectiveSet } from './shared/inherit.ts';
import { byMap, type NewMap } from './shared/maps.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { proxyingScopes } from './shared/proxying.ts';
import { enclosing, type Scope } from './shared/scope.ts';
import { serverOf } from './shared/server.ts';
import { tlsElsewhere } from './shared/tls-elsewhere.ts';

export const rule = defineRule({
  id: 'nginx/forwarded-proto-scheme',
  title: 'HTTPS is called HTTP behind a proxy that ends TLS',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /proxy_set_header/,
  docs: {
    why: 'Where a load balancer ends TLS, this server speaks plain HTTP, so `$scheme` is always `http`. It overwrites what the load balancer said: the application builds links for HTTP, marks no cookie `Secure`, or redirects to HTTPS in a circle.',
    fix: 'Pass on what the load balancer says, and `$scheme` only where it says nothing, by a `map` of `$http_x_forwarded_proto`. Make sure that nobody else can reach this server, since anyone could claim HTTPS then.',
    falsePositives:
      'Reported only where something tells of a proxy in front: its addresses are trusted, its headers are used, its protocol is spoken, or a container is published through it. That proxy may speak plain HTTP itself, and then `$scheme` is right.',
    cwe: [319],
    references: ['https://nginx.org/en/docs/http/ngx_http_map_module.html#map'],
  },
  bad: [
    {
      name: 'addresses of the load balancer are trusted, its protocol is not',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name app.example.com;
    set_real_ip_from 10.0.0.0/8;
    real_ip_header X-Forwarded-For;
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-Proto «$scheme»;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `map $http_x_forwarded_proto $forwarded_proto {
    default $http_x_forwarded_proto;
    "" $scheme;
}

server {
    listen 80;
    server_name app.example.com;
    set_real_ip_from 10.0.0.0/8;
    real_ip_header X-Forwarded-For;
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-Proto $forwarded_proto;
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'the map is there and not used',
      files: {
        'nginx.conf': `events {}
http {
    map $http_x_forwarded_proto $real_scheme {
        default $http_x_forwarded_proto;
        '' $scheme;
    }
    proxy_set_header X-Forwarded-Proto «"$scheme"»;
    server {
        listen 8080;
        location / { proxy_pass http://app; }
    }
}
`,
      },
      fixed: `events {}
http {
    map $http_x_forwarded_proto $real_scheme {
        default $http_x_forwarded_proto;
        '' $scheme;
    }
    proxy_set_header X-Forwarded-Proto "$real_scheme";
    server {
        listen 8080;
        location / { proxy_pass http://app; }
    }
}
`,
    },
  ],
  good: [
    {
      name: 'TLS ends here, for one of the servers that share the line',
      files: {
        'nginx.conf': `events {}
http {
    set_real_ip_from 10.0.0.0/8;
    proxy_set_header X-Forwarded-Proto $scheme;
    server { listen 80; location / { proxy_pass http://app; } }
    server { listen 443 ssl; location / { proxy_pass http://app; } }
}
`,
      },
    },
    {
      name: 'nothing tells of a proxy in front',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location / { proxy_set_header X-Forwarded-Proto $scheme; proxy_pass http://app; }\n}\n',
      },
    },
    {
      name: 'passed on, or fixed',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    set_real_ip_from 10.0.0.0/8;
    location /a { proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto; proxy_pass http://a; }
    location /b { proxy_set_header X-Forwarded-Proto https; proxy_pass http://b; }
}
`,
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    const used = new Map<NginxDirective, Scope[]>();
    for (const scope of proxyingScopes(root)) {
      const server = enclosing(scope, 'server');
      if (!server) continue;
      for (const { anchor, args } of effectiveSet(scope, 'proxy_set_header').items) {
        if (anchor?.name !== 'proxy_set_header' || !isScheme(args)) continue;
        used.set(anchor, [...(used.get(anchor) ?? []), server]);
      }
    }
    for (const [directive, servers] of used) {
      const [, value] = directive.args;
      const behind = servers.every(
        (server) => tlsElsewhere(document, context.facts, serverOf(server)) === 'yes',
      );
      if (!behind || !value) continue;
      context.report({
        span: value.span,
        message:
          '`$scheme` is always `http` here, since TLS ends in front of nginx: the application takes HTTPS for HTTP.',
        place: `${placeOf(directive)}[X-Forwarded-Proto]`,
        fixes: () => [
          byMap(document, root, value, MAP, {
            title: 'Pass on the protocol of the proxy in front',
            safety: 'review',
            risk: 'Whoever reaches this server without the proxy in front can claim HTTPS.',
          }),
        ],
      });
    }
  },
});

function isScheme([name = '', value = '']: readonly string[]): boolean {
  return name.toLowerCase() === 'x-forwarded-proto' && /^\$\{?scheme\}?$/.test(value);
}

const MAP: NewMap = {
  source: '$http_x_forwarded_proto',
  variable: '$forwarded_proto',
  entries: ['default $http_x_forwarded_proto;', '"" $scheme;'],
};
