import type { Document } from '../../syntaxes/document.ts';
import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { type Context, defineRule, type Edit, type Report } from '../core/rule.ts';
import { listNames } from './shared/dropped.ts';
import { insertAfter, insertBefore, insertFirst } from './shared/edits.ts';
import { droppedBy, effectiveSet } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { isOwnTarget, proxyingScopes, proxyPassOf } from './shared/proxying.ts';
import { enclosing, type Item, itemsNamed, type Scope } from './shared/scope.ts';
import { isReachable, type Server, serverOf } from './shared/server.ts';

export const rule = defineRule({
  id: 'nginx/proxy-headers-missing',
  title: 'Upstream does not learn who asks, and for what',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  mentions: /proxy_pass/,
  docs: {
    why: 'Without these headers the application takes nginx for its only client, the name of the upstream for its own, and HTTPS for HTTP: logs and limits by address are worthless, links and cookies come out wrong.',
    fix: 'Set `Host`, `X-Real-IP`, `X-Forwarded-For` and, where nginx speaks TLS, `X-Forwarded-Proto` in the block that owns the set in effect. Tell the application to trust them from nginx alone.',
    falsePositives:
      'One of several headers for the same thing is enough: `X-Real-IP`, `X-Forwarded-For` or `Forwarded` for the address. `X-Forwarded-Proto` is asked for only where nginx itself ends TLS, since elsewhere what the proxy in front says comes through by itself. Silent for upstreams with a public name, which may be services of someone else, and where an include such as `proxy_params` may set them.',
    controls: ['CIS NGINX 2.1.0 3.7'],
    references: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header'],
  },
  bad: [
    {
      name: 'nothing is set',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    location / {
        proxy_pass http://app:8000;
    }
    location /api/ {
        proxy_pass http://10.0.0.3:9000;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    location / {
        proxy_pass http://app:8000;
    }
    location /api/ {
        proxy_pass http://10.0.0.3:9000;
    }
}
`,
    },
    {
      name: 'a set that leaves out the address; one for all locations',
      files: {
        'nginx/conf.d/app.conf': `upstream app.example.com { server 10.0.0.2:80; }
server {
    listen 80;
    proxy_set_header Host $host;
    «proxy_set_header» X-App "web"; # for the logs
    location / { proxy_pass http://app.example.com; }
    location /b { proxy_pass http://unix:/run/b.sock; }
}
`,
      },
      fixed: `upstream app.example.com { server 10.0.0.2:80; }
server {
    listen 80;
    proxy_set_header Host $host;
    proxy_set_header X-App "web"; # for the logs
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    location / { proxy_pass http://app.example.com; }
    location /b { proxy_pass http://unix:/run/b.sock; }
}
`,
    },
    {
      name: 'a server that also asks a service of someone else',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 80;
    location / {
        proxy_pass http://app;
    }
    location /files/ { proxy_pass https://bucket.s3.amazonaws.com; }
}
`,
      },
      fixed: `server {
    listen 80;
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_pass http://app;
    }
    location /files/ { proxy_pass https://bucket.s3.amazonaws.com; }
}
`,
    },
    {
      name: 'only in a location of its own',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        «proxy_set_header» X-Forwarded-For $remote_addr;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location / {
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header Host $host;
        proxy_pass http://app;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'all is there, under one name or another',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    proxy_set_header Host $http_host;
    proxy_set_header x-real-ip $remote_addr;
    proxy_set_header X-Forwarded-Proto https;
    location / { proxy_pass http://app; }
    location /b { proxy_set_header Host app; proxy_set_header Forwarded "for=$remote_addr;proto=$scheme"; proxy_pass http://b; }
}
server {
    listen 80;
    proxy_set_header X-Forwarded-Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    location / { proxy_pass http://app; }
}
`,
      },
    },
    {
      name: 'an include sets them, or may',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; location / { include proxy_params; proxy_pass http://app; } }
server { listen 81; include /config/nginx/proxy.conf; location / { proxy_pass http://app; } }
`,
      },
    },
    {
      name: 'services of someone else, and protocols that know no such headers',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { proxy_pass https://bucket.s3.amazonaws.com; }
    location /b { set $cdn cdn.example.net; proxy_pass https://$cdn; }
    location /c { grpc_pass grpc://c:9000; }
    location ~ \\.php$ { fastcgi_pass php:9000; include fastcgi_params; }
}
`,
      },
    },
    {
      name: 'streams of bytes',
      files: {
        'nginx.conf': 'events {}\nstream {\n    server { listen 5432; proxy_pass db:5432; }\n}\n',
      },
    },
    {
      name: 'lost, not forgotten: another rule says so',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    location /ws { proxy_set_header Upgrade $http_upgrade; proxy_pass http://app; }
}
`,
      },
    },
  ],
  check(document, context) {
    for (const group of groupsIn(scopeOf(document, context.facts))) {
      if (group.owner) reportSet(document, context, group, group.owner);
      else reportServer(document, context, group);
    }
  },
});

/** The blocks of a server that pass requests on with the same set of headers. */
interface Group {
  readonly server: Server;
  /** The block whose set it is; undefined where there is none. */
  readonly owner: Scope | undefined;
  readonly missing: readonly Wanted[];
  readonly own: readonly Scope[];
  /** Whether some of them pass on to somebody else, for whom the headers are not meant. */
  readonly shared: boolean;
}

function groupsIn(root: Scope): readonly Group[] {
  const groups = new Map<Scope, { first: Omit<Group, 'own' | 'shared'>; own: Scope[]; shared: boolean }>();
  for (const scope of proxyingScopes(root)) {
    const pass = proxyPassOf(scope);
    const server = enclosing(scope, 'server');
    const { owner, certain, items } = effectiveSet(scope, 'proxy_set_header');
    if (!pass || !server || !certain) continue;
    const known = serverOf(server);
    const first = { server: known, owner, missing: missingFrom(items, owner, known) };
    const group = groups.get(owner ?? server) ?? { first, own: [], shared: false };
    groups.set(owner ?? server, group);
    if (isOwnTarget(pass, root)) group.own.push(scope);
    else group.shared = true;
  }
  return [...groups.values()]
    .filter(({ first, own }) => first.missing.length > 0 && own.length > 0)
    .map(({ first, own, shared }) => ({ ...first, own, shared }));
}

interface Wanted {
  readonly lines: readonly string[];
  readonly name: string;
  /** What the upstream does without it. */
  readonly effect: string;
  /** The headers, in lower case, of which one is enough. */
  readonly any: RegExp;
}

const HOST: Wanted = {
  name: 'Host',
  effect: 'goes by a wrong name',
  lines: ['proxy_set_header Host $host;'],
  any: /^(?:host|x-(?:forwarded|original)-host)$/,
};
const ADDRESS: Wanted = {
  name: 'X-Forwarded-For',
  effect: 'takes nginx for its only client',
  lines: [
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
  ],
  any: /^forwarded$|(?:real|client|remote|forwarded|connecting)[-_]?(?:ip|for|addr)/,
};
const PROTOCOL: Wanted = {
  name: 'X-Forwarded-Proto',
  effect: 'takes HTTPS for HTTP',
  lines: ['proxy_set_header X-Forwarded-Proto $scheme;'],
  any: /^forwarded$|^x-(?:[a-z]+-)*(?:proto|protocol|scheme|ssl|https?)$|^front-end-https$/,
};

function missingFrom(items: readonly Item[], owner: Scope | undefined, server: Server): readonly Wanted[] {
  const dropped = owner ? droppedBy(owner, 'proxy_set_header') : [];
  const known = [...items, ...dropped];
  if (known.some(({ args, opaque }) => opaque && !/^(?!x+$)[\w-]+$/.test(args[0] ?? ''))) return [];
  const names = known.map(({ args }) => (args[0] ?? '').toLowerCase());
  const wanted = server.tls && isReachable(server) ? [HOST, ADDRESS, PROTOCOL] : [HOST, ADDRESS];
  return wanted.filter(({ any }) => !names.some((name) => any.test(name)));
}

/** The set is there and leaves something out: it is reported and mended at its last line. */
function reportSet(
  document: Document<'nginx'>,
  context: Context,
  { missing, shared }: Group,
  owner: Scope,
): void {
  const anchor = itemsNamed(owner, 'proxy_set_header').findLast((item) => item.anchor)?.anchor;
  if (!anchor || !owner.block) return;
  context.report({
    span: anchor.nameSpan,
    message: messageFor(missing),
    place: `${placeOfBlock(owner, anchor)}.proxy_set_header`,
    fixes: () =>
      shared ? [] : fixesFor(document, missing, [insertAfter(document.text, anchor, linesOf(missing))]),
  });
}

function reportServer(document: Document<'nginx'>, context: Context, group: Group): void {
  const { server, missing } = group;
  const owner = server.scope.block?.owner;
  if (!owner) return;
  context.report({
    span: owner.nameSpan,
    message: messageFor(missing),
    place: `${server.place}.proxy_set_header`,
    rollup: { key: server.place, noun: 'server', subject: `\`${server.label}\``, item: 'proxy headers' },
    fixes: () => fixesFor(document, missing, editsOf(document, group)),
  });
}

/** One set for the server, or one for each block where others must not get it. */
function editsOf({ text }: Document<'nginx'>, { server, missing, own, shared }: Group): readonly Edit[] {
  const lines = linesOf(missing);
  if (shared)
    return own.flatMap((scope) => {
      const pass = proxyPassOf(scope)?.anchor;
      return pass ? [insertBefore(text, pass, lines)] : [];
    });
  const { block } = server.scope;
  const anchor = block?.directives.findLast(
    ({ name, block: inner }) => !inner && /^(?:ssl_\w+|server_name|listen)$/.test(name),
  );
  if (anchor) return [insertAfter(text, anchor, lines)];
  return block ? [insertFirst(text, block, lines)] : [];
}

function placeOfBlock(scope: Scope, anchor: NginxDirective): string {
  return scope.block?.owner ? placeOf(scope.block.owner) : placeOf(anchor);
}

function messageFor(missing: readonly Wanted[]): string {
  const effects = missing.map(({ effect }) => effect).join(', ');
  return `The upstream does not get ${listNames(missing.map(({ name }) => name))}: it ${effects}.`;
}

function linesOf(missing: readonly Wanted[]): readonly string[] {
  return missing.flatMap(({ lines }) => lines);
}

function fixesFor(
  { tree }: Document<'nginx'>,
  missing: readonly Wanted[],
  edits: readonly Edit[],
): ReturnType<NonNullable<Report['fixes']>> {
  if (tree.template) return [];
  const title = 'Set the missing headers';
  if (!missing.includes(HOST)) return [{ title, safety: 'safe', edits, verify: 'nginx -t' }];
  const risk = 'The upstream sees the name that clients ask for, and may answer with another site.';
  return [{ title, safety: 'review', risk, edits, verify: 'nginx -t' }];
}
