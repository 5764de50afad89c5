import type { Document } from '../../syntaxes/document.ts';
import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { type Scope, scopesAround, scopesIn } from './shared/scope.ts';

export const rule = defineRule({
  id: 'nginx/limit-key-shared',
  title: "Limit counts by an address that is not the client's",
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /\blimit_(?:req|conn)_zone\b/,
  docs: {
    why: 'A limit is worth what it counts by. `X-Forwarded-For` is written by the client, who gets a new limit with each new value. Behind a proxy `$remote_addr` is the address of that proxy, so that all clients share one limit and one of them shuts out the others.',
    fix: 'Count by `$binary_remote_addr`, and tell nginx which proxies to believe: `set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on;`.',
    falsePositives:
      'That a proxy is in front is taken from `listen … proxy_protocol` and from headers that only a proxy sends, where nginx passes them on or decides by them as they came. Silent where `set_real_ip_from` stands somewhere, or in a file that is not known.',
    cwe: [290, 348],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_realip_module.html',
      'https://nginx.org/en/docs/http/ngx_http_limit_req_module.html#limit_req_zone',
    ],
  },
  bad: [
    {
      name: 'a header of the client, itself and by a map',
      files: {
        'nginx/conf.d/limits.conf': `limit_req_zone «$http_x_forwarded_for» zone=a:10m rate=10r/s;
limit_conn_zone «"\${proxy_add_x_forwarded_for}"» zone=b:10m;
map $http_x_forwarded_for $client { default $remote_addr; ~^(?<first>[^,]+) $first; }
limit_req_zone «$client» zone=c:10m rate=10r/s;
`,
      },
      fixed: `limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
limit_conn_zone "\${proxy_add_x_forwarded_for}" zone=b:10m;
map $http_x_forwarded_for $client { default $remote_addr; ~^(?<first>[^,]+) $first; }
limit_req_zone $client zone=c:10m rate=10r/s;
`,
    },
    {
      name: 'the address of the load balancer',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone «$binary_remote_addr» zone=a:10m rate=10r/s;
    server {
        listen 80 proxy_protocol;
        limit_req zone=a burst=20;
        location / { proxy_pass http://app; }
    }
}
`,
      },
    },
    {
      name: 'a proxy that tells by a header what the client spoke',
      files: {
        'nginx/conf.d/app.conf': `limit_conn_zone «$remote_addr» zone=a:10m;
server {
    listen 80;
    if ($http_x_forwarded_proto = http) { return 301 https://$host$request_uri; }
    limit_conn a 10;
    location / { proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto; proxy_pass http://app; }
}
`,
      },
    },
  ],
  good: [
    {
      name: 'the address of the client, nothing in front',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    server {
        listen 443 ssl;
        limit_req zone=a burst=20;
        location / { proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_pass http://app; }
    }
}
`,
      },
    },
    {
      name: 'nginx knows whom to believe',
      files: {
        'nginx.conf': `events {}
http {
    limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
    server {
        listen 80 proxy_protocol;
        set_real_ip_from 10.0.0.0/8;
        real_ip_header proxy_protocol;
        limit_req zone=a burst=20;
        location / { proxy_pass http://app; }
    }
}
`,
      },
    },
    {
      name: 'an include may say it, other keys, and a header that is only kept where there is one',
      files: {
        'nginx/conf.d/app.conf': `limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;
limit_req_zone $server_name zone=b:10m rate=100r/s;
limit_req_zone $http_x_api_key zone=c:10m rate=10r/s;
include /etc/nginx/cloudflare.conf;
map $http_x_forwarded_proto $proto { default $http_x_forwarded_proto; '' $scheme; }
server {
    listen 80;
    location / { proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto; proxy_pass http://app; }
}
`,
        'nginx/conf.d/map.conf': `limit_req_zone $binary_remote_addr zone=d:10m rate=10r/s;
server {
    listen 81;
    location / { proxy_set_header X-Forwarded-Proto $proto; proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    let isBehind: boolean | undefined;
    for (const directive of allDirectives(document.tree.root)) {
      const [key] = directive.args;
      if (!ZONE.test(directive.name) || !key || key.opaque) continue;
      const isForged = isFromClient(key.value, document);
      if (!isForged && !ADDRESS.test(key.value)) continue;
      if (!isForged) isBehind ??= isBehindProxy(document, scopeOf(document, context.facts));
      if (!isForged && !isBehind) continue;
      context.report({
        span: key.span,
        message: isForged
          ? `\`${key.value.slice(0, 40)}\` is what the client writes into X-Forwarded-For, so each new value is a new limit.`
          : `Behind a proxy \`${key.value}\` is the address of that proxy, so all clients share one limit.`,
        place: `${placeOf(directive)}[${zoneName(directive)}]`,
        fixes: () => [isForged ? addressFix(key) : undefined],
      });
    }
  },
});

