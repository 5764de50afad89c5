import { describe, expect, test } from 'vitest';
import type { FactReader } from '../../rules/core/facts.ts';
import { defineRule } from '../../rules/core/rule.ts';
import { includersOf, resolveInclude, siblingsOf } from '../../rules/nginx/shared/include.ts';
import { effectiveSet, effectiveValue } from '../../rules/nginx/shared/inherit.ts';
import { scopeOf } from '../../rules/nginx/shared/model.ts';
import { httpServers } from '../../rules/nginx/shared/server.ts';
import { nginxVersion } from '../../rules/nginx/shared/version.ts';
import type { Document } from '../../syntaxes/document.ts';
import { joinUri, relativePath } from '../../syntaxes/uri.ts';
import { loadExtractors } from '../support/all-rules.ts';
import { ROOT, workspaceOf } from '../support/workspace.ts';

/* Which files nginx reads together, by the places that they have in a repository and in containers. */

const extractors = await loadExtractors();

type Files = Readonly<Record<string, string>>;
type Look<T> = (document: Document<'nginx'>, facts: FactReader) => T;

/** Looks at a file as a rule does. */
function at<T>(files: Files, path: string, look: Look<T>): T {
  const found: T[] = [];
  const rule = defineRule({
    id: 'nginx/look',
    title: 'Look',
    kinds: ['nginx'],
    severity: 'info',
    confidence: 'high',
    since: '0.1.0',
    docs: { why: '', fix: '', references: [] },
    bad: [],
    good: [],
    check: (document, { facts }) => void found.push(look(document, facts)),
  });
  const workspace = workspaceOf(files, { rules: [rule], extractors });
  expect(workspace.check(joinUri(ROOT, path)).muted).toEqual([]);
  const [result] = found;
  if (found.length !== 1 || result === undefined) throw new Error('The file was not read as nginx.');
  return result;
}

const paths = (uris: readonly string[]) => uris.map((uri) => relativePath(ROOT, uri));

const included = (files: Files, from: string, pattern: string) =>
  at(files, from, (document, facts) => paths(resolveInclude(facts, document.uri, pattern) ?? []));

const includers = (files: Files, path: string) =>
  at(files, path, (document, facts) =>
    includersOf(facts, document.uri).map(
      (includer) => `${relativePath(ROOT, includer.uri)} ${includer.path}`,
    ),
  );

const siblings = (files: Files, path: string) =>
  at(files, path, (document, facts) => paths(siblingsOf(facts, document.uri)));

const main = (include: string) => `events {}\nhttp {\n    server_tokens off;\n    include ${include};\n}\n`;
const server = 'server {\n    listen 80;\n    root /srv;\n}\n';

function compose(volumes: readonly string[], image = 'nginx:1.27.3'): string {
  const lines = volumes.map((volume) => `      - ${volume}\n`).join('');
  return `services:\n  web:\n    image: ${image}\n    volumes:\n${lines}`;
}

