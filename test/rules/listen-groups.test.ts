import { describe, expect, test } from 'vitest';
import { defineRule } from '../../rules/core/rule.ts';
import { type ListenGroup, listenGroups } from '../../rules/nginx/shared/listen-groups.ts';
import { scopeOf } from '../../rules/nginx/shared/model.ts';
import { httpServers } from '../../rules/nginx/shared/server.ts';
import { tlsElsewhere } from '../../rules/nginx/shared/tls-elsewhere.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors } from '../support/all-rules.ts';
import { ROOT, workspaceOf } from '../support/workspace.ts';

const extractors = await loadExtractors();

/** Runs something as a rule on the first file. */
function asRule<T>(
  files: Readonly<Record<string, string>>,
  look: (...args: Parameters<Parameters<typeof defineRule<'nginx'>>[0]['check']>) => T,
): T {
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
    check: (document, context) => void found.push(look(document, context)),
  });
  const [first = ''] = Object.keys(files);
  const workspace = workspaceOf(files, { rules: [rule], extractors });
  const { muted } = workspace.check(joinUri(ROOT, first));
  expect(muted).toEqual([]);
  const [result] = found;
  if (found.length !== 1 || result === undefined) throw new Error('The file was not read as nginx.');
  return result;
}

const groupsOf = (files: Readonly<Record<string, string>>) =>
  asRule(files, (document, { facts }) => listenGroups(document, facts).map(summary));

function summary({ socket, members, default: first, explicit, complete }: ListenGroup): string {
  const names = members.map(({ server }) => server.names[0] ?? '_').join(' ');
  return `${socket} ${names} | ${first ? (first.names[0] ?? '_') : '?'}${explicit ? '!' : ''}${complete ? '' : ' +'}`;
}

const server = (name: string, ...listens: readonly string[]) =>
  `server { server_name ${name}; ${listens.map((listen) => `listen ${listen}; `).join('')}}\n`;
const main = (...servers: readonly string[]) => `events {}\nhttp {\n${servers.join('')}}\n`;

describe('servers by socket', () => {
  test('one socket under all its names; none at all is port 80', () => {
    const text = main(
      server('a', '80'),
      server('b', '*:80 default_server'),
      server('c', '0.0.0.0:80', '0.0.0.0'),
      server('d'),
    );
    expect(groupsOf({ 'nginx.conf': text })).toEqual(['*:80 a b c d | b!']);
  });

  test('the first is the default where none says so', () => {
    expect(groupsOf({ 'nginx.conf': main(server('a', '443 ssl'), server('b', '443 ssl')) })).toEqual([
      '*:443 a b | a',
    ]);
  });

  test('addresses, families, QUIC and socket files are apart', () => {
    const text = main(
      server('a', '443 ssl', '443 quic reuseport', '[::]:443 ssl', '[0:0::0]:443 quic'),
      server(
        'b',
        '10.0.0.1:443 ssl',
        'localhost:443',
        '127.0.0.1:443',
        'unix:/run/x.sock',
        'unix:/run/x.sock:',
      ),
    );
    expect(groupsOf({ 'nginx.conf': text })).toEqual([
      '*:443 a | a',
      'udp:*:443 a | a',
      '[::]:443 a | a',
      'udp:[::]:443 a | a',
      '10.0.0.1:443 b | b',
      '127.0.0.1:443 b | b',
      'unix:/run/x.sock b | b',
    ]);
  });

  test('streams are none of them', () => {
    const text =
      'events {}\nstream { server { listen 443; proxy_pass a:443; } }\nhttp { server { listen 80; } }\n';
    expect(groupsOf({ 'nginx.conf': text })).toEqual(['*:80 _ | _']);
  });

  test('servers of included files share the socket, in the order of their names', () => {
    const files = {
      'nginx/nginx.conf': main('include /etc/nginx/conf.d/*.conf;\n'),
      'nginx/conf.d/a.conf': server('a', '80'),
      'nginx/conf.d/b.conf': server('b', '80'),
      'nginx/conf.d/c.conf': server('c', '80'),
    };
    const { 'nginx/conf.d/b.conf': b, ...others } = files;
    expect(groupsOf({ 'nginx/conf.d/b.conf': b, ...others })).toEqual(['*:80 a b c | a']);
  });

  test('those of the file that includes do too, in an order that is left open', () => {
    const files = {
      'nginx/conf.d/b.conf': server('b', '80'),
      'nginx/nginx.conf': main(server('m', '80'), 'include /etc/nginx/conf.d/*.conf;\n'),
    };
    expect(groupsOf(files)).toEqual(['*:80 m b | ?']);
    const explicit = {
      ...files,
      'nginx/nginx.conf': files['nginx/nginx.conf'].replace('listen 80', 'listen 80 default_server'),
    };
    expect(groupsOf(explicit)).toEqual(['*:80 m b | m!']);
  });

  test('what is not read leaves the default open, unless a server says that it is', () => {
    const unread = main('include sites-enabled/*;\n', server('a', '80'), server('b', '443 default_server'));
    expect(groupsOf({ 'nginx.conf': unread })).toEqual(['*:80 a | ? +', '*:443 b | b! +']);
    expect(groupsOf({ 'conf.d/a.conf': server('a', '80') })).toEqual(['*:80 a | ? +']);
    expect(groupsOf({ 'nginx.conf': main(server('a', '80'), server('b', '{{ port }}')) })).toEqual([
      '*:80 a | ? +',
    ]);
  });
});

describe('TLS in front of nginx', () => {
  const elsewhere = (files: Readonly<Record<string, string>>) =>
    asRule(files, (document, { facts }) =>
      httpServers(scopeOf(document, facts)).map((each) => tlsElsewhere(document, facts, each)),
    );
  const plain = server('a.example.com', '80');
  const withTls = server('b.example.com', '443 ssl');

  test('nothing speaks of it', () => {
    expect(elsewhere({ 'conf.d/a.conf': plain })).toEqual(['unknown']);
    expect(elsewhere({ 'nginx.conf': main(plain, withTls) })).toEqual(['no', 'no']);
  });

  test.each([
    'proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;',
    'set_real_ip_from 10.0.0.0/8;',
    'listen 8080 proxy_protocol;',
    '# TLS terminates at the load balancer',
    '# behind the ALB',
  ])('%s', (line) => {
    const text = main(plain.replace('}', `\n${line}\n}`), withTls);
    expect(elsewhere({ 'nginx.conf': text })).toEqual(['yes', 'no']);
  });

  test('a Compose service without ports, or with labels for a proxy', () => {
    const compose = (rest: string) =>
      `services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - ./nginx/conf.d:/etc/nginx/conf.d:ro\n${rest}`;
    const of = (rest: string) => elsewhere({ 'nginx/conf.d/a.conf': plain, 'compose.yaml': compose(rest) });
    expect(of('')).toEqual(['yes']);
    expect(of('    ports: ["80:80"]\n')).toEqual(['unknown']);
    expect(of('    ports: ["80:80"]\n    labels:\n      - traefik.http.routers.web.tls=true\n')).toEqual([
      'yes',
    ]);
    expect(of('    ports: ["80:80"]\n    environment: { VIRTUAL_HOST: a.example.com }\n')).toEqual(['yes']);
  });
});
