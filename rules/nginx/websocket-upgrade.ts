import type { Document } from '../../syntaxes/document.ts';
import type { NginxDirective } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Edit, type Fix } from '../core/rule.ts';
import { insertAfter, insertBefore, replaceWord } from './shared/edits.ts';
import { type NewMap, useMap } from './shared/maps.ts';
import { scopeOf } from './shared/model.ts';
import { placeOf } from './shared/place.ts';
import { proxyingScopes, upstreamHttpVersion } from './shared/proxying.ts';
import { itemsNamed, type Scope } from './shared/scope.ts';
import { nginxVersion } from './shared/version.ts';
import { asksForUpgrade, isHardCoded, ownDirective, upgradeOf } from './shared/websocket.ts';

export const rule = defineRule({
  id: 'nginx/websocket-upgrade',
  title: 'WebSockets do not get through',
  kinds: ['nginx'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /upgrade/i,
  docs: {
    why: 'A WebSocket is opened by `Upgrade` and `Connection` together, in HTTP/1.1. nginx passes none of them on by itself, so where one of the three is missing each attempt fails, and applications fall back to polling or try without end.',
    fix: 'Set all three: `proxy_http_version 1.1;`, `proxy_set_header Upgrade $http_upgrade;` and `proxy_set_header Connection $connection_upgrade;` with a `map` that is `upgrade` only where the client asks. Raise `proxy_read_timeout` from its 60 seconds where connections are quiet for longer.',
    falsePositives:
      'Since nginx 1.29.7 version 1.1 is the default; without a known version the old default is assumed. `Connection keep-alive`, which a well-known template has, is left alone. Silent where an include may set what is missing.',
    references: [
      'https://nginx.org/en/docs/http/websocket.html',
      'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version',
    ],
  },
  bad: [
    {
      name: 'HTTP/1.0',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /ws/ {
        proxy_pass http://app;
        «proxy_set_header Upgrade» $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`,
      },
      fixed: `server {
    listen 80;
    location /ws/ {
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`,
    },
    {
      name: 'no Connection',
      files: {
        'nginx.conf': `events {}
http {
    server {
        listen 80;
        location /ws/ {
            proxy_http_version 1.1;
            «proxy_set_header upgrade» $http_upgrade;
            proxy_pass http://app;
        }
    }
}
`,
      },
      fixed: `events {}
http {
    map $http_upgrade $connection_upgrade {
        default upgrade;
        "" close;
    }
    server {
        listen 80;
        location /ws/ {
            proxy_http_version 1.1;
            proxy_set_header upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_pass http://app;
        }
    }
}
`,
    },
    {
      name: 'no Upgrade, and HTTP/1.0 by name',
      files: {
        'nginx/conf.d/app.conf': `map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
    listen 80;
    location / {
        proxy_http_version 1.0;
        «proxy_set_header Connection» $connection_upgrade;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
    listen 80;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header Upgrade $http_upgrade;
        proxy_pass http://app;
    }
}
`,
    },
    {
      name: 'a location with a header of its own loses Connection',
      files: {
        'nginx/conf.d/app.conf': `map $http_upgrade $cu { default upgrade; '' ''; }
server {
    listen 80;
    proxy_http_version 1.1;
    proxy_set_header Connection $cu;
    location / {
        «proxy_set_header Upgrade» $http_upgrade;
        proxy_pass http://app;
    }
}
`,
      },
      fixed: `map $http_upgrade $cu { default upgrade; '' ''; }
server {
    listen 80;
    proxy_http_version 1.1;
    proxy_set_header Connection $cu;
    location / {
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $cu;
        proxy_pass http://app;
    }
}
`,
    },
  ],
  good: [
    {
      name: 'all three, in one block or in several',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_pass http://a; }
}
server {
    listen 81;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    location /ws { proxy_http_version 1.1; proxy_pass http://a; }
    location / { proxy_pass http://b; }
}
`,
      },
    },
    {
      name: 'passed on as it came; a template that opens none',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection; proxy_pass http://a; }
    location /b { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection keep-alive; proxy_pass http://b; }
    location /c { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://c; }
    location /d { proxy_set_header Upgrade-Insecure-Requests 1; proxy_pass http://d; }
}
`,
      },
    },
    {
      name: 'an include may set the rest',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location /a { include snippets/websocket.conf; proxy_set_header Upgrade $http_upgrade; proxy_pass http://a; }
    location /b { include proxy_params; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass http://a; }
}
`,
      },
    },
    {
      name: 'the default of new versions',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location /ws { proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass http://a; }\n}\n',
        '.hardlint.yaml': 'versions:\n  nginx: 1.29.7\n',
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    const version = nginxVersion(document, context);
    const found = new Map<NginxDirective, Attempt>();
    const whole = new Set<NginxDirective>();
    for (const scope of proxyingScopes(root)) {
      const attempt = attemptOf(scope, upstreamHttpVersion(scope, version));
      if (!attempt) continue;
      if (attempt.missing.length === 0) whole.add(attempt.directive);
      else if (!found.has(attempt.directive)) found.set(attempt.directive, attempt);
    }
    for (const [directive, attempt] of found) {
      // Somewhere it is used and works; elsewhere it does no harm.
      if (whole.has(directive)) continue;
      context.report({
        span: { start: directive.nameSpan.start, end: directive.args[0]?.span.end ?? directive.nameSpan.end },
        message: `No WebSocket gets through, since ${attempt.missing.map((part) => WORDS[part]).join(' and ')} missing.`,
        place: `${placeOf(directive)}[${directive.args[0]?.value}]`,
        fixes: () => [fixFor(document, root, attempt)],
      });
    }
  },
});

type Part = 'upgrade' | 'connection' | 'version';

const WORDS: Readonly<Record<Part, string>> = {
  upgrade: '`Upgrade` is',
  connection: '`Connection` is',
  version: '`proxy_http_version 1.1` is',
};

/** Where a block passes requests to switch protocols on, and what it lacks for that. */
interface Attempt {
  readonly scope: Scope;
  /** The header that is there. */
  readonly directive: NginxDirective;
  readonly missing: readonly Part[];
}

function attemptOf(scope: Scope, version: string | undefined): Attempt | undefined {
  const { upgrade, connection } = upgradeOf(scope) ?? {};
  const upgrades = asksForUpgrade(upgrade);
  const switches =
    isHardCoded(connection) || /^\$\{?(?:\w*_)?connection_upgrade\}?$/.test(connection?.args[1] ?? '');
  const directive = ownDirective(upgrades ? upgrade : switches ? connection : undefined);
  // Another value of one of them is there for another reason.
  if (!directive || (upgrade && !upgrades) || (upgrades && connection && isOther(connection.args[1])))
    return undefined;
  const missing: Part[] = [];
  if (!upgrades) missing.push('upgrade');
  if (!connection || /^(?:close)?$/i.test(connection.args[1] ?? '')) missing.push('connection');
  if (version === '1.0') missing.push('version');
  return { scope, directive, missing };
}

function isOther(value: string | undefined): boolean {
  return /^keep-alive$/i.test(value ?? '');
}

function fixFor(
  document: Document<'nginx'>,
  root: Scope,
  { scope, directive, missing }: Attempt,
): Fix | undefined {
  const { text, tree } = document;
  if (tree.template) return undefined;
  const map = missing.includes('connection') ? useMap(document, root, MAP) : undefined;
  if (missing.includes('connection') && !map) return undefined;
  const header = missing.includes('upgrade') ? 'Upgrade $http_upgrade' : map && `Connection ${map.variable}`;
  const wrong = missing.includes('connection') ? ownDirective(upgradeOf(scope)?.connection) : undefined;
  const edits: (Edit | undefined)[] = [...(map?.edits ?? [])];
  if (wrong?.args[1] && map) edits.push(replaceWord(wrong.args[1], map.variable));
  else if (header) edits.push(insertAfter(text, directive, [`proxy_set_header ${header};`]));
  if (missing.includes('version')) edits.push(versionEdit(document, scope, directive));
  return {
    title: 'Pass on what opens a WebSocket',
    safety: 'safe',
    edits: edits.filter((edit) => edit !== undefined),
    verify: 'nginx -t',
  };
}

/** The version is a single value of a block, so that a second line for it would be an error. */
function versionEdit({ text }: Document<'nginx'>, scope: Scope, directive: NginxDirective): Edit | undefined {
  const own = itemsNamed(scope, 'proxy_http_version').at(-1)?.anchor;
  if (own)
    return own.name === 'proxy_http_version' && own.args[0] ? replaceWord(own.args[0], '1.1') : undefined;
  const beside = directive.parent.directives.some(({ name }) => name === 'proxy_http_version');
  const [pass] = itemsNamed(scope, 'proxy_pass');
  if (directive.parent === scope.block && !beside)
    return insertBefore(text, directive, ['proxy_http_version 1.1;']);
  return pass?.anchor && insertBefore(text, pass.anchor, ['proxy_http_version 1.1;']);
}

const MAP: NewMap = {
  source: '$http_upgrade',
  variable: '$connection_upgrade',
  entries: ['default upgrade;', '"" close;'],
};