describe('in a repository', () => {
  const files = {
    'nginx/nginx.conf': main('conf.d/*.conf'),
    'nginx/conf.d/b.conf': server,
    'nginx/conf.d/a.conf': server,
    'nginx/conf.d/notes.txt': 'x',
    'nginx/sites-available/app': server,
    'nginx/snippets/headers.conf': 'add_header X-A b;\n',
  };

  test.each([
    ['conf.d/*.conf', ['nginx/conf.d/a.conf', 'nginx/conf.d/b.conf']],
    ['/etc/nginx/conf.d/*.conf', ['nginx/conf.d/a.conf', 'nginx/conf.d/b.conf']],
    ['/usr/local/openresty/nginx/conf/conf.d/a.conf', ['nginx/conf.d/a.conf']],
    ['/config/nginx/snippets/headers.conf', ['nginx/snippets/headers.conf']],
    ['/etc/nginx/sites-enabled/*', ['nginx/sites-available/app']],
    ['sites-enabled/app', ['nginx/sites-available/app']],
    ['/etc/letsencrypt/options-ssl-nginx.conf', []],
    ['/etc/nginx/other/*.conf', []],
  ])('include %s', (pattern, expected) => {
    expect(included(files, 'nginx/nginx.conf', pattern)).toEqual(expected);
  });

  test('a file finds who includes it', () => {
    expect(includers(files, 'nginx/conf.d/a.conf')).toEqual(['nginx/nginx.conf 1']);
    const enabled = { ...files, 'nginx/nginx.conf': main('/etc/nginx/sites-enabled/*') };
    expect(includers(enabled, 'nginx/sites-available/app')).toEqual(['nginx/nginx.conf 1']);
    expect(includers(files, 'nginx/sites-available/app')).toEqual([]);
  });

  test('a file is in the block that its own directives belong to, where its includer does not tell', () => {
    const chain = {
      'nginx/conf.d/all.conf': 'include sites/*.conf;\n',
      'nginx/conf.d/sites/app.conf': server,
    };
    expect(
      at(
        chain,
        'nginx/conf.d/sites/app.conf',
        (document, facts) => httpServers(scopeOf(document, facts)).length,
      ),
    ).toBe(1);
  });

  test('files that include each other end somewhere', () => {
    const circle = {
      'nginx/nginx.conf': 'events {}\nhttp {\n    include conf.d/a.conf;\n}\n',
      'nginx/conf.d/a.conf': 'include conf.d/b.conf;\nserver_tokens off;\n',
      'nginx/conf.d/b.conf': `include conf.d/a.conf;\n${server}`,
    };
    for (const path of Object.keys(circle)) {
      const names = at(circle, path, (document, facts) =>
        httpServers(scopeOf(document, facts)).map(
          ({ scope }) => effectiveValue(scope, 'server_tokens').item?.args[0],
        ),
      );
      expect(names).toEqual(path.endsWith('b.conf') ? ['off'] : []);
    }
  });
});

describe('in containers', () => {
  const files = {
    'compose.yaml': compose([
      './web/main.conf:/etc/nginx/nginx.conf:ro',
      './web/app.conf:/etc/nginx/conf.d/default.conf:ro',
      './web/more:/etc/nginx/conf.d/more',
      './shared/sec.conf:/etc/nginx/snippets/headers.conf',
    ]),
    'web/main.conf': main('/etc/nginx/conf.d/*.conf'),
    'web/app.conf': `server {\n    listen 80;\n    include snippets/headers.conf;\n}\n`,
    'web/conf.d/other.conf': server,
    'web/more/one.conf': server,
    'shared/sec.conf': 'add_header X-Frame-Options DENY always;\n',
  };

  test.each([
    ['/etc/nginx/conf.d/*.conf', ['web/app.conf']],
    ['conf.d/more/*.conf', ['web/more/one.conf']],
    ['conf.d/more/o?e.conf', ['web/more/one.conf']],
    ['conf.d/[a-d]*.conf', ['web/app.conf']],
    ['conf.d/[!a-d]*.conf', []],
    ['snippets/headers.conf', ['shared/sec.conf']],
    ['./snippets/../snippets/headers.conf', ['shared/sec.conf']],
  ])('include %s, whatever the files are called in the repository', (pattern, expected) => {
    expect(included(files, 'web/main.conf', pattern)).toEqual(expected);
  });

  test('a file finds who includes it, and what is set around it', () => {
    expect(includers(files, 'web/app.conf')).toEqual(['web/main.conf 1']);
    expect(includers(files, 'shared/sec.conf')).toEqual(['web/app.conf 0']);
    expect(includers(files, 'web/conf.d/other.conf')).toEqual(['web/main.conf 1'].slice(1));
    const tokens = at(files, 'web/app.conf', (document, facts) =>
      httpServers(scopeOf(document, facts)).map(({ scope }) => {
        const { item, certain } = effectiveValue(scope, 'server_tokens');
        return [item?.args[0], certain];
      }),
    );
    expect(tokens).toEqual([['off', true]]);
    const headers = at(files, 'web/app.conf', (document, facts) =>
      httpServers(scopeOf(document, facts)).map(
        ({ scope }) => effectiveSet(scope, 'add_header').items[0]?.args[0],
      ),
    );
    expect(headers).toEqual(['X-Frame-Options']);
  });

  test('a file mount wins over the folder that it lies in', () => {
    const both = {
      ...files,
      'compose.yaml': compose([
        './web/x.conf:/etc/nginx/conf.d/default.conf',
        './web:/etc/nginx/',
        './web/conf.d:/etc/nginx/conf.d',
      ]),
      'web/nginx.conf': main('conf.d/*.conf'),
      'web/x.conf': server,
      'web/conf.d/default.conf': server,
    };
    expect(included(both, 'web/nginx.conf', 'conf.d/*.conf')).toEqual([
      'web/x.conf',
      'web/conf.d/other.conf',
    ]);
  });

  test('what the official image makes of templates', () => {
    const templates = {
      'compose.yaml': compose(['./nginx.conf:/etc/nginx/nginx.conf', './tpl:/etc/nginx/templates:ro']),
      'nginx.conf': main('/etc/nginx/conf.d/*.conf'),
      'tpl/app.conf.template': 'server {\n    listen ${PORT};\n    root /srv;\n}\n',
    };
    expect(included(templates, 'nginx.conf', '/etc/nginx/conf.d/*.conf')).toEqual(['tpl/app.conf.template']);
    expect(includers(templates, 'tpl/app.conf.template')).toEqual(['nginx.conf 1']);
  });

  test('files that the image reads together', () => {
    const together = {
      'compose.yaml': compose(['./a/x.conf:/etc/nginx/conf.d/x.conf', './b/y.conf:/etc/nginx/conf.d/y.conf']),
      'a/x.conf': server,
      'a/z.conf': server,
      'b/y.conf': 'add_header X-Frame-Options DENY;\n',
    };
    expect(siblings(together, 'a/x.conf')).toEqual(['b/y.conf']);
    expect(siblings(together, 'a/z.conf')).toEqual([]);
    // Of itself it could stand anywhere.
    expect(at(together, 'b/y.conf', (document, facts) => scopeOf(document, facts).kind)).toBe('http');
  });

  test('a mount that is changed changes what is read', () => {
    const workspace = workspaceOf(files, {
      rules: [
        defineRule({
          id: 'nginx/look',
          title: 'Look',
          kinds: ['nginx'],
          severity: 'info',
          confidence: 'high',
          since: '0.1.0',
          docs: { why: '', fix: '', references: [] },
          bad: [],
          good: [],
          check: (document, { facts, report }) => {
            const count = includersOf(facts, document.uri).length;
            report({ span: { start: 0, end: 1 }, message: `${count}`, place: 'x' });
          },
        }),
      ],
      extractors,
    });
    const uri = joinUri(ROOT, 'web/app.conf');
    const messages = () => workspace.check(uri).findings.map(({ message }) => message);
    expect(messages()).toEqual(['1']);
    workspace.update([
      { uri: joinUri(ROOT, 'compose.yaml'), text: compose(['./web/main.conf:/etc/nginx/nginx.conf']) },
    ]);
    expect(messages()).toEqual(['0']);
  });
});