const ZONE = /^limit_(?:req|conn)_zone$/;
const ADDRESS = /^\$\{?(?:binary_)?remote_addr\}?$/;
const FORWARDED = /^\$\{?(?:http_x_forwarded_for|proxy_add_x_forwarded_for)\}?$/i;

function isFromClient(key: string, { tree }: Document<'nginx'>): boolean {
  if (FORWARDED.test(key)) return true;
  for (const { name, args, block } of allDirectives(tree.root)) {
    if (name !== 'map' || args[1]?.value !== key || !FORWARDED.test(args[0]?.value ?? '')) continue;
    return (
      block?.directives.some(({ name: entry, args: [value] }) => isPassedOn(entry, value?.value ?? '')) ??
      false
    );
  }
  return false;
}

/** Whether an entry of a map gives back what the client wrote: the variable itself, or a group of its expression. */
function isPassedOn(entry: string, value: string): boolean {
  if (FORWARDED.test(value)) return true;
  const name = /^\$\{?(\w+)\}?$/.exec(value)?.[1];
  if (!name || !entry.startsWith('~')) return false;
  return /^\d$/.test(name) || entry.includes(`<${name}>`);
}

function addressFix(key: NginxWord): Fix | undefined {
  if (!FORWARDED.test(key.value)) return undefined;
  return {
    title: 'Count by $binary_remote_addr',
    safety: 'review',
    risk: 'Behind a proxy all clients share one limit until set_real_ip_from and real_ip_header name that proxy.',
    edits: [replaceWord(key, '$binary_remote_addr')],
    verify: 'nginx -t',
  };
}

function zoneName({ args }: NginxDirective): string {
  return args.find(({ value }) => value.startsWith('zone='))?.value.slice(0, 40) ?? '';
}

/** Headers and variables that a proxy in front gives, passed on or decided by as they came. */
const BY_PROXY =
  /^\(?\$\{?(?:http_x_forwarded_(?:proto|ssl|port)|http_cf_(?:connecting_ip|visitor|ray)|proxy_protocol_addr)\}?$/i;

function isBehindProxy({ tree }: Document<'nginx'>, root: Scope): boolean {
  const scopes = [...scopesIn(root), ...[...scopesAround(root)].slice(1)];
  if (scopes.some(mayKnowProxy)) return false;
  for (const { name, args } of allDirectives(tree.root)) {
    if (name === 'listen' && args.some(({ value }) => value === 'proxy_protocol')) return true;
    if (name === 'proxy_set_header' && BY_PROXY.test(args[1]?.value ?? '')) return true;
    if (name === 'if' && BY_PROXY.test(args[0]?.value ?? '')) return true;
  }
  return false;
}

function mayKnowProxy({ items, complete, unread, outside }: Scope): boolean {
  if (!complete || unread.some((pattern) => /real|ip|cloud|proxy/i.test(pattern))) return true;
  if (outside?.mayBeSet?.has('set_real_ip_from')) return true;
  return items.some(({ name }) => name === 'set_real_ip_from' || name === 'real_ip_header');
}
