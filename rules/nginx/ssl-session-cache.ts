import type { Document } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { insertAfter, replaceWord } from './shared/edits.ts';
import { effectiveValue } from './shared/inherit.ts';
import { groupsWith, type ListenGroup, listenGroups } from './shared/listen-groups.ts';
import { scopeOf } from './shared/model.ts';
import { enclosing, type Scope, scopesIn } from './shared/scope.ts';
import { httpServers, isReachable, refusesAll, type Server } from './shared/server.ts';
import { isSet, speaksOnlyTls13 } from './shared/tls.ts';

export const rule = defineRule({
  id: 'nginx/ssl-session-cache',
  title: 'No TLS session cache that the workers share',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /\bserver\b/,
  docs: {
    why: 'Without a shared cache a client without tickets pays for a full handshake each time it comes to another worker, and floods of handshakes weigh more. The keys of session tickets are renewed only where there is one (since nginx 1.23.2): else they stay until the next start, and whoever gets them reads what was recorded since.',
    fix: 'Set `ssl_session_cache shared:SSL:10m;` (about 40,000 sessions) and `ssl_session_timeout 1d;`, once in `http` or in the servers. Servers that name the same zone share it; its size has to be the same everywhere.',
    falsePositives:
      'Silent where sessions are switched off in so many words, where an include may set the cache, where another server on the same socket has one (its default server decides), and where only TLS 1.3 is spoken. CIS NGINX 4.1.12 wants resumption switched off, against what Mozilla advises.',
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_session_cache',
      'https://ssl-config.mozilla.org/',
    ],
  },
  bad: [
    {
      name: 'nothing is set',
      files: {
        'nginx/conf.d/app.conf': `«server» {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate /etc/ssl/app.pem;
    ssl_certificate_key /etc/ssl/app.key;

    location / { proxy_pass http://app:8000; }
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_certificate /etc/ssl/app.pem;
    ssl_certificate_key /etc/ssl/app.key;
    ssl_session_cache shared:TLS:10m;
    ssl_session_timeout 1d;

    location / { proxy_pass http://app:8000; }
}
`,
    },
    {
      name: 'the whole configuration is known, and so are its zones',
      files: {
        'nginx.conf': `events {}
http {
    ssl_session_timeout 10m;
    «server» { listen 443 ssl; server_name a.example.com; ssl_certificate a.pem; }
    server { listen 8443 ssl; server_name b.example.com; ssl_session_cache shared:SSL:50m; }
}
`,
      },
      fixed: `events {}
http {
    ssl_session_timeout 10m;
    server { listen 443 ssl; server_name a.example.com; ssl_certificate a.pem; ssl_session_cache shared:SSL:50m; }
    server { listen 8443 ssl; server_name b.example.com; ssl_session_cache shared:SSL:50m; }
}
`,
    },
    {
      name: 'a cache in each worker',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_session_cache «builtin:1000»;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_session_cache shared:TLS:10m;
}
`,
    },
  ],
  good: [
    {
      name: 'a shared cache, of the server or of http, also beside one in each worker',
      files: {
        'nginx.conf': `events {}
http {
    ssl_session_cache builtin:1000 shared:SSL:10m;
    server { listen 443 ssl; server_name a.example.com; }
}
`,
      },
    },
    {
      name: 'the default server of the socket has one',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl default_server; server_name a.example.com; ssl_session_cache shared:SSL:10m; }
    server { listen 443 ssl; server_name b.example.com; }
}
`,
      },
    },
    {
      name: 'switched off, and TLS 1.3 alone',
      files: {
        'nginx.conf': `events {}
http {
    server { listen 443 ssl; server_name a.example.com; ssl_session_cache off; }
    server { listen 8443 ssl; server_name b.example.com; ssl_protocols TLSv1.3; }
}
`,
      },
    },
    {
      name: 'an include may set it',
      files: {
        'nginx/sites-available/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    include snippets/ssl-params.conf;
}
`,
      },
    },
    {
      name: 'no TLS, and a server that fails every handshake',
      files: {
        'nginx/conf.d/app.conf': `server { listen 80; root /srv; }
server { listen 443 ssl default_server; ssl_reject_handshake on; }
server { listen 127.0.0.1:8443 ssl; root /srv; }
`,
      },
    },
  ],
  check(document, context) {
    const root = scopeOf(document, context.facts);
    for (const server of httpServers(root)) {
      if (!server.tls || !isReachable(server) || refusesAll(server)) continue;
      const flaw = flawOf(server);
      const owner = server.scope.block?.owner;
      if (!flaw || !owner || speaksOnlyTls13(server.scope)) continue;
      if (sharersHaveCache(listenGroups(document, context.facts), server)) continue;
      const isPresent = flaw !== 'missing';
      context.report({
        span: isPresent ? flaw.span : owner.nameSpan,
        message: isPresent
          ? 'Each worker keeps a session cache of its own, so most returning clients need a full handshake.'
          : `\`${server.label}\` has no shared \`ssl_session_cache\`: ticket keys are never renewed, and resumption depends on tickets.`,
        place: `${server.place}.ssl_session_cache`,
        ...(!isPresent && {
          rollup: {
            key: server.place,
            noun: 'server',
            subject: `\`${server.label}\``,
            item: 'shared TLS session cache',
          },
        }),
        fixes: () => [isPresent ? sharing(flaw, server) : adding(document, server)],
      });
    }
  },
});

