import { describe, expect, test } from 'vitest';
import { environmentOf } from '../../syntaxes/compose/environment.ts';
import { interpolate, UNKNOWN } from '../../syntaxes/compose/interpolate.ts';
import { mountSourceUri, mountsOf, parseShortMount } from '../../syntaxes/compose/mounts.ts';
import { isEveryAddress, parseShortPort, portsOf } from '../../syntaxes/compose/ports.ts';
import { secretSource, secretsOf } from '../../syntaxes/compose/secrets.ts';
import {
  buildOf,
  dependenciesOf,
  flagOf,
  healthcheckOf,
  imageOf,
  splitWords,
  userOf,
  wordsOf,
} from '../../syntaxes/compose/service.ts';
import { composeSyntax } from '../../syntaxes/compose/syntax.ts';
import { type ComposeService, itemsAt, lookup, scalarAt } from '../../syntaxes/compose/tree.ts';

const SAMPLE = `name: acme
x-base: &base
  restart: always
  environment: &env
    A: "1"
services:
  web:
    <<: *base
    image: "ghcr.io/acme/web:\${TAG:-1.2}"
    ports: ["8080:80", { target: 443, published: 8443 }]
    secrets:
      - source: key
        mode: 0444
  worker:
    extends: web
    environment:
      <<: *env
      B: 'it''s'
    command: ["run", "--fast"]
secrets:
  key:
    environment: KEY
`;

describe('detection', () => {
  const detects = (path: string, text: string) => composeSyntax.detect(`file:///repo/${path}`, text);
  const SERVICES = 'services:\n  web:\n    image: nginx\n';

  test.each([
    'compose.yaml',
    'compose.yml',
    'docker-compose.yml',
    'docker-compose.prod.yaml',
    'compose.override.yml',
    'docker-compose-redis.yml',
    'deploy/stack.compose.yml',
    'podman-compose.yaml',
    'stack.yml',
    'infra/prod.yaml',
  ])('%s with services', (path) => {
    expect(detects(path, SERVICES)).toBe(true);
  });

  test('by content: order, comments, quotes, flow style and a byte order mark do not matter', () => {
    expect(detects('stack.yml', `# x\nversion: "3"\nnetworks:\n  a:\n\n${SERVICES}`)).toBe(true);
    expect(detects('stack.yml', `\ufeff${SERVICES}`)).toBe(true);
    expect(detects('stack.yml', SERVICES.replaceAll('\n', '\r\n'))).toBe(true);
    expect(detects('stack.yml', 'services:\n  # the web\n  web:\n    restart: always\n    build: .\n')).toBe(
      true,
    );
    expect(detects('stack.yml', 'services:\n  web: { restart: always, image: nginx }\n')).toBe(true);
    expect(detects('stack.yml', 'services: { web: { image: nginx } }\n')).toBe(true);
  });

  test.each([
    [
      'a workflow',
      '.github/workflows/ci.yml',
      `on: push\njobs:\n  test:\n    services:\n      db:\n        image: postgres\n`,
    ],
    ['GitLab CI', '.gitlab-ci.yml', 'services:\n  - postgres:17\n'],
    ['a manifest', 'deploy.yaml', `apiVersion: v1\nkind: Service\n${SERVICES}`],
    ['a manifest by the name of Compose', 'compose.yaml', `apiVersion: v1\nkind: Service\n`],
    [
      'a container for dependency injection',
      'config/services.yaml',
      `services:\n  App\\Mailer:\n    arguments:\n      image: x\n`,
    ],
    ['a pipeline', '.woodpecker.yml', `steps:\n  a:\n    image: x\n${SERVICES}`],
    ['another language', 'compose.json', '{"services": {"web": {"image": "nginx"}}}'],
    ['a plain config', 'config.yaml', 'server:\n  port: 80\n'],
    ['a list of services', 'app.yaml', 'services:\n  - name: web\n    image: nginx\n'],
  ])('not %s', (_, path, text) => {
    expect(detects(path, text)).toBe(false);
  });
});

