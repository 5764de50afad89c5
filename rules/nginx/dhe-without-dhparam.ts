import type { NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { replaceWord } from './shared/edits.ts';
import { scopeOf } from './shared/model.ts';
import { ownDirectives } from './shared/own.ts';
import { placeOf } from './shared/place.ts';
import type { Scope } from './shared/scope.ts';
import { isSet, tlsServersIn } from './shared/tls.ts';

export const rule = defineRule({
  id: 'nginx/dhe-without-dhparam',
  title: 'DHE suites without Diffie-Hellman parameters',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_ciphers/,
  docs: {
    why: 'Without `ssl_dhparam` nginx (since 1.11) uses no DHE suite, whatever the list says; older versions use parameters of 1024 bits, which are breakable. The list promises what the server does not do.',
    fix: "Take the DHE suites out: ECDHE does the same faster, and Mozilla's intermediate profile has no others any more. Only clients older than 2013 need DHE; for them make parameters of 2048 bits and name them by `ssl_dhparam`.",
    falsePositives:
      'Silent where an include may set the parameters, where some server that the list holds for has them, and for lists that are filled in later. Groups such as `HIGH`, which have DHE among others, are left alone.',
    cwe: [326],
    controls: ['CIS NGINX 2.1.0 4.1.6'],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_dhparam',
      'https://ssl-config.mozilla.org/',
    ],
  },
  bad: [
    {
      name: 'suites at the end of the list',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:«DHE-RSA-AES128-GCM-SHA256»:DHE-RSA-AES256-GCM-SHA384;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256;
}
`,
    },
    {
      name: 'groups of OpenSSL, in quotes and with spaces, for all servers',
      files: {
        'nginx.conf': `events {}
http {
    ssl_ciphers "EECDH+AESGCM «EDH+AESGCM» !aNULL";
    server { listen 443 ssl; server_name a.example.com; }
}
`,
      },
      fixed: `events {}
http {
    ssl_ciphers "EECDH+AESGCM !aNULL";
    server { listen 443 ssl; server_name a.example.com; }
}
`,
    },
    {
      name: 'nothing else is in the list',
      files: {
        'nginx/conf.d/app.conf':
          "server { listen 443 ssl; ssl_ciphers '«DHE-RSA-AES256-GCM-SHA384»:!aNULL'; }\n",
      },
    },
  ],
  good: [
    {
      name: 'parameters in the server, or in http',
      files: {
        'nginx.conf': `events {}
http {
    ssl_dhparam /etc/nginx/dhparam.pem;
    server { listen 443 ssl; ssl_ciphers ECDHE+AESGCM:DHE-RSA-AES128-GCM-SHA256; }
}
`,
      },
    },
    {
      name: 'parameters in one of the servers that the list holds for',
      files: {
        'nginx.conf': `events {}
http {
    ssl_ciphers ECDHE+AESGCM:DHE-RSA-AES128-GCM-SHA256;
    server { listen 443 ssl; ssl_dhparam dh.pem; }
}
`,
      },
    },
    {
      name: 'excluded, or only ECDHE',
      files: {
        'nginx/conf.d/app.conf': `server { listen 443 ssl; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:!DHE; }
server { listen 8443 ssl; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:HIGH:!aNULL; }
`,
      },
    },
    {
      name: 'a file of settings that servers include beside their parameters',
      files: {
        'nginx/snippets/ciphers.conf': 'ssl_ciphers ECDHE+AESGCM:DHE-RSA-AES128-GCM-SHA256;\n',
        'nginx/conf.d/a.conf':
          'server { listen 443 ssl; ssl_dhparam dh.pem; include snippets/ciphers.conf; }\n',
      },
    },
    {
      name: 'an include may bring them',
      files: {
        'nginx/conf.d/app.conf':
          'server { listen 443 ssl; include snippets/dh.conf; ssl_ciphers DHE-RSA-AES128-GCM-SHA256; }\n',
      },
    },
  ],
  check(document, context) {
    for (const { scope, directive } of ownDirectives(scopeOf(document, context.facts), 'ssl_ciphers')) {
      const [list] = directive.args;
      if (!list || list.opaque || directive.args.length > 1 || /[\\$]/.test(list.value)) continue;
      const first = dheTokens(list)[0];
      if (!first || !lacksParameters(scope)) continue;
      const start = list.span.start + (list.quote ? 1 : 0) + first.at;
      context.report({
        span: { start, end: start + first.token.length },
        message: `Without \`ssl_dhparam\`, nginx never uses \`${first.token.slice(0, 50)}\`, and versions before 1.11 use weak parameters for it.`,
        place: placeOf(directive),
        fixes: () => [fixFor(list)],
      });
    }
  },
});

/** Whether neither the block nor a server that its list holds for has parameters of its own. */
function lacksParameters(scope: Scope): boolean {
  return (
    isSet(scope, 'ssl_dhparam') === 'no' &&
    tlsServersIn(scope).every((server) => isSet(server.scope, 'ssl_dhparam') === 'no')
  );
}

interface Token {
  readonly token: string;
  readonly at: number;
}

const DHE = /^(?:k?(?:DHE|EDH))(?:[-+]|$)/;

/** The names in a list that add DHE suites which nothing takes away. */
function dheTokens(list: NginxWord): readonly Token[] {
  const tokens = [...list.value.matchAll(/[^:, ]+/g)].map((match) => ({ token: match[0], at: match.index }));
  const excluded = new Set(
    tokens.filter(({ token }) => /^[!-]/.test(token)).map(({ token }) => token.slice(1)),
  );
  if (['DHE', 'EDH', 'kDHE', 'kEDH', 'DH', 'kDH'].some((name) => excluded.has(name))) return [];
  return tokens.filter(({ token }) => DHE.test(token) && !excluded.has(token));
}

function fixFor(list: NginxWord): Fix | undefined {
  const gone = new Set(dheTokens(list).map(({ token }) => token));
  // Each name goes with the separator before it, or behind it at the start of the list.
  const parts = list.value.split(/([:, ]+)/);
  const kept: string[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const token = parts[index] ?? '';
    if (gone.has(token)) continue;
    if (kept.length > 0) kept.push(parts[index - 1] ?? ':');
    kept.push(token);
  }
  if (!kept.some((part) => /^[A-Za-z]/.test(part))) return undefined;
  return {
    title: 'Remove the DHE suites',
    safety: 'safe',
    edits: [replaceWord(list, kept.join(''))],
    verify: 'nginx -t',
  };
}
