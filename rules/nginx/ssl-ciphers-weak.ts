import type { Span } from '../../syntaxes/document.ts';
import {
  allDirectives,
  ancestorsOf,
  type NginxDirective,
  type NginxWord,
} from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { GOOD_CIPHERS, WEAK_CIPHER_PARTS } from '../data/tls.ts';
import { replaceWord } from './shared/edits.ts';
import { isOn } from './shared/flags.ts';
import { placeOf } from './shared/place.ts';

export const rule = defineRule({
  id: 'nginx/ssl-ciphers-weak',
  title: 'Cipher list allows broken ciphers',
  kinds: ['nginx'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /ssl_ciphers/,
  docs: {
    why: 'RC4, DES and 3DES, export ciphers, MD5 and suites without encryption or authentication can be read or changed by whoever sits on the line (Sweet32, FREAK, RC4 NOMORE). Naming one of them lets a client be talked down to it.',
    fix: "Use the six suites of Mozilla's intermediate profile: forward secrecy and authenticated encryption, understood by every browser since 2014. TLS 1.3 has its own suites, which this directive does not touch.",
    falsePositives:
      'An exclusion (`!3DES`) counts, and `+3DES` only sorts. Silent for lists that are filled in later, where only TLS 1.3 is spoken, and for servers that turn every handshake away. `HIGH:!aNULL:!MD5`, the default of nginx, is not reported.',
    cwe: [327],
    controls: ['CIS NGINX 2.1.0 4.1.5'],
    references: [
      'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_ciphers',
      'https://docs.openssl.org/master/man1/openssl-ciphers/',
      'https://ssl-config.mozilla.org/',
    ],
  },
  bad: [
    {
      name: 'RC4 and 3DES in a list of keywords',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_protocols TLSv1.2;
    ssl_ciphers HIGH:«RC4»:3DES:!aNULL:!MD5;
}
`,
      },
      fixed: `server {
    listen 443 ssl;
    server_name app.example.com;
    ssl_protocols TLSv1.2;
    ssl_ciphers ${GOOD_CIPHERS};
}
`,
    },
    {
      name: 'a named 3DES suite at the end of a good list, in quotes',
      files: {
        'nginx.conf': `events {}
http {
    ssl_ciphers 'ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA:«DES-CBC3-SHA»:!DES:!RC4';
}
`,
      },
      fixed: `events {}
http {
    ssl_ciphers '${GOOD_CIPHERS}';
}
`,
    },
    {
      name: 'everything, anonymous suites with it',
      files: {
        'nginx/conf.d/tls.conf':
          'ssl_protocols TLSv1.2;\nssl_ciphers "«ALL»";\nssl_prefer_server_ciphers on;\n',
      },
      fixed: `ssl_protocols TLSv1.2;\nssl_ciphers "${GOOD_CIPHERS}";\nssl_prefer_server_ciphers on;\n`,
    },
    {
      name: 'combined keywords',
      files: {
        'nginx/snippets/tls.conf':
          'ssl_ciphers ECDH+AESGCM:ECDH+AES:«ECDH+3DES»:RSA+3DES:!aNULL:!MD5:!DSS;\n',
      },
      fixed: `ssl_ciphers ${GOOD_CIPHERS};\n`,
    },
  ],
  good: [
    {
      name: 'the default of nginx',
      files: { 'nginx/conf.d/tls.conf': 'ssl_ciphers HIGH:!aNULL:!MD5;\nssl_protocols TLSv1.2 TLSv1.3;\n' },
    },
    {
      name: 'a named suite that an exclusion switches off, a sorted one, and a security level',
      files: {
        'nginx/conf.d/tls.conf': `ssl_ciphers "ECDHE+AESGCM:DES-CBC3-SHA:+RC4:!3DES:!aNULL:@SECLEVEL=2";
ssl_protocols TLSv1.2;
`,
      },
    },
    {
      name: 'explicit good suites without a single exclusion',
      files: {
        'nginx/conf.d/tls.conf':
          'ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:DHE-RSA-AES128-SHA;\ngzip on;\n',
      },
    },
    {
      name: 'only TLS 1.3, where the list means nothing',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 443 ssl;
    ssl_protocols TLSv1.3;
    ssl_ciphers ALL;
}
`,
      },
    },
    {
      name: 'only TLS 1.3 for all servers',
      files: {
        'nginx.conf': `events {}
http {
    ssl_protocols TLSv1.3;
    server {
        listen 443 ssl;
        ssl_ciphers ALL;
    }
}
`,
      },
    },
    {
      name: 'a server that exists to fail every handshake',
      files: {
        'nginx/conf.d/00-default.conf': `server {
    listen 443 ssl default_server;
    server_name _;
    ssl_ciphers aNULL;
    return 444;
}
`,
      },
    },
    {
      name: 'the same without a certificate',
      files: {
        'nginx/conf.d/00-default.conf': `server {
    listen 443 ssl http2;
    server_name _;
    ssl_ciphers aNULL;
    ssl_certificate data:$empty;
    root /usr/share/nginx/html;
}
`,
      },
    },
    {
      name: 'a list that is filled in later',
      files: {
        'nginx/conf.d/app.conf.template': `server {
    listen 443 ssl;
    ssl_ciphers \${SSL_CIPHERS};
}
`,
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      if (directive.name !== 'ssl_ciphers' || directive.block) continue;
      const [list] = directive.args;
      if (!list || list.opaque || directive.args.length > 1) continue;
      const weak = weakToken(list);
      if (!weak || refusesAll(directive) || speaksOnlyTls13(directive)) continue;
      context.report({
        span: weak.span,
        message: `\`${weak.token}\` allows ciphers that are broken, so a connection can be read or changed on the way.`,
        place: placeOf(directive),
        // With good suites their order is up to clients.
        covers: [...allDirectives(document.tree.root)]
          .filter(({ name }) => name === 'ssl_prefer_server_ciphers')
          .map((preference) => `nginx/ssl-prefer-server-ciphers ${placeOf(preference)}`),
        fixes: () => [
          {
            title: "Set Mozilla's intermediate suites",
            safety: 'safe',
            edits: [replaceWord(list, GOOD_CIPHERS)],
            verify: 'nginx -t',
          },
        ],
      });
    }
  },
});