describe('files that are not analysed', () => {
  const reason = (text: string) => composeSyntax.parse('file:///repo/compose.yaml', text).notAnalysed;

  test('Compose v1, fragments and empty files', () => {
    expect(reason('web:\n  image: nginx\n')).toMatch(/v1/);
    expect(reason('x-base:\n  restart: always\n')).toMatch(/no `services`/);
    expect(reason('')).toBeDefined();
    expect(reason('- a\n')).toBeDefined();
    expect(reason('services:\n')).toBeDefined();
  });

  test('but files that only include others, or define what they use', () => {
    expect(reason('include:\n  - db/compose.yaml\n')).toBeUndefined();
    expect(reason('volumes:\n  data:\n')).toBeUndefined();
  });

  test('templates, but not scripts inside of values', () => {
    expect(reason('services:\n{% for x in y %}\n  web:\n    image: nginx\n{% endfor %}\n')).toMatch(
      /template/,
    );
    expect(reason('services:\n  web:\n    image: {{ image }}\n')).toMatch(/template/);
    expect(reason('services:\n  {{- range .Services }}\n  web:\n    image: x\n  {{- end }}\n')).toMatch(
      /template/,
    );
    expect(
      reason('services:\n  web:\n    image: nginx\n    hostname: "{{.Node.Hostname}}"\n'),
    ).toBeUndefined();
    expect(
      reason(
        'services:\n  web:\n    image: x\nconfigs:\n  c:\n    content: |\n      {{ range . }}\n      a: {{ . }}\n',
      ),
    ).toBeUndefined();
  });
});

describe('services in effect', () => {
  test('merge keys: own keys win, and of a list the earlier map', () => {
    const { services } = parse(`x-a: &a { restart: always, user: a, tty: true }
x-b: &b { user: b, init: true }
services:
  web:
    image: x
    restart: "no"
    <<: [*a, *b]
`);
    const web = one(services);
    expect(text(web, 'restart')).toBe('no');
    expect(text(web, 'user')).toBe('a');
    expect(text(web, 'init')).toBe('true');
    expect(lookup(web.effective, 'restart')?.via).toBe('own');
    expect(lookup(web.effective, 'user')?.via).toBe('merge');
  });

  test('a merged value keeps the place where it is written', () => {
    const source = 'x-a: &a\n  user: root\nservices:\n  web:\n    <<: *a\n    image: x\n';
    const entry = lookup(one(parse(source).services).effective, 'user');
    expect(source.slice(entry?.pair.key.span.start, entry?.pair.value?.span.end)).toBe('user: root');
  });

  test('extends: maps merge, lists are joined, commands are replaced', () => {
    const { services } = parse(`services:
  base:
    image: x
    command: [a, b]
    environment: { A: 1, B: 1 }
    cap_drop: [NET_RAW]
    healthcheck: { test: [CMD, a], interval: 1s }
  web:
    extends: { service: base }
    command: [c]
    environment: { B: 2 }
    cap_drop: [ALL]
    healthcheck: { test: [CMD, b] }
`);
    const web = one(services, 'web');
    expect(wordsOf(web, 'command')?.map((word) => word.text)).toEqual(['c']);
    expect(text(web, 'environment', 'A')).toBe('1');
    expect(text(web, 'environment', 'B')).toBe('2');
    expect(itemsAt(web.effective, 'cap_drop').map((item) => item.via)).toEqual(['extends', 'own']);
    expect(itemsAt(web.effective, 'healthcheck', 'test')).toHaveLength(2);
    expect(text(web, 'healthcheck', 'interval')).toBe('1s');
    expect(web.complete && web.standalone).toBe(true);
    expect(lookup(web.effective, 'image')?.via).toBe('extends');
  });

  test('extends over several services, with !reset and !override', () => {
    const { services } = parse(`services:
  a: { image: x, user: root, cap_add: [A] }
  b: { extends: a, user: !reset null }
  c: { extends: b, cap_add: !override [C] }
`);
    const c = one(services, 'c');
    expect(lookup(c.effective, 'user')).toBeUndefined();
    expect(itemsAt(c.effective, 'cap_add')).toHaveLength(1);
  });

  test('what cannot be seen from the file makes a service incomplete', () => {
    const { services } = parse(`services:
  other-file: { image: x, extends: { file: common.yaml, service: base } }
  same-file: { extends: { file: ./compose.yaml, service: plain } }
  nowhere: { image: x, extends: gone }
  self: { image: x, extends: self }
  alias: { image: x, <<: *gone }
  plain: { image: x }
  part: { user: a }
`);
    const complete = services.filter((service) => service.complete).map((service) => service.name);
    expect(complete).toEqual(['same-file', 'plain', 'part']);
    expect(one(services, 'part').standalone).toBe(false);
  });

  test('values that several services share name them all', () => {
    const source = `x-a: &a\n  user: root\n  cap_add: [ALL]\nservices:\n  a: { <<: *a, image: x }\n  b: { <<: *a, image: x }\n  c: { image: x }\n`;
    const { sharing } = parse(source);
    expect(sharing.get(source.indexOf('user'))).toEqual(['a', 'b']);
    expect(sharing.get(source.indexOf('ALL'))).toEqual(['a', 'b']);
    expect(sharing.get(source.indexOf('image'))).toBeUndefined();
  });
});

