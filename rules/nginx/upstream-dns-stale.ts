import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';
import { hostOfTarget, isAddress, upstreamNames } from './shared/upstream-names.ts';

export const rule = defineRule({
  id: 'nginx/upstream-dns-stale',
  title: 'Address of the upstream is looked up only at start',
  kinds: ['nginx'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /_pass|upstream/,
  docs: {
    why: 'nginx looks a name up once, when it starts. A load balancer in the cloud changes its addresses every few days; nginx then sends requests to addresses that belong to someone else.',
    fix: 'Put the name into a variable and set a `resolver`: `set $app app.example.com; proxy_pass https://$app;`. In an `upstream`, `server … resolve` does it since nginx 1.27.3, with `zone` and `resolver`.',
    falsePositives:
      'Only names with a dot are reported that may be public: services of Compose and Kubernetes keep their addresses. Many hosts never change theirs, so the rule is off unless the profile is `strict`.',
    cwe: [350],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass',
      'https://nginx.org/en/docs/http/ngx_http_upstream_module.html#resolve',
    ],
  },
  bad: [
    {
      name: 'a public name, and one in an upstream',
      files: {
        'nginx/conf.d/app.conf': `upstream api { server «api-123.eu-west-1.elb.amazonaws.com:443»; }
server {
    listen 80;
    location / { proxy_pass «https://backend.example.com/x»; }
    location /api { proxy_pass https://api; }
}
`,
      },
    },
    {
      name: 'of gRPC and FastCGI, in quotes',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / { grpc_pass «"grpcs://rpc.example.com:443"»; }
    location ~ \\.php$ { fastcgi_pass «php.example.com:9000»; }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'looked up again, addresses, services and upstreams',
      files: {
        'nginx/conf.d/app.conf': `upstream pool.example { zone pool 64k; server app.example.com resolve; server 10.0.0.1; server unix:/run/x.sock; }
server {
    listen 80;
    resolver 127.0.0.53;
    set $app app.example.com;
    location /a { proxy_pass https://$app; }
    location /b { proxy_pass http://127.0.0.1:8000; }
    location /c { proxy_pass http://backend:8000; }
    location /d { proxy_pass http://pool.example; }
    location /e { proxy_pass http://app.default.svc.cluster.local; }
    location /f { proxy_pass http://host.docker.internal; }
    location /g { proxy_pass http://[::1]:80; }
}
`,
      },
    },
    {
      name: 'a placeholder',
      files: {
        'nginx/templates/app.conf.template':
          'server {\n    listen 80;\n    location / { proxy_pass https://${HOST}.example.com; }\n}\n',
      },
    },
  ],
  check(document, { facts, report }) {
    for (const directive of allDirectives(document.tree.root)) {
      const word = isTarget(directive) ? directive.args[0] : undefined;
      const host = word && !word.opaque ? hostOfTarget(word.value) : undefined;
      if (!word || !host || host.includes('$') || !isPublicName(host)) continue;
      if (directive.args.some(({ value }) => value === 'resolve') || upstreamNames(facts).has(host)) continue;
      report({
        span: word.span,
        message: `nginx looks \`${host.slice(0, 60)}\` up when it starts and never again, even if the address changes.`,
        place: `${placeOf(directive)}[${host}]`,
      });
    }
  },
});

function isTarget({ name, block, parent }: NginxDirective): boolean {
  if (block) return false;
  if (/^(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass$/.test(name)) return true;
  return name === 'server' && parent.owner?.name === 'upstream';
}

function isPublicName(host: string): boolean {
  return (
    host.includes('.') &&
    !isAddress(host) &&
    /^[\w.-]+$/.test(host) &&
    !/\.(?:local|internal|localdomain|localhost|test|lan|home|consul|svc)$/i.test(host)
  );
}
