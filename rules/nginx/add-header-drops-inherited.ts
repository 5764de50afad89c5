import type { Document } from '../../syntaxes/document.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { insertBefore, replaceWord } from './shared/edits.ts';
import { headerOf, headerState, isTlsScope, ownersBelow, SECURITY_HEADERS } from './shared/headers.ts';
import { effectiveSet, inheritMode } from './shared/inherit.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { type Item, itemsNamed, type Scope } from './shared/scope.ts';
import { deniesAll } from './shared/server.ts';
import { isAtLeast, nginxVersion } from './shared/version.ts';

export const rule = defineRule({
  id: 'nginx/add-header-drops-inherited',
  title: 'add_header drops the security headers of the block around it',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /add_header|include/,
  docs: {
    why: 'One `add_header` in a block replaces all that it would inherit. A `Cache-Control` for static files silently takes HSTS, `nosniff` and the content security policy from them, while the configuration looks as if they were set for everything.',
    fix: 'Repeat the lost lines in the block, as the fix does, or keep them in a file that each such block includes. From nginx 1.29.3 on `add_header_inherit merge;` adds up instead.',
    falsePositives:
      'Silent where only other headers are lost (of those that protect, `Referrer-Policy` and its like alone do not count; `Cache-Control` counts where it says `no-store` or `private`), where the block sets the same header with another value, where an include may bring it back, under `add_header_inherit`, and for blocks that answer by themselves (`return`) or refuse.',
    cwe: [693],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header',
      'https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header_inherit',
    ],
  },
  bad: [
    {
      name: '`add_header_inherit on` changes nothing',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header X-Frame-Options DENY always;
    location /api/ {
        add_header_inherit on;
        «add_header Cache-Control» no-store;
        proxy_pass http://api;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    add_header X-Frame-Options DENY always;
    location /api/ {
        add_header_inherit on;
        add_header X-Frame-Options DENY always;
        add_header Cache-Control no-store;
        proxy_pass http://api;
    }
}
`,
    },
    {
      name: 'a cache header in a location',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    add_header X-Content-Type-Options "nosniff" always;
    add_header X-App "web";

    location / {
        proxy_pass http://app:8000;
    }

    location /static/ {
        root /srv;
        # a year
        «add_header Cache-Control» "public, max-age=31536000";
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=63072000" always;
    add_header X-Content-Type-Options "nosniff" always;
    add_header X-App "web";

    location / {
        proxy_pass http://app:8000;
    }

    location /static/ {
        root /srv;
        # a year
        add_header Strict-Transport-Security "max-age=63072000" always;
        add_header X-Content-Type-Options "nosniff" always;
        add_header X-App "web";
        add_header Cache-Control "public, max-age=31536000";
    }
}
`,
    },
    {
      name: 'a server drops the set of http; it repeats one of the two, with another value',
      files: {
        'nginx.conf': `events {}
http {
    add_header X-Frame-Options DENY always;
    add_header X-Content-Type-Options nosniff always;
    server {
        listen 80;
        «add_header x-frame-options» SAMEORIGIN always;
        root /srv;
    }
}
`,
      },
      fixed: `events {}
http {
    add_header X-Frame-Options DENY always;
    add_header X-Content-Type-Options nosniff always;
    server {
        listen 80;
        add_header X-Content-Type-Options nosniff always;
        add_header x-frame-options SAMEORIGIN always;
        root /srv;
    }
}
`,
    },
    {
      name: 'a location that a location drops again gets the headers too',
      files: {
        'nginx/conf.d/app.conf': `server {
	listen 80;
	add_header X-Content-Type-Options nosniff always;
	location /a/ {
		«add_header X-A» 1;
		root /srv;
		location /a/b/ { add_header X-B 1; root /srv; }
	}
}
`,
      },
      fixed: `server {
	listen 80;
	add_header X-Content-Type-Options nosniff always;
	location /a/ {
		add_header X-Content-Type-Options nosniff always;
		add_header X-A 1;
		root /srv;
		location /a/b/ { add_header X-Content-Type-Options nosniff always; add_header X-B 1; root /srv; }
	}
}
`,
    },
    {
      name: 'headers of another file are lost',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    «add_header X-Served-By» "web";
    root /srv;
}
`,
        'nginx/nginx.conf': `events {}
http {
    include snippets/headers.conf;
    include conf.d/*.conf;
}
`,
        'nginx/snippets/headers.conf': `add_header X-Content-Type-Options "nosniff" always;
`,
      },
      fixed: `server {
    listen 80;
    add_header X-Content-Type-Options "nosniff" always;
    add_header X-Served-By "web";
    root /srv;
}
`,
    },
    {
      name: 'pages for one person may be kept; new versions can add up',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header Cache-Control "private, no-store";
    location /a/ {
        «add_header X-A» 1;
        proxy_pass http://a;
    }
}
`,
        '.hardlint.yaml': 'versions:\n  nginx: 1.29.3\n',
      },
      fixed: `server {
    listen 80;
    add_header Cache-Control "private, no-store";
    location /a/ {
        add_header Cache-Control "private, no-store";
        add_header X-A 1;
        proxy_pass http://a;
    }
}
`,
      offers: ['Repeat the lost headers', 'Add to the inherited headers'],
    },
    {
      name: 'what is lost has flaws of its own; they are mended elsewhere',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=3600" always;
    add_header X-Frame-Options "DENY";
    add_header X-Content-Type-Options "nosniff" always;
    location /a/ {
        «add_header Cache-Control» "no-store";
        root /srv;
    }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    add_header Strict-Transport-Security "max-age=3600" always;
    add_header X-Frame-Options "DENY";
    add_header X-Content-Type-Options "nosniff" always;
    location /a/ {
        add_header Strict-Transport-Security "max-age=3600" always;
        add_header X-Frame-Options "DENY";
        add_header X-Content-Type-Options "nosniff" always;
        add_header Cache-Control "no-store";
        root /srv;
    }
}
`,
    },
    {
      name: 'an if in a location is a block like any other',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location / {
        add_header Content-Security-Policy "default-src 'self'" always;
        if ($arg_v) {
            «add_header Cache-Control» "immutable";
        }
        root /srv;
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location / {
        add_header Content-Security-Policy "default-src 'self'" always;
        if ($arg_v) {
            add_header Content-Security-Policy "default-src 'self'" always;
            add_header Cache-Control "immutable";
        }
        root /srv;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'expires and headers-more drop nothing',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header X-Content-Type-Options nosniff always;
    location /a/ { expires 1y; root /srv; }
    location /b/ { more_set_headers "X-B: 1"; root /srv; }
}
`,
      },
    },
    {
      name: 'everything is repeated, in the block or by an include',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    include snippets/headers.conf;
    location /a/ {
        include snippets/headers.conf;
        add_header Cache-Control "public";
    }
    location /b/ {
        add_header Cache-Control "public";
        add_header X-CONTENT-TYPE-OPTIONS "nosniff" always;
    }
}
`,
        'nginx/conf.d/snippets/headers.conf': 'add_header X-Content-Type-Options nosniff always;\n',
      },
    },
    {
      name: 'an include that cannot be read may repeat it',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header X-Content-Type-Options nosniff always;
    location /a/ {
        include snippets/headers.conf;
        add_header Cache-Control "public";
    }
}
`,
      },
    },
    {
      name: 'only headers are lost that matter little there',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header X-Powered-By "cats";
    add_header Cache-Control "no-store";
    add_header Referrer-Policy "same-origin";
    location /a/ { add_header Cache-Control "public"; root /srv; }
    location /b/ { add_header X-B 1; expires 1d; root /srv; }
}
`,
      },
    },
    {
      name: 'health checks, preflight answers and refusals',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header X-Content-Type-Options nosniff always;
    location = /health { add_header Content-Type text/plain; return 200 "ok"; }
    location /hidden { add_header X-A 1; deny all; }
    location /api/ {
        if ($request_method = OPTIONS) { add_header Access-Control-Max-Age 600; return 204; }
        proxy_pass http://api;
    }
}
`,
      },
    },
    {
      name: 'merged or cut off on purpose',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    add_header X-Content-Type-Options nosniff always;
    add_header_inherit merge;
    location /a/ { add_header Cache-Control "public"; root /srv; }
    location /b/ { add_header_inherit off; add_header X-B 1; root /srv; }
}
`,
      },
    },
    {
      name: 'HSTS means nothing to a server without TLS',
      files: {
        'nginx.conf': `events {}
http {
    add_header Strict-Transport-Security "max-age=63072000" always;
    server { listen 80; add_header X-A 1; root /srv; }
}
`,
      },
    },
    {
      name: 'a snippet whose place nobody knows',
      files: {
        'nginx/snippets/static.conf':
          'location /static/ {\n    add_header Cache-Control "public";\n    expires 1y;\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const scope of ownersBelow(scopeOf(document, context.facts))) checkScope(document, context, scope);
  },
});

/** Headers whose loss is a hole by itself. That a style sheet says nothing of the referrer is none. */
const WORTH_IT: ReadonlySet<string> = new Set([
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
  'content-security-policy',
]);

/** What keeps answers for one person out of the memory of browsers and proxies. Other values are about speed. */
function keepsAnswersOut(item: Item): boolean {
  return headerOf(item) === 'cache-control' && /\b(?:no-store|private)\b/i.test(item.args[1] ?? '');
}

function checkScope(document: Document<'nginx'>, context: Context, scope: Scope): void {
  const lost = lostBy(scope);
  const protecting = lost.filter((item) => SECURITY_HEADERS.has(headerOf(item)) || keepsAnswersOut(item));
  const anchor = itemsNamed(scope, 'add_header')[0]?.anchor;
  const owner = scope.block?.owner;
  if (!protecting.some((item) => WORTH_IT.has(headerOf(item)) || keepsAnswersOut(item)) || !anchor || !owner)
    return;
  const names = protecting.map((item) => item.args[0] ?? '');
  context.report({
    span: { start: anchor.nameSpan.start, end: anchor.args[0]?.span.end ?? anchor.nameSpan.end },
    message: `This \`${anchor.name}\` drops what the block would inherit: ${list(names)} ${names.length === 1 ? 'is' : 'are'} not sent here.`,
    place: `${placeOf(owner)}.add_header`,
    related: protecting.map((item) => ({
      uri: item.uri,
      span: item.span,
      message: `\`${item.args[0]}\` is set here and lost`,
    })),
    fixes: () => [
      fixFor(document, scope, lost),
      isAtLeast(nginxVersion(document, context), [1, 29, 3]) ? mergeFix(document, scope) : undefined,
    ],
  });
}

/** What a block would inherit and does not set again; empty where something that cannot be seen may set it. */
function lostBy(scope: Scope): readonly Item[] {
  // `add_header_inherit on` is what nginx does by itself.
  const addsUp = /^(?:merge|off)$/.test(inheritMode(scope, 'add_header') ?? '');
  if (!scope.parent || !scope.complete || deniesAll(scope) || addsUp) return [];
  if (scope.kind === 'if' && scope.parent.kind === 'server') return [];
  const inherited = effectiveSet(scope.parent, 'add_header');
  if (!inherited.certain) return [];
  return inherited.items.filter((item) => {
    const header = headerOf(item);
    if (header === 'strict-transport-security' && !isTlsScope(scope)) return false;
    if (header === 'cache-control' && itemsNamed(scope, 'expires').length > 0) return false;
    return item.args[1] !== '' && headerState(scope, header) === 'no';
  });
}

function fixFor(document: Document<'nginx'>, scope: Scope, lost: readonly Item[]): Fix | undefined {
  if (document.tree.template || lost.some((item) => item.source === undefined)) return undefined;
  const onlyProtecting = lost.every((item) => SECURITY_HEADERS.has(headerOf(item)));
  return {
    title: 'Repeat the lost headers',
    ...(onlyProtecting
      ? { safety: 'safe' }
      : {
          safety: 'review',
          risk: 'Headers that do not protect come back too; this block may have dropped them on purpose.',
        }),
    edits: [scope, ...ownersBelow(scope)].flatMap((inner) => restore(document, inner, lost)),
    verify: 'nginx -t',
  };
}

/** Adds the inherited headers up instead. One that the block sets too would be sent twice. */
function mergeFix({ text, tree }: Document<'nginx'>, scope: Scope): Fix | undefined {
  const own = itemsNamed(scope, 'add_header');
  const names = new Set(own.map(headerOf));
  const inherited = scope.parent ? effectiveSet(scope.parent, 'add_header').items : [];
  const anchor = own[0]?.anchor;
  const mode = itemsNamed(scope, 'add_header_inherit')[0]?.anchor;
  if (tree.template || !anchor || inherited.some((item) => names.has(headerOf(item)))) return undefined;
  const edit = mode
    ? mode.args[0] && replaceWord(mode.args[0], 'merge')
    : insertBefore(text, anchor, ['add_header_inherit merge;']);
  return (
    edit && {
      title: 'Add to the inherited headers',
      safety: 'review',
      risk: 'Headers that do not protect come back too, here and in the blocks inside.',
      edits: [edit],
      verify: 'nginx -t',
    }
  );
}

/** Copies of the lost lines before the block's own first one. */
function restore(document: Document<'nginx'>, scope: Scope, lost: readonly Item[]): readonly Edit[] {
  const own = itemsNamed(scope, 'add_header');
  const anchor = own[0]?.anchor;
  const has = new Set(own.map(headerOf));
  const lines = lost.filter((item) => !has.has(headerOf(item))).flatMap((item) => item.source ?? []);
  return anchor && lines.length > 0 ? [insertBefore(document.text, anchor, lines)] : [];
}

/** At most three names, so that the message stays short. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, names.length > 3 ? 2 : 3).map((name) => `\`${name.slice(0, 30)}\``);
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}