type Flaw = 'missing' | NonNullable<ReturnType<typeof builtinWord>>;

function flawOf({ scope }: Server): Flaw | undefined {
  const { item, certain } = effectiveValue(scope, 'ssl_session_cache');
  if (!item) return certain ? 'missing' : undefined;
  return certain ? builtinWord(item.anchor, item.args) : undefined;
}

/** The word of a cache that is in each worker, where it is the only one and stands in this file. */
function builtinWord(anchor: Scope['items'][number]['anchor'], args: readonly string[]) {
  if (anchor?.name !== 'ssl_session_cache' || args.length !== 1) return undefined;
  return anchor.args.find((arg) => /^builtin(?::|$)/.test(arg.value));
}

/** Sessions are those of the default server of a socket; where it is not known, any of its servers may be it. */
function sharersHaveCache(groups: readonly ListenGroup[], server: Server): boolean {
  return groupsWith(groups, server).some((group) => {
    const deciding = group.default ? [group.default] : group.members.map((member) => member.server);
    return deciding.some(
      ({ scope }) => scope !== server.scope && effectiveValue(scope, 'ssl_session_cache').item !== undefined,
    );
  });
}

function adding(document: Document<'nginx'>, server: Server): Fix | undefined {
  const anchor = server.scope.block?.directives.findLast(
    ({ name, block }) => !block && /^(?:ssl_\w+|server_name|listen)$/.test(name),
  );
  if (!anchor || document.tree.template) return undefined;
  const lines = [`ssl_session_cache ${zoneFor(server.scope)};`];
  if (isSet(server.scope, 'ssl_session_timeout') === 'no') lines.push('ssl_session_timeout 1d;');
  return {
    title: 'Add a shared session cache',
    safety: 'safe',
    edits: [insertAfter(document.text, anchor, lines)],
    verify: 'nginx -t',
  };
}

function sharing(word: Exclude<Flaw, 'missing'>, { scope }: Server): Fix {
  return {
    title: 'Share the cache between the workers',
    safety: 'safe',
    edits: [replaceWord(word, zoneFor(scope))],
    verify: 'nginx -t',
  };
}

/**
 * A zone that some server has, else a new one. nginx does not start where two sizes are given for one name, so the usual name is
 * taken only where all of the configuration is known.
 */
function zoneFor(scope: Scope): string {
  const http = enclosing(scope, 'http');
  const all = http ? [...scopesIn(http)] : [];
  for (const { items } of all) {
    const zone = items
      .filter(({ name, opaque }) => name === 'ssl_session_cache' && !opaque)
      .flatMap(({ args }) => args.find((arg) => /^shared:\w+:\d+[km]?$/i.test(arg)) ?? [])[0];
    if (zone) return zone;
  }
  const isKnown =
    http?.parent?.kind === 'main' &&
    all.every((each) => each.complete && !each.unreadServers && !each.outside);
  return `shared:${isKnown ? 'SSL' : 'TLS'}:10m`;
}