describe('the version of nginx', () => {
  const version = (files: Files, path: string, setting?: readonly number[]) =>
    at(files, path, (document, facts) => [
      nginxVersion(document, { versions: setting ? { nginx: setting } : {}, facts })?.slice(0, 2) ?? null,
    ])[0];
  const mounted = (image: string) => ({
    'compose.yaml': compose(['./nginx.conf:/etc/nginx/nginx.conf'], image),
    'nginx.conf': main('conf.d/*.conf'),
  });

  test.each([
    ['nginx:1.27', [1, 27]],
    ['nginx:1.27.3-alpine', [1, 27]],
    ['docker.io/library/nginx:1.25-alpine-slim', [1, 25]],
    ['nginxinc/nginx-unprivileged:1.27', [1, 27]],
    ['openresty/openresty:1.27.1.2-3-alpine', [1, 27]],
    ['openresty/openresty:alpine', null],
    ['nginx:alpine', null],
    ['nginx', null],
    ['nginx:1', null],
    ['${IMAGE}', null],
    ['example.com/web:1.27', null],
  ])('of the image %s', (image, expected) => {
    expect(version(mounted(image), 'nginx.conf')).toEqual(expected);
  });

  test('the setting comes first', () => {
    expect(version(mounted('nginx:1.27'), 'nginx.conf', [1, 18])).toEqual([1, 18]);
  });

  test('of the image that a Dockerfile copies the file into', () => {
    const files = {
      'web/Dockerfile': 'FROM nginx:1.29.4\nCOPY nginx.conf /etc/nginx/nginx.conf\n',
      'web/nginx.conf': main('conf.d/*.conf'),
    };
    expect(version(files, 'web/nginx.conf')).toEqual([1, 29]);
  });
});