interface WeakToken {
  readonly token: string;
  readonly span: Span;
}

/** The first name in a list that adds a broken cipher which nothing takes away. */
function weakToken(list: NginxWord): WeakToken | undefined {
  const start = list.span.start + (list.quote ? 1 : 0);
  // Clients that check certificates offer none of these, so nothing else means: fail every handshake.
  if (list.value === 'aNULL') return undefined;
  const tokens = [...list.value.matchAll(/[^:, ]+/g)].map((match) => ({ token: match[0], at: match.index }));
  const excluded = new Set(
    tokens.filter(({ token }) => token.startsWith('!')).map(({ token }) => token.slice(1)),
  );
  const found = tokens.find(({ token }) => /^[A-Za-z0-9]/.test(token) && isWeak(token, excluded));
  if (!found || list.value.includes('\\')) return undefined;
  return {
    token: found.token.slice(0, 60),
    span: { start: start + found.at, end: start + found.at + found.token.length },
  };
}

/** Exclusions that show that whoever wrote `ALL` or `DEFAULT` thought of what is in it. */
const THOUGHTFUL = ['aNULL', 'ADH', 'LOW', 'MEDIUM', 'RC4', '3DES', 'DES', 'EXP', 'EXPORT'];

function isWeak(token: string, excluded: ReadonlySet<string>): boolean {
  if (/^COMPLEMENTOF/.test(token)) return true;
  if (token === 'ALL' || token === 'DEFAULT') return !THOUGHTFUL.some((name) => excluded.has(name));
  if (excluded.has(token)) return false;
  // MEDIUM is no more than these ciphers.
  if (token === 'MEDIUM') return !(excluded.has('RC4') && excluded.has('3DES'));
  const parts = token.split(/[-+]/);
  return parts.some(
    (part) => WEAK_CIPHER_PARTS.get(weakPart(part, parts))?.every((name) => !excluded.has(name)) ?? false,
  );
}

/** `DES-CBC3` is triple DES. */
function weakPart(part: string, parts: readonly string[]): string {
  return part === 'DES' && parts.includes('CBC3') ? 'CBC3' : part;
}

function refusesAll({ parent }: NginxDirective): boolean {
  return parent.directives.some(
    ({ name, args }) =>
      (name === 'ssl_reject_handshake' && isOn(args[0]?.value)) ||
      (name === 'return' && args[0]?.value === '444'),
  );
}

/** By the nearest `ssl_protocols` of the blocks around it. */
function speaksOnlyTls13(directive: NginxDirective): boolean {
  const around = [directive.parent, ...ancestorsOf(directive).map((owner) => owner.parent)];
  const protocols = around
    .flatMap((block) => block.directives.find(({ name }) => name === 'ssl_protocols') ?? [])
    .at(0);
  return protocols?.args.length === 1 && protocols.args[0]?.value.toLowerCase() === 'tlsv1.3';
}
