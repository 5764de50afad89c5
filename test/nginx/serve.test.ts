import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makePrefix, nginxVersion, type Prefix, removePrefix } from '../../scripts/judge/binary.ts';
import { type Catalogue, openTexts } from '../../scripts/judge/folder.ts';
import { fixesFor, textsAfter } from '../../server/engine/fix.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors, loadRules } from '../support/all-rules.ts';
import { ROOT } from '../support/workspace.ts';
import { type Answer, type Question, type Served, serve, startBackend } from './served.ts';

/*
 * What rules say of a configuration, and what their fixes make of it, is seen in the answers of a real nginx that serves it on the
 * loopback device, before and after.
 */

const PAGE = { '/srv/www/index.html': 'the page' };

interface Case {
  readonly rules: readonly string[];
  readonly config: string;
  readonly contents?: Readonly<Record<string, string>>;
  /** Other files of the workspace. */
  readonly beside?: Readonly<Record<string, string>>;
  /** What the answer to a question is, first before the fixes and then after them. */
  readonly answers: readonly (readonly [Question, before: Expected, after: Expected])[];
}

interface Expected {
  readonly status?: number;
  /** Null: the header is not there. */
  readonly headers?: Readonly<Record<string, RegExp | null>>;
  readonly body?: RegExp;
}

/** A server that answers with 200, 301 and 404. */
const site = (listen: string, headers = '') => `server {
    listen ${listen};
    server_name app.example.com;
    root /srv/www;
    index index.html;
${headers}    location /old { return 301 /new; }
    location / { try_files $uri $uri/ =404; }
}
`;

/** The same header in the answers to a page, a redirect and what is not there; `before` and `after` are null where it is missing. */
function onAll(port: number, header: string, before: RegExp | null, after: RegExp | null): Case['answers'] {
  return [
    ['/', 200],
    ['/old', 301],
    ['/missing', 404],
  ].map(([path, status]) => [
    { path: String(path), port },
    { status: Number(status), headers: { [header]: before } },
    { status: Number(status), headers: { [header]: after } },
  ]);
}

const missing = (port: number, header: string, value: RegExp) => onAll(port, header, null, value);

