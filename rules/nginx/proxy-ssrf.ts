import { allDirectives, type NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { isRestricted } from './shared/access.ts';
import { placeOf } from './shared/place.ts';
import type { ValuePart } from './shared/values.ts';
import { type Control, type PlacedPart, type Variables, variablesOf } from './shared/variables.ts';

export const rule = defineRule({
  id: 'nginx/proxy-ssrf',
  title: 'The client chooses which host requests are passed on to',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass\b[^;]*\$/,
  docs: {
    why: 'Where a part of the request becomes the host of `proxy_pass`, anyone can send requests from inside the network: to services without a password, to the metadata address of a cloud, to the machine itself.',
    fix: 'Choose the upstream by a `map` with fixed values and a `default`, or by a group that takes one label only, `([a-z0-9-]+)`, in front of a fixed domain. A location that the application redirects to is `internal`.',
    falsePositives:
      'Silent where the variable is set to a fixed value, comes from a `map` whose values are fixed, is checked by an `if`, or can only be one label or a subdomain; in `internal` and protected locations; for variables that another file sets; and for `$host` in a server that has names of its own.',
    cwe: [918, 441],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass',
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#internal',
    ],
  },
  bad: [
    {
      name: 'the whole address, and the host of it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name app.example.com;
    location /fetch { proxy_pass «$arg_url»; }
    location /a { proxy_pass «http://$arg_host/status»; }
    location /b { proxy_pass «https://$http_x_backend:8443»; }
    location /c { proxy_pass «"http://\${cookie_node}/"»; }
}
`,
      },
    },
    {
      name: 'groups of expressions that take dots',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name app.example.com;
    location ~ ^/proxy/(.*)$ { proxy_pass «http://$1»; }
    location ~ "^/p/(?<target>[^/]+)/(?<rest>.*)$" { proxy_pass «http://$target/$rest»; }
    location ~ ^/ip/([\\d.]+)/ { proxy_pass «http://$1:8080»; }
    location ~ ^/api(.*)$ { proxy_pass «http://backend$1»; }
}
`,
      },
    },
    {
      name: 'through variables, and a map that lets the rest through',
      files: {
        'nginx/conf.d/app.conf': `map $arg_region $region_host {
    default $arg_region;
    eu eu.example.com;
}
server {
    listen 80;
    server_name app.example.com;
    location /a { set $backend $arg_host; proxy_pass «http://$backend»; }
    location /b { proxy_pass «http://$region_host»; }
    location /c { grpc_pass «grpc://$http_x_grpc_host»; }
}
`,
      },
    },
    {
      name: 'a server for any name that passes on to the name it was asked for',
      files: {
        'nginx/conf.d/forward.conf': `server {
    listen 8080 default_server;
    resolver 127.0.0.11;
    location / { proxy_pass «http://$http_host$request_uri»; }
    location /s { proxy_pass «https://$host»; }
}
`,
      },
    },
    {
      name: 'a map that gives nothing for what no entry matches',
      files: {
        'nginx/nginx.conf': `events {}
http {
    map $http_x_team $area {
        red /red/;
        blue /blue/;
    }
    server {
        listen 80;
        location / { proxy_pass «http://app$area$arg_page»; }
    }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'a path behind the host, whatever entry of a map matches',
      files: {
        'nginx/nginx.conf': `events {}
http {
    map $http_x_team $area {
        default /all/;
        red /red/;
    }
    geo $zone {
        proxy 10.0.0.1;
        default /outside/;
        10.0.0.0/8 /inside/;
    }
    server {
        listen 80;
        location /a/ { proxy_pass http://app$area$arg_page; }
        location /b/ { proxy_pass http://app$zone$arg_page; }
    }
}
`,
      },
    },
    {
      name: 'a variable with a whole address in which only the path is up to the client',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a/ {
        set $upstream "http://app:8080$request_uri";
        proxy_pass $upstream;
    }
    location /b/ {
        set $base http://app:8080;
        set $target $base/search?q=$arg_q;
        proxy_pass $target;
    }
}
`,
      },
    },
    {
      name: 'variables with fixed values, for a resolver; the path may be anything',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.*;
    include /config/nginx/ssl.conf;
    location / {
        include /config/nginx/resolver.conf;
        set $upstream_app app;
        set $upstream_port 8080;
        set $upstream_proto http;
        proxy_pass $upstream_proto://$upstream_app:$upstream_port;
    }
    location /a { proxy_pass http://backend$request_uri; }
    location ~ ^/b(/.*)$ { proxy_pass http://backend$1; }
    location ~ ^/c/(.*)$ { proxy_pass http://backend/$1$is_args$args; }
    location /d { proxy_pass http://127.0.0.1:8080$uri$is_args$args; }
    location /e { proxy_pass $scheme://backend; }
    location /f { proxy_pass http://$set_elsewhere; }
}
`,
      },
    },
    {
      name: 'an allow-list',
      files: {
        'nginx/conf.d/app.conf': `map $arg_region $region_host {
    default us.example.com;
    eu eu.example.com;
    ~^(?<zone>[a-z]+)-1$ $zone;
}
server {
    listen 80;
    server_name app.example.com;
    location / { proxy_pass http://$region_host; }
}
`,
      },
    },
    {
      name: 'one label, and names below a fixed domain',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name ~^(?<tenant>[^.]+)\\.example\\.com$;
    location ~ ^/svc/([a-z0-9-]+)/ { proxy_pass http://$1:8080; }
    location ~ ^/sub/([\\w.-]+)/ { proxy_pass http://$1.internal.example.com; }
    location / { proxy_pass http://$tenant.default.svc.cluster.local; }
}
`,
      },
    },
    {
      name: 'inside redirects, protected locations, a check',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    server_name app.example.com;
    location ~ ^/internal_redirect/(.*)$ { internal; proxy_pass http://$1; }
    location /a { allow 10.0.0.0/8; deny all; proxy_pass http://$arg_host; }
    location /b {
        if ($arg_host !~ "^(?:a|b)\\.example\\.com$") { return 403; }
        proxy_pass http://$arg_host;
    }
    location /c { proxy_pass https://$host:8443; }
    location @fallback { proxy_pass $upstream_http_location; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const [target] = directive.args;
      if (!PASSES.test(directive.name) || !target?.value.includes('$') || target.opaque) continue;
      const variables = variablesOf(document, context.facts);
      const chosen = chosenHost(variables.partsOf(target.value, directive), variables);
      if (!chosen || isRestricted(directive)) continue;
      context.report({
        span: target.span,
        message: `The client chooses the host by \`${chosen.text}\`, so anyone can reach services inside the network through nginx.`,
        place: placeOf(directive as NginxDirective),
      });
    }
  },
});

const PASSES = /^(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass$/;

/** The part that decides the scheme or the host of a URL, and that a client decides. */
function chosenHost(parts: readonly PlacedPart[], variables: Variables): ValuePart | undefined {
  let before = '';
  let inHost = !parts.some(({ variable, text }) => variable === undefined && text.includes('://'));
  for (const [index, part] of parts.entries()) {
    if (part.variable === undefined) {
      const scheme = inHost ? -3 : part.text.indexOf('://');
      if (scheme === -1) continue;
      inHost = true;
      const host = part.text.slice(scheme + 3);
      if (/[/?]/.test(host)) return undefined;
      before += host;
      continue;
    }
    if (part.variable === 'is_args') return undefined;
    const control = variables.controlOf(part.variable, part.at);
    if (inHost && control.path) return undefined;
    if (inHost ? takesHost(control, before, parts[index + 1]) : control.may('a')) return part;
  }
  return undefined;
}

/** Whether a client can name any host. One label is none, nor are digits behind a port, nor names below a fixed domain. */
function takesHost(control: Control, before: string, next: ValuePart | undefined): boolean {
  if (!control.may('.') || !(control.may('a') || control.may('1')) || /:\d+$/.test(before)) return false;
  const isBelow = next?.variable === undefined && /^\.[\w-]*[a-z]/i.test(next?.text ?? '');
  return !isBelow || control.may('/') || control.may('?');
}
