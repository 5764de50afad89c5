import { describe, expect, test } from 'vitest';
import type { Span } from '../../syntaxes/document.ts';
import { nginxSyntax } from '../../syntaxes/nginx/syntax.ts';
import { allDirectives, type NginxBlock, type NginxDirective } from '../../syntaxes/nginx/tree.ts';

function parse(text: string, path = 'nginx/nginx.conf') {
  return nginxSyntax.parse(`file:///repo/${path}`, text);
}

function directives(text: string, path?: string): readonly NginxDirective[] {
  return [...allDirectives(parse(text, path).tree.root)];
}

/** `name arg arg` of every directive, indented by its depth. */
function outline(text: string, path?: string): string {
  const lines: string[] = [];
  const write = (block: NginxBlock, indent: string) => {
    for (const { name, args, block: inner } of block.directives) {
      lines.push(indent + [name, ...args.map((arg) => arg.value)].join(' ') + (inner ? ' {' : ''));
      if (inner) write(inner, `${indent}  `);
    }
  };
  write(parse(text, path).tree.root, '');
  return lines.join('\n');
}

function problems(text: string, path?: string): readonly string[] {
  return parse(text, path).problems.map(({ span, message }) => `${show(text, span)}: ${message}`);
}

function show(text: string, { start, end }: Span): string {
  return `${start}-${end} ${JSON.stringify(text.slice(start, end))}`;
}

const SAMPLE = `\uFEFFuser nginx; # comment ; {
events { worker_connections 1024; }
http {
    log_format main '$remote_addr "$request" ; {'
                    "\\"quoted\\"";
    map $http_upgrade $connection_upgrade {
        default upgrade;
        ''      close;
    }
    server {
        listen 443 ssl;
        location ~* "\\.(?:css|js){1,2}$" {
            add_header Cache-Control "public, max-age=\${AGE}" always;
            if ($arg_a = "b") { return 204; }
        }
        content_by_lua_block {
            local t = { "}", '}' } -- }
            --[==[ } ]==]
            ngx.say([[ } ]])
        }
    }
}
`;

describe('words', () => {
  test('spans of names, arguments, directives and blocks are exact', () => {
    const text = 'server {\n  listen  80 "a b" ; # x\n}\n';
    const [server, listen] = directives(text);
    expect(show(text, listen?.nameSpan ?? { start: 0, end: 0 })).toBe('11-17 "listen"');
    expect(listen?.args.map((arg) => show(text, arg.span))).toEqual(['19-21 "80"', '22-27 "\\"a b\\""']);
    expect(listen?.args.map((arg) => [arg.value, arg.quote])).toEqual([
      ['80', undefined],
      ['a b', '"'],
    ]);
    expect(show(text, listen?.span ?? { start: 0, end: 0 })).toBe('11-29 "listen  80 \\"a b\\" ;"');
    expect(server?.span).toEqual({ start: 0, end: 35 });
    expect(server?.block?.span).toEqual({ start: 7, end: 35 });
    expect(server?.block?.inner).toEqual({ start: 8, end: 34 });
    expect(listen?.parent).toBe(server?.block);
  });

  test.each([
    ['a # is a comment only at the start of a word', 'rewrite ^/a#b /c#d; # e;', 'rewrite ^/a#b /c#d'],
    ['} does not end a bare word', 'return 200 a}b;', 'return 200 a}b'],
    ['$' + '{ does not open a block', 'set $a $' + '{b}c;', 'set $a $' + '{b}c'],
    ['{ ends a bare word', 'location /a{return 204;}', 'location /a {\n  return 204'],
    ['; ends a bare word', 'listen 80;listen 81;', 'listen 80\nlisten 81'],
    ['a backslash keeps the next character', 'rewrite a\\;b c\\ d;', 'rewrite a\\;b c\\ d'],
    ['quotes stand only at the start of a word', `set $a b"c'd;`, `set $a b"c'd`],
    ['escapes that nginx undoes', `set $a "\\"\\'\\\\\\t\\d";`, `set $a "'\\\t\\d`],
    [
      'a closing quote may stand before a bracket',
      'if ($a = "b") { return 204; }',
      'if ($a = b ) {\n  return 204',
    ],
    [
      'a quantifier without quotes stays one word',
      'location ~ ^/a{2}/b{1,}$ { return 204; }',
      'location ~ ^/a{2}/b{1,}$ {\n  return 204',
    ],
    ['a word over lines', "log_format a 'b\n  c'\n  'd';", 'log_format a b\n  c d'],
  ])('%s', (_, text, expected) => {
    expect(outline(text)).toBe(expected);
    expect(problems(text)).toEqual([]);
  });

  test('placeholders are opaque, variables of nginx are not', () => {
    const [directive] = directives('proxy_pass http://$' + '{HOST}:$' + '{port}/$uri;');
    expect(directive?.args[0]?.opaque).toBe(true);
    expect(directives('proxy_pass http://$' + '{host}/$uri;')[0]?.args[0]?.opaque).toBe(false);
  });

  test('a placeholder alone on its line stands for directives', () => {
    const text = 'server {\n  PROXY_SSL_CONFIG\n  $' + '{EXTRA}\n  listen 80;\n}\n';
    expect(directives(text).map(({ name, opaque }) => [name, opaque])).toEqual([
      ['server', false],
      ['PROXY_SSL_CONFIG', true],
      ['$' + '{EXTRA}', true],
      ['listen', false],
    ]);
    expect(problems(text)).toEqual([]);
  });
});