describe('interpolation', () => {
  test.each([
    ['a', 'a'],
    ['${V:-d}', 'd'],
    ['${V-d}', 'd'],
    ['${V:-}', ''],
    ['x${V:-d}y', 'xdy'],
    ['${A:-${B:-c}}', 'c'],
    ['${A:-x${B-y}z}', 'xyz'],
    ['pa$$w0rd', 'pa$w0rd'],
    ['$${V}', '${V}'],
    ['a$', 'a$'],
    ['$1', '$1'],
  ])('%s is %s', (written, expected) => {
    expect(interpolate(written).text).toBe(expected);
  });

  test.each([
    ['$V'],
    ['${V}'],
    ['${V:?e}'],
    ['${V:+x}'],
    ['${A:-${B}}'],
    ['{{.Node.ID}}'],
    ['${'],
    ['${V:-'],
  ])('%s is unknown, or read to its end', (written) => {
    expect(interpolate(written).text ?? UNKNOWN).toMatch(/^\0?$/);
  });

  test('a pattern keeps what is known', () => {
    expect(interpolate('nginx:${TAG}-alpine').pattern).toBe(`nginx:${UNKNOWN}-alpine`);
    expect(interpolate('${A:-${B}}$C').variables).toEqual(['A', 'B', 'C']);
  });

  test('takes time in proportion to the length', () => {
    const deep = '${A:-'.repeat(100_000);
    expect(interpolate(deep).text).toBeUndefined();
  });
});

describe('ports', () => {
  test.each([
    ['80', '', '', '80'],
    ['8080:80', '', '8080', '80'],
    ['127.0.0.1:8080:80', '127.0.0.1', '8080', '80'],
    ['127.0.0.1::80', '127.0.0.1', '', '80'],
    ['[::1]:8080:80', '[::1]', '8080', '80'],
    ['8000-8010:9000-9010/udp', '', '8000-8010', '9000-9010'],
    [`${UNKNOWN}:80`, null, null, '80'],
    [UNKNOWN, null, null, null],
    [`${UNKNOWN}:8080:80`, null, '8080', '80'],
    [`8080:${UNKNOWN}`, '', '8080', null],
    ['127.0.0.1:3000', null, null, '3000'],
  ])('%s', (pattern, hostIp, published, target) => {
    expect(parseShortPort(pattern)).toMatchObject({ hostIp, published, target });
  });

  test('wildcards are known by address, not by spelling', () => {
    for (const ip of [
      '',
      '0.0.0.0',
      '000.0.0.0',
      '0',
      '::',
      '[::]',
      '::0',
      '0:0:0:0:0:0:0:0',
      '*',
      '::ffff:0.0.0.0',
    ]) {
      expect(isEveryAddress(ip), ip).toBe(true);
    }
    for (const ip of ['127.0.0.1', '::1', '[::1]', '10.0.0.0', 'fe80::', null])
      expect(isEveryAddress(ip), String(ip)).toBe(false);
  });

  test('both forms of a service', () => {
    const ports = portsOf(one(parse(SAMPLE).services, 'web'));
    expect(ports.map(({ published, target }) => [published, target])).toEqual([
      ['8080', '80'],
      ['8443', '443'],
    ]);
  });
});