const CASES: readonly Case[] = [
  {
    rules: ['nginx/hsts-missing'],
    config: site('443 ssl'),
    answers: missing(443, 'strict-transport-security', /^max-age=\d{8}/),
  },
  {
    rules: ['nginx/header-content-type-options'],
    config: site('80'),
    answers: missing(80, 'x-content-type-options', /^nosniff$/),
  },
  {
    rules: ['nginx/header-frame-options'],
    config: site('80'),
    answers: missing(80, 'x-frame-options', /^SAMEORIGIN$/),
  },
  {
    rules: ['nginx/header-referrer-policy'],
    config: site('80'),
    answers: missing(80, 'referrer-policy', /^strict-origin/),
  },
  {
    rules: ['nginx/header-without-always'],
    config: site('80', '    add_header X-Content-Type-Options nosniff;\n'),
    answers: [
      [
        { path: '/missing' },
        { status: 404, headers: { 'x-content-type-options': null } },
        { status: 404, headers: { 'x-content-type-options': /^nosniff$/ } },
      ],
    ],
  },
  {
    rules: ['nginx/add-header-drops-inherited'],
    config: `server {
    listen 80;
    root /srv/www;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    location / {
        add_header Cache-Control no-cache;
    }
}
`,
    answers: [
      [
        { path: '/' },
        { status: 200, headers: { 'x-frame-options': null, 'cache-control': /no-cache/ } },
        {
          status: 200,
          headers: {
            'x-frame-options': /DENY/,
            'x-content-type-options': /nosniff/,
            'cache-control': /no-cache/,
          },
        },
      ],
      [
        { path: '/missing' },
        { status: 404, headers: { 'x-frame-options': null } },
        { status: 404, headers: { 'x-frame-options': /DENY/ } },
      ],
    ],
  },
  {
    rules: ['nginx/server-tokens'],
    config: `events { }\nhttp {\n${site('80')}}\n`,
    answers: onAll(80, 'server', /^nginx\/\d/, /^nginx$/),
  },
  {
    rules: ['nginx/http-no-https-redirect'],
    config: `server {
    listen 80;
    server_name app.example.com;
    root /srv/www;
    location /.well-known/acme-challenge/ { root /srv/acme; }
    location / { try_files $uri $uri/ =404; }
}
server {
    listen 443 ssl;
    server_name app.example.com;
    root /srv/www;
}
`,
    contents: { ...PAGE, '/srv/acme/.well-known/acme-challenge/x': 'the challenge' },
    answers: [
      [
        { path: '/?a=b' },
        { status: 200 },
        { status: 301, headers: { location: /^https:\/\/app\.example\.com\/\?a=b$/ } },
      ],
      [
        { path: '/.well-known/acme-challenge/x' },
        { status: 200, body: /the challenge/ },
        { status: 200, body: /the challenge/ },
      ],
      [{ path: '/', port: 443 }, { status: 200 }, { status: 200, body: /the page/ }],
    ],
  },
  {
    rules: ['nginx/dotfiles-exposed', 'nginx/dotfiles-not-denied'],
    config: `server {
    listen 80;
    root /srv/www;
    index index.php index.html;
    location / { try_files $uri $uri/ =404; }
    location ^~ /static/ { expires 1h; }
    location ^~ /media/ {
        alias /srv/media/;
    }
    location ~* \\.(?:css|js|env)$ { expires 1h; }
    location ~ \\.php$ { return 204; }
}
`,
    contents: {
      ...PAGE,
      '/srv/www/.env': 'SECRET=1',
      '/srv/www/.git/config': 'SECRET',
      '/srv/www/.well-known/acme-challenge/x': 'the challenge',
      '/srv/www/static/a.css': 'the style',
      '/srv/www/static/.env': 'SECRET=1',
      '/srv/media/a.txt': 'the text',
      '/srv/media/.git/config': 'SECRET',
    },
    answers: [
      [{ path: '/.env' }, { status: 200, body: /SECRET/ }, { status: 403 }],
      [{ path: '/.git/config' }, { status: 200, body: /SECRET/ }, { status: 403 }],
      [{ path: '/.well-known/acme-challenge/x' }, { status: 200 }, { status: 200, body: /the challenge/ }],
      [{ path: '/static/.env' }, { status: 200, body: /SECRET/ }, { status: 403 }],
      [{ path: '/static/a.css' }, { status: 200 }, { status: 200, body: /the style/ }],
      [{ path: '/media/.git/config' }, { status: 200, body: /SECRET/ }, { status: 403 }],
      [{ path: '/media/a.txt' }, { status: 200 }, { status: 200, body: /the text/ }],
      [{ path: '/' }, { status: 200 }, { status: 200, body: /the page/ }],
    ],
  },
  {
    rules: ['nginx/alias-traversal'],
    config: `server {
    listen 80;
    root /srv/www;
    location /static { alias /srv/app/static/; }
}
`,
    contents: { ...PAGE, '/srv/app/static/a.css': 'the style', '/srv/app/secret.txt': 'SECRET' },
    answers: [
      [{ path: '/static../secret.txt' }, { status: 200, body: /SECRET/ }, { status: 404 }],
      [{ path: '/static/a.css' }, { status: 200 }, { status: 200, body: /the style/ }],
    ],
  },
  {
    rules: ['nginx/header-permissions-policy'],
    config: site('80'),
    answers: missing(80, 'permissions-policy', /camera=\(\)/),
  },
  {
    rules: ['nginx/insecure-redirect'],
    config: `server {
    listen 80;
    server_name example.com;
    return 301 http://www.example.com$request_uri;
}
server {
    listen 443 ssl;
    server_name www.example.com;
    root /srv/www;
}
`,
    answers: [
      [
        { path: '/a?b', host: 'example.com' },
        { status: 301, headers: { location: /^http:\/\/www\.example\.com\/a\?b$/ } },
        { status: 301, headers: { location: /^https:\/\/www\.example\.com\/a\?b$/ } },
      ],
    ],
  },
  {
    rules: ['nginx/default-server-missing'],
    config: `events { }
http {
    server {
        listen 80;
        server_name app.example.com;
        root /srv/www;
    }
}
`,
    answers: [
      [{ path: '/', host: 'evil.example' }, { status: 200, body: /the page/ }, { status: 0 }],
      [{ path: '/' }, { status: 200 }, { status: 200, body: /the page/ }],
    ],
  },
  {
    rules: ['nginx/proxy-hide-powered-by'],
    config: `server {
    listen 80;
    location / { proxy_pass http://127.0.0.1:BACKEND; }
}
`,
    answers: [
      [
        { path: '/' },
        { status: 200, headers: { 'x-powered-by': /backend/ } },
        { status: 200, headers: { 'x-powered-by': null }, body: /backend/ },
      ],
    ],
  },
  {
    rules: ['nginx/sensitive-files-exposed'],
    config: `server {
    listen 80;
    root /srv/www;
    location / { try_files $uri $uri/ /index.html; }
}
`,
    beside: {
      'compose.yaml': `services:
  web:
    image: nginx:1.22
    volumes:
      - ./nginx/conf.d/app.conf:/etc/nginx/conf.d/default.conf:ro
      - ./:/srv/www:ro
`,
      'composer.json': '{}',
      'dump.sql': '',
    },
    contents: { ...PAGE, '/srv/www/dump.sql': 'SECRET', '/srv/www/composer.json': 'SECRET' },
    answers: [
      [{ path: '/dump.sql' }, { status: 200, body: /SECRET/ }, { status: 403 }],
      [{ path: '/composer.json' }, { status: 200, body: /SECRET/ }, { status: 403 }],
      [{ path: '/' }, { status: 200 }, { status: 200, body: /the page/ }],
    ],
  },
  {
    rules: ['nginx/autoindex-on'],
    config: 'server {\n    listen 80;\n    root /srv/files;\n    autoindex on;\n}\n',
    contents: { '/srv/files/a.txt': 'a file' },
    answers: [
      [{ path: '/' }, { status: 200, body: /a\.txt/ }, { status: 403 }],
      [{ path: '/a.txt' }, { status: 200 }, { status: 200, body: /a file/ }],
    ],
  },
  {
    rules: ['nginx/status-exposed'],
    config: 'server {\n    listen 80;\n    location /nginx_status {\n        stub_status;\n    }\n}\n',
    answers: [
      [
        { path: '/nginx_status', from: '127.0.0.2' },
        { status: 200, body: /Active connections/ },
        { status: 403 },
      ],
      [{ path: '/nginx_status' }, { status: 200 }, { status: 200, body: /Active connections/ }],
    ],
  },
  {
    rules: ['nginx/allow-without-deny'],
    config: `server {
    listen 80;
    root /srv/www;
    location / {
        allow 127.0.0.1;
        try_files $uri $uri/ =404;
    }
}
`,
    answers: [
      [{ path: '/', from: '127.0.0.2' }, { status: 200 }, { status: 403 }],
      [{ path: '/' }, { status: 200 }, { status: 200, body: /the page/ }],
    ],
  },
  {
    rules: ['nginx/metrics-exposed'],
    config: `server {
    listen 80;
    location /metrics { proxy_pass http://127.0.0.1:BACKEND; }
    location / { proxy_pass http://127.0.0.1:BACKEND; }
}
`,
    answers: [
      [{ path: '/metrics', from: '127.0.0.2' }, { status: 200, body: /backend/ }, { status: 403 }],
      [{ path: '/' }, { status: 200 }, { status: 200, body: /backend \// }],
    ],
  },
];

const hasNginx = nginxVersion() !== undefined;
// Other systems have 127.0.0.1 alone.
const canServe = hasNginx && process.platform === 'linux';

describe.skipIf(!canServe)(
  hasNginx ? 'served before and after the fixes' : 'skipped: there is no `nginx` on this machine',
  () => {
    let prefix: Prefix;
    let catalogue: Catalogue;
    let backend: Awaited<ReturnType<typeof startBackend>>;
    let served: Served | undefined;

    beforeAll(async () => {
      prefix = makePrefix();
      backend = await startBackend();
      catalogue = { rules: await loadRules('nginx/'), extractors: await loadExtractors() };
    });
    afterEach(async () => {
      await served?.stop();
      served = undefined;
    });
    afterAll(() => {
      backend.stop();
      removePrefix(prefix);
    });

    test.each(CASES)('$rules', async ({ rules, config, contents = PAGE, beside = {}, answers }) => {
      const before = config.replaceAll('BACKEND', String(backend.port));
      const after = mended(before, rules, beside);
      expect(after).not.toBe(before);
      await expectAnswers(
        before,
        contents,
        answers.map(([question, expected]) => [question, expected]),
      );
      await expectAnswers(
        after,
        contents,
        answers.map(([question, , expected]) => [question, expected]),
      );
    });

    /** The text after the first fix of each finding of some rules. */
    function mended(
      config: string,
      rules: readonly string[],
      beside: Readonly<Record<string, string>>,
    ): string {
      const others = Object.entries(beside).map(([path, text]) => ({ uri: joinUri(ROOT, path), text }));
      const uri = joinUri(ROOT, 'nginx/conf.d/app.conf');
      let text = config;
      for (let round = 0; round < 10; round++) {
        const workspace = openTexts(ROOT, [{ uri, text }, ...others], catalogue);
        const finding = workspace.check(uri).findings.find(({ rule }) => rules.includes(rule));
        const fix = finding && fixesFor(workspace, finding)[0];
        const next = fix && textsAfter(workspace, uri, fix)?.get(uri);
        if (next === undefined) break;
        text = next;
      }
      return text;
    }

    async function expectAnswers(
      config: string,
      contents: Readonly<Record<string, string>>,
      expected: readonly (readonly [Question, Expected])[],
    ): Promise<void> {
      served = await serve(prefix, config, contents);
      for (const [question, answer] of expected) expectAnswer(question, await served.ask(question), answer);
      await served.stop();
    }
  },
);

function expectAnswer(question: Question, answer: Answer, { status, headers = {}, body }: Expected): void {
  const what = `${JSON.stringify(question)} gives ${answer.status} ${JSON.stringify(answer.headers)}`;
  if (status !== undefined) expect(answer.status, what).toBe(status);
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) expect(answer.headers[name], what).toBe(undefined);
    else expect(String(answer.headers[name]), what).toMatch(value);
  }
  if (body) expect(answer.body, what).toMatch(body);
}