describe('blocks', () => {
  test('a sample of everything', () => {
    expect(outline(SAMPLE)).toBe(`user nginx
events {
  worker_connections 1024
http {
  log_format main $remote_addr "$request" ; { "quoted"
  map $http_upgrade $connection_upgrade {
    default upgrade
     close
  server {
    listen 443 ssl
    location ~* \\.(?:css|js){1,2}$ {
      add_header Cache-Control public, max-age=$${'{'}AGE} always
      if ($arg_a = b ) {
        return 204
    content_by_lua_block {`);
    expect(problems(SAMPLE)).toEqual([]);
    expect(parse(SAMPLE).tree.comments.map((span) => SAMPLE.slice(span.start, span.end))).toEqual([
      '# comment ; {',
    ]);
  });

  test('the same with CRLF', () => {
    const text = SAMPLE.replaceAll('\n', '\r\n');
    expect(outline(text)).toBe(outline(SAMPLE));
    expect(problems(text)).toEqual([]);
    expect(parse(text).tree.comments.map((span) => text.slice(span.start, span.end))).toEqual([
      '# comment ; {',
    ]);
  });

  test('Lua is one block, whatever braces are in it', () => {
    const lua = directives(SAMPLE).find((directive) => directive.name === 'content_by_lua_block');
    expect(lua?.block?.lua).toBe(true);
    expect(SAMPLE.slice(lua?.block?.inner.start, lua?.block?.inner.end)).toContain('ngx.say([[ } ]])');
  });
});