describe('mounts', () => {
  test.each([
    ['./a:/b', 'bind', './a', '/b', false],
    ['/a:/b:ro,z', 'bind', '/a', '/b', true],
    ['data:/b', 'volume', 'data', '/b', false],
    ['/b', 'volume', '', '/b', false],
    ['C:\\a:/b:ro', 'bind', 'C:\\a', '/b', true],
    [`${UNKNOWN}:/b`, 'unknown', null, '/b', false],
    [`./${UNKNOWN}:/b`, 'bind', null, '/b', false],
    ['~/.ssh:/root/.ssh', 'bind', '~/.ssh', '/root/.ssh', false],
  ])('%s', (pattern, type, source, target, readOnly) => {
    expect(parseShortMount(pattern)).toMatchObject({ type, source, target, readOnly });
  });

  test('the variables of the working and the home folder are the folders, options are kept', () => {
    const web = one(
      parse(
        'services:\n  web:\n    image: x\n    volumes:\n      - $HOME/.aws:/a:ro,z\n      - ${PWD}/b:/b\n      - ${HOME_DIR}/c:/c\n      - {type: bind, source: "${HOME}", target: /d, bind: {propagation: rslave}}\n',
      ).services,
    );
    expect(mountsOf(web).map(({ type, source, options }) => ({ type, source, options }))).toEqual([
      { type: 'bind', source: '~/.aws', options: ['ro', 'z'] },
      { type: 'bind', source: './b', options: [] },
      { type: 'unknown', source: null, options: [] },
      { type: 'bind', source: '~', options: ['rslave'] },
    ]);
  });

  test('sources are found from the folder of the file', () => {
    const web = one(
      parse(
        'services:\n  web:\n    image: x\n    volumes:\n      - ../conf/a b.yml:/a\n      - {type: bind, source: ./c, target: /c, read_only: true}\n      - data:/d\n      - ~/x:/x\n',
      ).services,
    );
    expect(mountsOf(web).map((mount) => mountSourceUri(mount, 'file:///repo/deploy/compose.yaml'))).toEqual([
      'file:///repo/conf/a%20b.yml',
      'file:///repo/deploy/c',
      undefined,
      undefined,
    ]);
    expect(mountsOf(web)[1]?.readOnly).toBe(true);
  });
});

