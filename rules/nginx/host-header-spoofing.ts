import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { placeOf } from './shared/place.ts';
import { partsOf } from './shared/values.ts';
import { variablesOf } from './shared/variables.ts';

export const rule = defineRule({
  id: 'nginx/host-header-spoofing',
  title: 'The upstream gets a Host that the client chose',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\b(?:proxy|grpc)_set_header\b/,
  docs: {
    why: 'Applications build links from `Host`: in mails that reset a password, in redirects, in pages that a cache keeps. `$http_host` is the header as the client wrote it, even in a server with a name: a request for `http://app.example.com/` with `Host: evil.example` comes to that server, and the upstream gets `evil.example`.',
    fix: 'Pass `$host`, which is the name that nginx chose the server by, or `$server_name`. A default server that answers `444` keeps away names that are not yours; without it `$host` too is any name. Where clients use another port than 80 and 443, pass it as well: `$host:$server_port`.',
    falsePositives:
      '`$host` is not reported, nor are variables that an `if` checks or a `map` limits to fixed values.',
    cwe: [290, 644],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_core_module.html#var_host',
      'https://nginx.org/en/docs/http/request_processing.html',
    ],
  },
  bad: [
    {
      name: 'as the client wrote it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    location / {
        proxy_set_header Host «$http_host»;
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
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'on a port of its own, in quotes and in lower case',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 8443 ssl;
    server_name app.example.com;
    proxy_set_header host «"\${http_host}"»;
    location / { proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 8443 ssl;
    server_name app.example.com;
    proxy_set_header host "$host:$server_port";
    location / { proxy_pass http://app; }
}
`,
      offers: ['Pass $host:$server_port', 'Pass $host'],
    },
    {
      name: 'other headers, arguments, and a part of the name',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    location /a { proxy_set_header Host «$http_x_forwarded_host»; proxy_pass http://app; }
    location /b { proxy_set_header Host «$arg_site.example.com»; proxy_pass http://app; }
    location /c { set $site $http_host; proxy_set_header Host «$site»; proxy_pass http://app; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    location /a { proxy_set_header Host $host; proxy_pass http://app; }
    location /b { proxy_set_header Host $arg_site.example.com; proxy_pass http://app; }
    location /c { set $site $http_host; proxy_set_header Host $site; proxy_pass http://app; }
}
`,
    },
  ],
  good: [
    {
      name: 'the name that nginx chose the server by',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    location /a { proxy_set_header Host $host; proxy_pass http://app; }
    location /b { proxy_set_header Host $host:$server_port; proxy_pass http://app; }
    location /c { proxy_set_header Host $server_name; proxy_pass http://app; }
    location /d { proxy_set_header Host $proxy_host; proxy_pass http://app; }
    location /e { proxy_set_header Host backend.example.com; proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'other headers',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    location / {
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_pass http://app;
    }
}
`,
      },
    },
    {
      name: 'an allow-list, a check, and the name of the server',
      files: {
        'nginx/conf.d/app.conf': `map $http_host $known_host {
    default app.example.com;
    www.example.com www.example.com;
}
server {
    listen 443 ssl;
    server_name ~^(?<tenant>[^.]+)\\.example\\.com$;
    location /a { proxy_set_header Host $known_host; proxy_pass http://app; }
    location /b {
        if ($http_host !~ "^(?:www|app)\\.example\\.com$") { return 400; }
        proxy_set_header Host $http_host;
        proxy_pass http://app;
    }
    location /c { proxy_set_header Host $tenant.internal; proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      const value = hostValue(directive);
      if (!value?.value.includes('$') || value.opaque) continue;
      const variables = variablesOf(document, context.facts);
      const chosen = partsOf(value.value).find(
        ({ variable }) => variable !== undefined && variables.controlOf(variable, directive).may('/'),
      );
      if (!chosen) continue;
      context.report({
        span: value.span,
        message: `The upstream gets \`${chosen.text}\` as its Host, which the client writes; pass \`$host\` and turn away unknown names in a default server.`,
        place: placeOf(directive),
        fixes: () => hostFixes(directive, value),
      });
    }
  },
});

function hostValue({ name, args }: NginxDirective): NginxWord | undefined {
  if (name !== 'proxy_set_header' && name !== 'grpc_set_header') return undefined;
  return args[0]?.value.toLowerCase() === 'host' ? args[1] : undefined;
}

function hostFixes(directive: NginxDirective, value: NginxWord): readonly Fix[] {
  // Where the variable is only a part of the name, only the author knows what it should be.
  if (!/^\$\{?http_(?:host|x_forwarded_host)\}?$/i.test(value.value)) return [];
  const fix = (host: string, risk: string): Fix => ({
    title: `Pass ${host}`,
    safety: 'review',
    risk,
    edits: [replaceWord(value, host)],
    verify: 'nginx -t',
  });
  const plain = fix(
    '$host',
    'Where clients use another port than 80 and 443, the upstream no longer gets it and may redirect to the wrong one.',
  );
  const withPort = fix(
    '$host:$server_port',
    'The upstream gets the port that nginx listens on, which is another one where a container or a router maps it.',
  );
  return listensElsewhere(directive) ? [withPort, plain] : [plain];
}

/** Whether the server of a directive has no socket on the ports that browsers leave out. */
function listensElsewhere(directive: NginxDirective): boolean {
  for (let owner = directive.parent.owner; owner; owner = owner.parent.owner) {
    if (owner.name !== 'server') continue;
    const listens = owner.block?.directives.filter(({ name }) => name === 'listen') ?? [];
    return (
      listens.length > 0 &&
      listens.every(({ args }) => {
        const port = /(?:^|:)(\d+)$/.exec(args[0]?.value ?? '')?.[1];
        return port !== undefined && port !== '80' && port !== '443';
      })
    );
  }
  return false;
}
