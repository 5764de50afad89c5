import type { Document } from '../../syntaxes/document.ts';
import type { NginxBlock } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { insertFirst } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { restrictionOf } from './shared/restricted.ts';
import { matchOf } from './shared/route.ts';
import { type Scope, scopesIn } from './shared/scope.ts';
import { answersItself } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/metrics-exposed',
  title: 'Metrics of the application are open to everyone',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  mentions: /metrics|prometheus|actuator|pprof|debug|status/i,
  docs: {
    why: 'Metrics and debug pages name versions, routes, hosts, users and queue lengths, and show whether an attack works. `/actuator` of Spring Boot and `/debug/pprof` of Go go further: they give away the environment or the memory.',
    fix: 'Let only the network of the monitoring in and `deny all`, or put the path behind a password. Best of all Prometheus asks the service itself, and nginx does not pass the path on at all.',
    falsePositives:
      'Silent where an address list, a password, a client certificate or `internal` guards the location or what is around it, or an include that cannot be read may bring one. It goes by the names of paths: `/metrics` may be a page of the application.',
    cwe: [200, 497],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_access_module.html',
      'https://prometheus.io/docs/operating/security/',
    ],
  },
  bad: [
    {
      name: 'the metrics of an application',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    location / { proxy_pass http://app:8000; }
    location «/metrics» {
        proxy_pass http://app:8000/metrics;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    location / { proxy_pass http://app:8000; }
    location /metrics {
        allow 10.0.0.0/8;
        allow 172.16.0.0/12;
        allow 192.168.0.0/16;
        deny all;
        proxy_pass http://app:8000/metrics;
    }
}
`,
    },
    {
      name: 'Spring Boot, Go, and a regular expression; a method is no question of who asks',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ^~ «/actuator/» { proxy_pass http://app; }
    location = «/debug/pprof/» { proxy_pass http://app; }
    location ~ «^/(metrics|prometheus)$» {
        if ($request_method !~ ^(GET|HEAD)$) { return 405; }
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location ^~ /actuator/ { allow 10.0.0.0/8; allow 172.16.0.0/12; allow 192.168.0.0/16; deny all; proxy_pass http://app; }
    location = /debug/pprof/ { proxy_pass http://app; }
    location ~ ^/(metrics|prometheus)$ {
        if ($request_method !~ ^(GET|HEAD)$) { return 405; }
        proxy_pass http://app;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'guarded in many ways',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location /metrics { allow 10.0.0.0/8; deny all; proxy_pass http://app; }
    location /prometheus { auth_basic "ops"; auth_basic_user_file /etc/nginx/ops; proxy_pass http://app; }
    location /actuator { auth_request /auth; proxy_pass http://app; }
    location /debug/pprof { return 404; }
    location = /metrics/x { deny all; }
    location /server-status { include snippets/internal-only.conf; proxy_pass http://app; }
    location /debug/vars { if ($is_inside = 0) { return 403; } proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'a whole server for the monitoring, and one for this machine',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 9000;
    allow 10.0.0.0/8;
    deny all;
    location /metrics { proxy_pass http://app; }
}
server {
    listen 127.0.0.1:9001;
    location /metrics { proxy_pass http://app; }
}
server {
    listen 9002 ssl;
    ssl_client_certificate /etc/nginx/ca.pem;
    ssl_verify_client on;
    location /metrics { proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'other paths, health checks, and metrics that nginx itself has',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /api/metrics-report { proxy_pass http://app; }
    location /docs/metrics { proxy_pass http://app; }
    location /actuator/health { proxy_pass http://app; }
    location = /actuator/info { proxy_pass http://app; }
    location /debug { proxy_pass http://app; }
    location ~* \\.(js|css|metrics)$ { proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'the deny comes with an include',
      files: {
        'nginx/nginx.conf': `events {}
http {
    server {
        listen 80;
        location /metrics { include /etc/nginx/inside.conf; proxy_pass http://app; }
    }
}
`,
        'nginx/inside.conf': 'allow 10.0.0.0/8;\ndeny all;\n',
      },
    },
  ],
  check(document, context) {
    for (const scope of scopesIn(scopeOf(document, context.facts))) {
      const block = scope.block;
      const owner = block?.owner;
      const pattern = owner?.args.at(-1);
      if (!block || !owner || !pattern || scope.kind !== 'location' || !isForMachines(scope)) continue;
      if (!passesOn(scope) || restrictionOf(scope) !== 'no') continue;
      context.report({
        span: pattern.span,
        message: `Anyone can read \`${pattern.value.slice(0, 40)}\`, which tells how the application is built, loaded and failing.`,
        place: placeOf(owner),
        fixes: () => [onlyPrivate(document, block)],
      });
    }
  },
});

/** Paths that monitoring and debuggers ask for, and no visitor. */
const FOR_MACHINES =
  /^\/(?:-\/)?(?:metrics|prometheus(?:\/metrics)?|actuator(?:\/(?!health\b|info\b)[\w/*-]*)?|debug\/(?:pprof|vars)(?:\/.*)?|server-(?:status|info)|nginx[_-]status|(?:php-?)?fpm[_-]status)\/?$/;

function isForMachines(location: Scope): boolean {
  const { operator, pattern } = matchOf(location);
  if (!operator.startsWith('~')) return FOR_MACHINES.test(pattern);
  // The alternatives of the usual expressions: `^/(metrics|prometheus)$`, `^/metrics(/|$)`.
  const plain = pattern.replace(/^\^/, '').replace(/(?:\(\?:?\/\|\$\)|\/\?\$?|\$|\/?\.\*)$/, '');
  const choice = /^(\/)\((?:\?:)?([\w|/-]+)\)$/.exec(plain);
  if (!choice) return /^[\w/-]+$/.test(plain) && FOR_MACHINES.test(plain);
  return (choice[2] ?? '').split('|').some((name) => FOR_MACHINES.test(`/${name}`));
}

function passesOn(location: Scope): boolean {
  if (answersItself(location)) return false;
  return [...scopesIn(location)].some((scope) =>
    scope.items.some(({ name }) => /^(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass$/.test(name)),
  );
}

function onlyPrivate({ text, tree }: Document<'nginx'>, block: NginxBlock): Fix {
  const lines = ['allow 10.0.0.0/8;', 'allow 172.16.0.0/12;', 'allow 192.168.0.0/16;', 'deny all;'];
  return {
    title: 'Allow only private networks',
    safety: 'review',
    risk: 'Monitoring that comes from a public address is refused; behind another proxy everyone has a private address, so real_ip_header must be set.',
    edits: tree.template ? [] : [insertFirst(text, block, lines)],
    verify: 'nginx -t',
  };
}