describe('views of a service', () => {
  const service = (body: string) =>
    one(parse(`services:\n  web:\n${body.replaceAll(/^(?=.)/gm, '    ')}`).services);

  test('user', () => {
    expect(userOf(service('user: root\n')).state).toBe('root');
    expect(userOf(service('user: "0:5"\n')).state).toBe('root');
    expect(userOf(service('user: "1000:0"\n'))).toMatchObject({ state: 'non-root', uid: '1000' });
    expect(userOf(service('user: "${U:-1000}"\n'))).toMatchObject({ state: 'non-root', uid: '1000' });
    expect(userOf(service('user: node\n')).uid).toBeUndefined();
    expect(userOf(service('user: ${U}\n')).state).toBe('unknown');
    expect(userOf(service('image: x\n')).state).toBe('unset');
    expect(userOf(service('extends: { file: a.yaml, service: b }\n')).state).toBe('unknown');
  });

  test('build', () => {
    const uri = 'file:///repo/deploy/compose.yaml';
    expect(buildOf(service('build: ../api\n'), uri)).toEqual({
      contextUri: 'file:///repo/api',
      dockerfileUri: 'file:///repo/api/Dockerfile',
      target: undefined,
      inline: false,
    });
    expect(
      buildOf(service('build: { context: ., dockerfile: docker/Api, target: prod }\n'), uri),
    ).toMatchObject({
      dockerfileUri: 'file:///repo/deploy/docker/Api',
      target: 'prod',
    });
    expect(buildOf(service('build: https://github.com/a/b.git\n'), uri)).toMatchObject({
      contextUri: null,
      dockerfileUri: null,
    });
    expect(buildOf(service('build: ${CONTEXT}\n'), uri)).toMatchObject({ contextUri: null });
    expect(buildOf(service('build:\n  dockerfile_inline: FROM x\n'), uri)).toMatchObject({
      inline: true,
      dockerfileUri: `file:///repo/deploy/Dockerfile#${encodeURIComponent(`${uri} web`)}`,
    });
    expect(buildOf(service('image: x\n'), uri)).toBeUndefined();
  });

  test('flags, images, healthchecks, commands', () => {
    expect(flagOf(service('privileged: "${P:-true}"\n'), 'privileged')).toBe(true);
    expect(flagOf(service('privileged: ${P}\n'), 'privileged')).toBeUndefined();
    expect(imageOf(service('image: a:${T}\n'))).toBe(`a:${UNKNOWN}`);
    expect(healthcheckOf(service('healthcheck: { test: NONE }\n'))).toBe('disabled');
    expect(healthcheckOf(service('healthcheck: { disable: true }\n'))).toBe('disabled');
    expect(healthcheckOf(service('healthcheck: { interval: 1s }\n'))).toBe('unset');
    expect(healthcheckOf(service('healthcheck: { test: [CMD, a] }\n'))).toBe('set');
    expect(splitWords(`a "b c" 'd "e' f\\ g ""`)).toEqual(['a', 'b c', 'd "e', 'f g', '']);
  });

  test('dependencies in both forms', () => {
    expect(dependenciesOf(service('depends_on: [a, b]\n'))).toEqual([
      { service: 'a', condition: 'service_started' },
      { service: 'b', condition: 'service_started' },
    ]);
    expect(dependenciesOf(service('depends_on: { a: { condition: service_healthy } }\n'))).toEqual([
      { service: 'a', condition: 'service_healthy' },
    ]);
  });

  test('variables in both forms, with the span of the value alone', () => {
    const source = `services:\n  web:\n    environment:\n      - "A=b=c"\n      - D\n      - 'E=it''s'\n`;
    const variables = environmentOf(one(parse(source).services), source);
    expect(
      variables.map(({ name, value, valueSpan }) => [
        name,
        value,
        valueSpan && source.slice(valueSpan.start, valueSpan.end),
      ]),
    ).toEqual([
      ['A', 'b=c', 'b=c'],
      ['D', undefined, undefined],
      ['E', "it's", "it''s"],
    ]);
  });

  test('a map that extends a list replaces single variables', () => {
    const source =
      'services:\n  a: { image: x, environment: [A=1, B=1] }\n  b: { extends: a, environment: { B: 2 } }\n';
    const variables = environmentOf(one(parse(source).services, 'b'), source);
    expect(variables.map(({ name, value }) => `${name}=${value}`)).toEqual(['A=1', 'B=2']);
  });

  test('secrets', () => {
    const tree = parse(SAMPLE);
    const [use] = secretsOf(one(tree.services, 'web'));
    expect(use?.name).toBe('key');
    expect(secretSource(tree, 'key')).toBe('environment');
    expect(secretSource(tree, 'other')).toBe('unknown');
  });
});