describe('broken text', () => {
  test('a missing semicolon costs one problem and no directive', () => {
    const text = 'server {\n  listen 80\n  server_name a;\n  root /srv\n}\n';
    expect(outline(text)).toBe('server {\n  listen 80\n  server_name a\n  root /srv');
    expect(problems(text)).toEqual([
      '19-20 "0": `listen` is not ended by `;`.',
      '48-49 "v": `root` is not ended by `;`.',
    ]);
  });

  test('entries of a map may be named like directives', () => {
    expect(problems('map $a $b {\n  server\n    1;\n  listen\n    2;\n}\n')).toEqual([]);
  });

  test('arguments over several lines are no missing semicolon', () => {
    expect(
      problems('server_name a.example.com\n            b.example.com;\nlisten 443\n  ssl\n  http2;'),
    ).toEqual([]);
  });

  test('a missing brace is told by the next server', () => {
    const text =
      'http {\n  server {\n    location / {\n      root /a;\n  }\n  server {\n    root /b;\n  }\n}\n';
    expect(outline(text)).toBe(
      'http {\n  server {\n    location / {\n      root /a\n  server {\n    root /b',
    );
    expect(problems(text)).toEqual([
      '9-15 "server": The block of `server` is not closed before the next `server`.',
    ]);
  });

  test.each([
    ['a brace too many', 'http { }\n}\nuser a;', ['9-10 "}": This `}` closes no block.']],
    ['a semicolon too many', 'user a;;', ['7-8 ";": This `;` ends no directive.']],
    ['a block without a name', '{ user a; }', ['0-1 "{": This `{` opens the block of no directive.']],
    [
      'a block that never ends',
      'http { server {',
      [
        '0-4 "http": The block of `http` is not closed.',
        '7-13 "server": The block of `server` is not closed.',
      ],
    ],
    ['a text that ends in a directive', 'user', ['3-4 "r": `user` is not ended by `;`.']],
    [
      'text behind a closing quote',
      'set $a "b"c;',
      ['10-11 "c": Behind a closing quote nginx wants white space, `;`, `{` or `)`.'],
    ],
    [
      'Lua that never ends',
      'content_by_lua_block { "}"',
      ['0-20 "content_by_lua_block": The Lua block of `content_by_lua_block` is not closed.'],
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('an open quote swallows its line only', () => {
    const text = 'server {\n  root "/srv;\n  listen 80;\n}\n';
    expect(outline(text)).toBe('server {\n  root /srv;\n  listen 80');
    expect(problems(text)[0]).toBe('16-17 "\\"": The quote is not closed.');
  });

  test('every prefix and many mutations parse, with spans inside each other', () => {
    for (let end = 0; end <= SAMPLE.length; end++) expectSound(SAMPLE.slice(0, end));
    const random = generator(7);
    const pieces = [
      '{',
      '}',
      ';',
      '"',
      "'",
      '\\',
      '\n',
      '#',
      '$',
      'server ',
      'location / {',
      '{{ x }}',
      '{% if %}',
      '<%',
      '_by_lua_block {',
      '[[',
    ];
    for (let round = 0; round < 1500; round++) {
      let text = SAMPLE;
      for (let edit = 0; edit < 4; edit++) {
        const at = random(text.length);
        text = text.slice(0, at) + (pieces[random(pieces.length)] ?? '') + text.slice(at + random(12));
      }
      expectSound(text, round % 2 === 0 ? 'nginx/nginx.conf' : 'nginx/nginx.conf.j2');
    }
  });

  test('huge and hostile texts take linear time', () => {
    const texts = [
      'server {\n listen 80;\n location / { add_header A "b;c" always; }\n}\n'.repeat(30_000),
      'a {'.repeat(200_000),
      '}'.repeat(400_000),
      `"'`.repeat(300_000),
      '"\\'.repeat(300_000),
      'if{server{'.repeat(60_000),
      'content_by_lua_block { [[ [=[ '.repeat(50_000),
      '{{ '.repeat(200_000),
      '{% '.repeat(200_000),
      '<% '.repeat(200_000),
      '#\r'.repeat(300_000),
    ];
    const start = performance.now();
    for (const text of texts) {
      parse(text);
      nginxSyntax.detect('file:///repo/nginx.conf', text);
    }
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('blocks nested without end are not analysed', () => {
    expect(parse('a {'.repeat(100)).notAnalysed).toMatch(/nested/);
    expect(parse('a {'.repeat(100)).tree.root.directives).toEqual([]);
  });
});

describe('templates', () => {
  const jinja = `server {
    server_name {{ name }};
{% for port in ports %}
    listen {{ port }}{% if tls %} ssl{% endif %};
{% endfor %}
    {{ extra }}
    add_header X-A "{{ a | default("b") }}";
}
`;

  test('tags are masked at equal length, values are opaque', () => {
    const { tree, problems: found } = parse(jinja, 'roles/web/templates/site.conf.j2');
    const [server] = tree.root.directives;
    expect(found).toEqual([]);
    expect(tree.template).toBe(true);
    expect(
      server?.block?.directives.map(({ args, opaque }) => [args.some((arg) => arg.opaque), opaque]),
    ).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [true, false],
    ]);
    expect(server?.span.end).toBe(jinja.trimEnd().length);
  });

  test('Go templates and ERB', () => {
    const go = 'server {\n{{- range .Ports }}\n  listen {{ . }};\n{{- end }}\n  {{ template "x" . }}\n}\n';
    expect(
      parse(go, 'a.tmpl').tree.root.directives[0]?.block?.directives.map(
        ({ opaque, args }) => opaque || args[0]?.opaque,
      ),
    ).toEqual([true, true]);
    const erb = 'server {\n<% if @tls -%>\n  listen <%= @port %> ssl;\n<% end -%>\n}\n';
    expect(
      parse(erb, 'a.conf.erb').tree.root.directives[0]?.block?.directives.map(({ name, args }) => [
        name,
        args.length,
      ]),
    ).toEqual([['listen', 2]]);
  });

  test('Lua tables and JSON logs are no templates', () => {
    const text = `http { log_format j '{"a":{"b":"$uri"}}'; init_by_lua_block { t = {{1}, { x = 1 }} } }`;
    expect(parse(text).tree.template).toBe(false);
    expect(problems(text)).toEqual([]);
  });

  test('syntax problems are off in a template', () => {
    expect(problems('server {\n  listen {{ port }}\n', 'a.conf.j2')).toEqual([]);
  });
});

describe('detection', () => {
  const site = 'server {\n    listen 80;\n    server_name example.com;\n    root /srv;\n}\n';

  test.each([
    'nginx.conf',
    'nginx/conf.d/app.conf',
    'docker/default.conf',
    'web/site.conf.template',
    'etc/sites-available/example.com',
    'proxy.conf.sample',
    'deploy/app.nginx',
    'templates/vhost.j2',
    'app.vhost',
  ])('%s with a server', (path) => {
    expect(nginxSyntax.detect(`file:///repo/${path}`, site)).toBe(true);
  });

  test('a fragment needs a path that names nginx', () => {
    const fragment = 'root /srv;\nindex index.html;\n';
    expect(nginxSyntax.detect('file:///repo/nginx/snippets/files.conf', fragment)).toBe(true);
    expect(nginxSyntax.detect('file:///repo/files.conf', fragment)).toBe(false);
  });

  test('a fragment is known by a directive that only nginx has, and nothing but statements', () => {
    const detect = (text: string) => nginxSyntax.detect('file:///repo/headers.conf', text);
    expect(detect('# for all\nadd_header X-Frame-Options DENY;\n')).toBe(true);
    expect(detect('add_header X-Frame-Options DENY;\nsome text\n')).toBe(false);
    expect(detect('actions {\n  add_header = 6;\n}\n')).toBe(false);
  });

  test.each([
    ['named.conf', 'options {\n  listen-on port 53 { any; };\n};\nzone "a" {\n  type master;\n};\n'],
    ['conf.d/site.conf', '<VirtualHost *:80>\n  ServerName a\n</VirtualHost>\n'],
    ['conf.d/php.conf', '[www]\nuser = www-data\nlisten = 127.0.0.1:9000\n'],
    ['nginx/README.md', site],
    ['nginx/deploy.sh', `cat <<EOF\n${site}EOF\n`],
    ['nginx/Dockerfile', 'FROM nginx\n'],
    ['nginx/index.ts', `const a = \`${site}\`;`],
    ['nginx/.htpasswd', 'admin:$apr1$x\n'],
    ['dhcpd.conf', 'subnet 10.0.0.0 netmask 255.0.0.0 {\n  range 10.0.0.1 10.0.0.2;\n}\n'],
    ['logstash.conf', 'input {\n  beats { port => 5044 }\n}\n'],
    ['redis.conf', 'bind 127.0.0.1\nport 6379\n'],
    ['empty.conf', ''],
  ])('%s is something else', (path, text) => {
    expect(nginxSyntax.detect(`file:///repo/${path}`, text)).toBe(false);
  });
});

describe('context', () => {
  test.each([
    ['nginx.conf', 'events {}\nhttp {}\n', 'main'],
    ['nginx/conf.d/app.conf', 'server {\n  listen 80;\n  root /srv;\n}\n', 'http'],
    ['nginx/app.conf', 'upstream a { server b; }\nserver { location / { proxy_pass http://a; } }\n', 'http'],
    ['nginx/streams.conf', 'server { listen 53 udp; proxy_pass dns; }\n', 'stream'],
    ['nginx/proxy.conf', 'server { listen 5432; proxy_pass db:5432; }\n', 'stream'],
    ['nginx/snippets/static.conf', 'location /static/ { expires 1y; }\n', 'server'],
    ['nginx/snippets/headers.conf', 'add_header X-A b;\n', 'unknown'],
    ['nginx/conf.d/gzip.conf', 'gzip on;\n', 'http'],
    ['nginx/snippets/headers.conf', '# nginx-lint:context http,server\nadd_header X-A b;\n', 'server'],
    ['nginx/snippets/headers.conf', '# hardlint:context http\nadd_header X-A b;\n', 'http'],
  ])('%s: %j', (path, text, expected) => {
    expect(parse(text, path).tree.context).toBe(expected);
  });
});

function expectSound(text: string, path?: string): void {
  const { tree } = parse(text, path);
  let at = 0;
  for (const directive of allDirectives(tree.root)) {
    expect(directive.span.start).toBeGreaterThanOrEqual(at);
    at = directive.span.start;
    expect(directive.span.end).toBeLessThanOrEqual(directive.parent.span.end);
    expect(directive.parent.inner.start).toBeLessThanOrEqual(directive.span.start);
    for (const { span } of directive.args) {
      expect(span.start).toBeGreaterThanOrEqual(directive.nameSpan.end);
      expect(span.end).toBeLessThanOrEqual(directive.span.end);
    }
  }
}

/** Numbers that are the same at every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return below === 0 ? 0 : Math.floor(state / 65536) % below;
  };
}