describe('robustness', () => {
  test('every prefix of a sample is read', () => {
    for (let end = 0; end <= SAMPLE.length; end++) exercise(SAMPLE.slice(0, end));
  });

  test('mutations are read', () => {
    const random = generator(7);
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ':',
      '- ',
      '&a ',
      '*a',
      '<<: ',
      '\n',
      '\t',
      '"',
      "'",
      '|',
      '!reset ',
      '\u2028',
      '\0',
      '${',
    ];
    for (let round = 0; round < 400; round++) {
      let text = SAMPLE;
      for (let i = 0; i < 4; i++) {
        const at = Math.floor(random() * text.length);
        const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
        text = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 6));
      }
      exercise(text);
    }
  });

  test('CRLF and a byte order mark change no value', () => {
    for (const text of [SAMPLE.replaceAll('\n', '\r\n'), `\ufeff${SAMPLE}`]) {
      const document = composeSyntax.parse('file:///repo/compose.yaml', text);
      expect(document.problems).toEqual([]);
      const [use] = secretsOf(one(document.tree.services, 'web'));
      const mode = use?.mode?.value;
      const span = mode?.type === 'scalar' ? mode.node.span : undefined;
      expect(text.slice(span?.start, span?.end)).toBe('0444');
    }
  });

  test('a chain of aliases and a bomb of merge keys end', () => {
    const chain = Array.from(
      { length: 3000 },
      (_, i) => `x-${i}: &a${i} { k: ${i === 0 ? '1' : `*a${i - 1}`} }`,
    ).join('\n');
    exercise(`${chain}\nservices:\n  web: { image: x, x: *a2999 }\n`);
    const bomb = Array.from(
      { length: 400 },
      (_, i) => `x-${i}: &a${i} { k${i}: 1${i === 0 ? '' : `, <<: *a${i - 1}`} }`,
    ).join('\n');
    exercise(
      `${bomb}\nservices:\n${Array.from({ length: 400 }, (_, i) => `  s${i}: { image: x, <<: *a${i} }`).join('\n')}\n`,
    );
  });

  test('detection and reading take time in proportion to the length', () => {
    const file = (count: number) =>
      `services:\n${Array.from({ length: count }, (_, i) => `  s${i}:\n    image: x:1\n    ports: ["${i}:80"]\n`).join('')}`;
    exercise(file(200));
    const small = duration(() => exercise(file(1000)));
    const large = duration(() => exercise(file(8000)));
    // Eight times the text; twice as much again for a busy machine.
    expect(large / small).toBeLessThan(24);
  });
});

function parse(text: string) {
  return composeSyntax.parse('file:///repo/compose.yaml', text).tree;
}

function one(services: readonly ComposeService[], name?: string): ComposeService {
  const found = name === undefined ? services[0] : services.find((service) => service.name === name);
  if (!found) throw new Error(`There is no service ${name ?? ''}`);
  return found;
}

function text(service: ComposeService, ...path: string[]): string | undefined {
  return scalarAt(service.effective, ...path)?.value;
}

/** Reads a text with all views; what matters is that nothing throws and that spans lie in the text. */
function exercise(source: string): void {
  composeSyntax.detect('file:///repo/compose.yaml', source);
  composeSyntax.detect('file:///repo/other.yaml', source);
  const { tree, problems } = composeSyntax.parse('file:///repo/compose.yaml', source);
  for (const { span } of problems) expect(span.start <= span.end && span.end <= source.length).toBe(true);
  for (const service of tree.services) {
    portsOf(service);
    mountsOf(service);
    secretsOf(service);
    userOf(service);
    buildOf(service, 'file:///repo/compose.yaml');
    wordsOf(service, 'command');
    dependenciesOf(service);
    for (const { valueSpan } of environmentOf(service, source))
      expect((valueSpan?.end ?? 0) <= source.length).toBe(true);
  }
}

function duration(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
