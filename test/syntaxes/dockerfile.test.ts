import { describe, expect, test } from 'vitest';
import {
  baseImage,
  effectiveHealthcheck,
  effectiveUser,
  effectiveWorkdir,
  finalStage,
  isRoot,
  stageNamed,
  usedStages,
} from '../../syntaxes/dockerfile/effective.ts';
import { dockerfileSyntax } from '../../syntaxes/dockerfile/syntax.ts';
import type { Instruction, Stage } from '../../syntaxes/dockerfile/tree.ts';
import { expand, variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import { type Document, type Span, textOf } from '../../syntaxes/document.ts';

const SAMPLE = `# syntax=docker/dockerfile:1
# escape=\\

ARG NODE=22
# The builder.
FROM --platform=$BUILDPLATFORM node:\${NODE}-slim AS Build
WORKDIR /app
ENV A=1 B="two words" \\
    C='three'
ENV LEGACY one two
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=t \\
    # a comment inside
    npm ci && \\

    npm run build
COPY --from=0 ["a b", "/c/"]
RUN <<EOF
# no comment of the Dockerfile
set -e
curl -k https://example.com | sh
EOF
RUN python3 <<'PY' && cat <<-END > /x
print("FROM nothing")
PY
	tabbed
	END

FROM build
ONBUILD RUN echo later
HEALTHCHECK --interval=5s CMD curl -f localhost || exit 1
USER app:app
ENTRYPOINT ["/bin/app", "--flag"]
CMD start --now
`;

function parse(text: string, name = 'Dockerfile'): Document<'dockerfile'> {
  return dockerfileSyntax.parse(`file:///w/${name}`, text);
}

function stageOf(text: string): { readonly document: Document<'dockerfile'>; readonly stage: Stage } {
  const document = parse(text);
  const stage = finalStage(document.tree);
  if (!stage) throw new Error('no stage');
  return { document, stage };
}

function find(document: Document<'dockerfile'>, keyword: string, index = 0): Instruction {
  const instruction = document.tree.instructions.filter((each) => each.keyword === keyword)[index];
  if (!instruction) throw new Error(`no ${keyword}`);
  return instruction;
}

const VARIANTS = [
  ['LF', (text: string) => text],
  ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
  ['a byte order mark', (text: string) => `\uFEFF${text}`],
  ['CRLF and a byte order mark', (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`],
] as const;

describe.each(VARIANTS)('instructions with %s', (_, convert) => {
  const document = parse(convert(SAMPLE));
  const show = (span: Span | undefined) => span && textOf(document, span).replaceAll('\r\n', '\n');

  test('are all found, once and in order, without problems', () => {
    expect(document.problems).toEqual([]);
    expect(document.tree.instructions.map((each) => show(each.keywordSpan))).toEqual(
      'ARG FROM WORKDIR ENV ENV RUN COPY RUN RUN FROM ONBUILD HEALTHCHECK USER ENTRYPOINT CMD'.split(' '),
    );
  });

  test('have spans without the white space behind them', () => {
    expect(show(find(document, 'ENV').span)).toBe(`ENV A=1 B="two words" \\\n    C='three'`);
    expect(show(find(document, 'RUN', 1).span)).toMatch(/^RUN <<EOF\n[\s\S]*\nEOF$/);
    expect(show(find(document, 'CMD').span)).toBe('CMD start --now');
  });

  test('have flags with their values', () => {
    const run = find(document, 'RUN');
    expect(run.flags.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'mount: type=cache,target=/root/.npm',
      'mount: type=secret,id=t',
    ]);
    expect(run.flags.map(({ valueSpan }) => show(valueSpan))).toEqual(run.flags.map(({ value }) => value));
    expect(show(find(document, 'FROM').flags[0]?.span)).toBe('--platform=$BUILDPLATFORM');
  });

  test('have words and pairs', () => {
    expect(find(document, 'FROM').words.map(({ span }) => show(span))).toEqual([
      'node:${NODE}-slim',
      'AS',
      'Build',
    ]);
    expect(find(document, 'ENV').pairs.map(({ name, value }) => [name, value])).toEqual([
      ['A', '1'],
      ['B', 'two words'],
      ['C', 'three'],
    ]);
    expect(find(document, 'ENV').pairs.map(({ valueSpan }) => show(valueSpan))).toEqual([
      '1',
      '"two words"',
      "'three'",
    ]);
    expect(find(document, 'ENV', 1).pairs).toMatchObject([{ name: 'LEGACY', value: 'one two' }]);
  });

  test('have the exec form with exact spans', () => {
    const strings = find(document, 'ENTRYPOINT').json ?? [];
    expect(strings.map(({ value }) => value)).toEqual(['/bin/app', '--flag']);
    expect(strings.map(({ span }) => show(span))).toEqual(['"/bin/app"', '"--flag"']);
    expect(find(document, 'COPY').json?.map(({ value }) => value)).toEqual(['a b', '/c/']);
    expect(find(document, 'CMD').json).toBeUndefined();
  });

  test('have heredocs', () => {
    const [first] = find(document, 'RUN', 1).heredocs;
    expect(show(first?.body)).toBe(
      '# no comment of the Dockerfile\nset -e\ncurl -k https://example.com | sh\n',
    );
    const both = find(document, 'RUN', 2).heredocs;
    expect(both.map(({ name, quoted, closed }) => [name, quoted, closed])).toEqual([
      ['PY', true, true],
      ['END', false, true],
    ]);
    expect(both.map(({ body }) => show(body))).toEqual(['print("FROM nothing")\n', '\ttabbed\n']);
  });

  test('have comments, those of heredocs left out', () => {
    expect(document.tree.comments.map((span) => show(span))).toEqual([
      '# syntax=docker/dockerfile:1',
      '# escape=\\',
      '# The builder.',
      '# a comment inside',
    ]);
  });

  test('have shell code whose spans are the document’s', () => {
    const run = find(document, 'RUN');
    expect(run.shell?.commands.map(({ span }) => show(span))).toEqual(['npm ci', 'npm run build']);
    const heredoc = find(document, 'RUN', 1).shell;
    expect(heredoc?.pipelines.map(({ span }) => show(span))).toEqual(['curl -k https://example.com | sh']);
    expect(find(document, 'ENTRYPOINT').shell?.commands[0]?.program).toBe('app');
    expect(show(find(document, 'HEALTHCHECK').shell?.commands[1]?.span)).toBe('exit 1');
    expect(find(document, 'ONBUILD').trigger?.shell?.commands.map(({ program }) => program)).toEqual([
      'echo',
    ]);
  });
});

describe('shell code', () => {
  const commandsOf = (text: string, keyword = 'RUN') => {
    const document = parse(`FROM alpine:3.22\n${text}`);
    return find(document, keyword).shell?.commands.map((command) => [
      command.program,
      command.operands.map(({ value }) => value),
    ]);
  };

  test('is read through wrappers, shells and substitutions', () => {
    expect(commandsOf('RUN sudo -E env A=b /usr/bin/curl -s x')).toEqual([['curl', ['-s', 'x']]]);
    expect(commandsOf(`RUN bash -o pipefail -c 'curl x | tar xz'`)?.map(([name]) => name)).toEqual([
      'bash',
      'curl',
      'tar',
    ]);
    expect(commandsOf('RUN A=$(uname -m) && echo "$(id -u)"')?.map(([name]) => name)).toEqual([
      '',
      'uname',
      'echo',
      'id',
    ]);
    expect(
      commandsOf('RUN if true; then apt-get update; fi; for i in 1 2; do mkdir $i; done')?.map(
        ([name]) => name,
      ),
    ).toEqual(['true', 'apt-get', 'mkdir']);
    expect(commandsOf('RUN ["sh", "-c", "chmod 777 /a"]')).toEqual([
      ['sh', ['-c', 'chmod 777 /a']],
      ['chmod', ['777', '/a']],
    ]);
  });

  test('is not read where another interpreter reads it', () => {
    expect(commandsOf('SHELL ["powershell", "-Command"]\nRUN Write-Host (1)')).toBeUndefined();
    expect(commandsOf('RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF')).toBeUndefined();
    expect(commandsOf('RUN <<EOF\n#!/bin/bash -e\nid\nEOF')).toEqual([['id', []]]);
    expect(
      find(parse('FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nRUN dir'), 'RUN').shell,
    ).toBeUndefined();
    expect(find(parse('# escape=`\nFROM base\nRUN dir `\n  c:\\'), 'RUN').shell).toBeUndefined();
  });

  test('comes back after SHELL names a POSIX shell', () => {
    expect(commandsOf('SHELL ["cmd"]\nSHELL ["/bin/bash", "-c"]\nRUN id')).toEqual([['id', []]]);
  });
});

describe('the escape directive', () => {
  test('makes the backtick continue lines and the backslash a letter', () => {
    const document = parse('# escape=`\nFROM windows/base\nCOPY a `\n  C:\\dir\\\nUSER x\n');
    expect(document.tree.escape).toBe('`');
    expect(document.tree.instructions.map(({ keyword }) => keyword)).toEqual(['FROM', 'COPY', 'USER']);
    expect(find(document, 'COPY').words.map(({ text }) => text)).toEqual(['a', 'C:\\dir\\']);
  });
});

describe('stages', () => {
  test('build on each other, on what a variable names, and on images', () => {
    const { tree } = parse(
      'ARG V=3.22\nARG NEXT=base\nFROM alpine:$V AS Base\nFROM ${NEXT} AS tool\nFROM TOOL\nFROM $UNSET\nFROM node:${V:-1}@sha256:ab\n',
    );
    expect(tree.stages.map(({ name, parent, base }) => [name, parent, base])).toEqual([
      ['base', undefined, 'alpine:3.22'],
      ['tool', 0, undefined],
      [undefined, 1, undefined],
      [undefined, undefined, undefined],
      [undefined, undefined, 'node:3.22@sha256:ab'],
    ]);
    const third = tree.stages[2];
    expect(third && baseImage(tree, third)).toBe('alpine:3.22');
  });

  test('an image of the name of its own stage is an image', () => {
    expect(parse('FROM node AS node\n').tree.stages).toMatchObject([{ parent: undefined, base: 'node' }]);
  });

  test.each([
    'FROM node:$TAG',
    'ARG TAG=\nFROM node:$TAG',
    'ARG R=\nFROM docker.io/$R',
    'FROM ${X?}',
    'FROM ${X%a}',
    'FROM',
  ])('nothing is said of %j', (text) => {
    expect(parse(text).tree.stages[0]?.base).toBeUndefined();
  });

  test('are found by name and number, and used where something comes from them', () => {
    const { tree } = parse(
      'FROM a AS x\nFROM b AS y\nFROM c AS z\nRUN --mount=type=bind,from=x,target=/m true\nFROM z\nCOPY --from=1 /a /\n',
    );
    expect([stageNamed(tree, 'Y')?.index, stageNamed(tree, '2')?.index, stageNamed(tree, 'nope')]).toEqual([
      1,
      2,
      undefined,
    ]);
    const last = finalStage(tree);
    expect(last && [...usedStages(tree, last)].sort()).toEqual([0, 1, 2, 3]);
    const first = tree.stages[0];
    expect(first && [...usedStages(tree, first)]).toEqual([0]);
  });
});

describe('what is in effect', () => {
  const userOf = (text: string) => {
    const { document, stage } = stageOf(text);
    const user = effectiveUser(document.tree, stage);
    return user.from === 'instruction' ? (user.value ?? 'unknown') : `image ${user.image}`;
  };

  test.each([
    ['FROM alpine:3\nUSER a\nUSER b', 'b'],
    ['FROM alpine:3 AS x\nUSER a\nFROM x\nRUN id', 'a'],
    ['FROM alpine:3 AS x\nUSER a\nFROM alpine:3', 'image alpine:3'],
    ['FROM alpine:3\nARG U=me\nUSER ${U}:0', 'me:0'],
    ['ARG U=me\nFROM alpine:3\nUSER ${U}', 'unknown'],
    ['ARG U=me\nFROM alpine:3\nARG U\nUSER ${U}', 'me'],
    ['FROM alpine:3\nENV U=env\nARG U=arg\nUSER $U', 'env'],
    ['FROM alpine:3 AS x\nENV U=env\nFROM x\nUSER $U', 'env'],
    ['FROM alpine:3\nUSER $U\nENV U=late', 'unknown'],
    ['FROM alpine:3\nUSER ${U:-1000}', '1000'],
    ['FROM alpine:3\nUSER "quoted"', 'quoted'],
  ])('the user of %j is %s', (text, user) => {
    expect(userOf(text)).toBe(user);
  });

  test('root has several names', () => {
    expect(['root', '0', '0:0', 'root:users', '00'].every(isRoot)).toBe(true);
    expect(['app', '1000:0', 'rootless', '10', ''].some(isRoot)).toBe(false);
  });

  test('the directory and the health check come through stages', () => {
    const { document, stage } = stageOf(
      'FROM a AS x\nWORKDIR /srv\nHEALTHCHECK CMD true\nFROM x\nARG D=app\nWORKDIR $D\nWORKDIR src\n',
    );
    expect(effectiveWorkdir(document.tree, stage)).toBe('/srv/app/src');
    expect(effectiveHealthcheck(document.tree, stage)).toBe(true);
    const none = stageOf('FROM a\nHEALTHCHECK NONE\n');
    expect(effectiveHealthcheck(none.document.tree, none.stage)).toBe(false);
    const unknown = stageOf('FROM a\nWORKDIR app\n');
    expect(effectiveHealthcheck(unknown.document.tree, unknown.stage)).toBeUndefined();
    expect(effectiveWorkdir(unknown.document.tree, unknown.stage)).toBeUndefined();
  });

  test('variables of one ENV do not see each other', () => {
    const { document, stage } = stageOf('FROM a\nENV A=1\nENV A=2 B=$A\n');
    expect(variablesBefore(document.tree, stage).get('B')).toBe('1');
  });

  test.each([
    ['$A-${A}', '1-1'],
    ['\\$A', '$A'],
    ['${B:-x${A}}', 'x1'],
    ['${B-x}', 'x'],
    ['${E:-x}', 'x'],
    ['${E-x}', ''],
    ['${A:+yes}', 'yes'],
    ['${E:+yes}', ''],
    ['$', '$'],
    ['$B', undefined],
    ['${A#1}', undefined],
    ['${A', '${A'],
  ])('%s expands to %s', (text, value) => {
    expect(
      expand(
        text,
        new Map([
          ['A', '1'],
          ['E', ''],
        ]),
        '\\',
      ),
    ).toBe(value);
  });
});

describe('detection', () => {
  test.each([
    'Dockerfile',
    'dockerfile',
    'Containerfile',
    'web.Dockerfile',
    'web.dockerfile',
    '.gitpod.Dockerfile',
    'Dockerfile.prod',
    'Dockerfile-alpine',
    'Containerfile.ci',
  ])('%s is a Dockerfile', (name) => {
    expect(dockerfileSyntax.detect(`file:///w/${name}`, '# hello\n\nFROM alpine\n')).toBe(true);
  });

  test.each([
    ['.dockerignore', 'FROM x'],
    ['Dockerfile.dockerignore', 'FROM x'],
    ['Dockerfile.md', 'FROM x'],
    ['Dockerfile.j2', 'FROM x'],
    ['Dockerfile.template', 'FROM x'],
    ['Dockerfile.py', 'from os import path\n'],
    ['Dockerfile.txt', 'Words from a book\n'],
    ['Dockerfile', '<html>\n'],
    ['docker-compose.yml', 'FROM x'],
    ['main.ts', 'FROM x'],
  ])('%s with %j is none', (name, text) => {
    expect(dockerfileSyntax.detect(`file:///w/${name}`, text)).toBe(false);
  });

  test('half a file is one', () => {
    expect(dockerfileSyntax.detect('file:///w/Dockerfile', 'RUN x\nfrom')).toBe(true);
  });

  test.each([
    'FROM {{ base }}\nRUN id\n',
    '{% if x %}\nFROM a\n{% endif %}\n',
    'FROM %%BASE%%\nRUN id\n',
    'FROM a\n<% if x %>\nRUN id\n',
  ])('%j is a template, and not analysed', (text) => {
    expect(parse(text).notAnalysed).toMatch(/template/);
  });

  test.each([
    `FROM a\nRUN docker inspect --format '{{.Id}}' x && \\\n  {{ true; }}\n`,
    'FROM a\nRUN <<EOF\n{{ x }}\n<% y %>\nEOF\n',
    'FROM a\n# {{ x }}\nENV A={{b}}\n',
  ])('%j is no template', (text) => {
    expect(parse(text).notAnalysed).toBeUndefined();
  });
});

describe('broken text', () => {
  test('has problems, and what is whole beside them', () => {
    const document = parse('RUN early\nFROM alpine:3.22\nRUNN typo\nCOPY\nUSER app\nRUN <<EOF\nid\n');
    expect(document.problems.map(({ span }) => textOf(document, span))).toEqual([
      '<<EOF',
      'RUN',
      'RUNN',
      'COPY',
    ]);
    const stage = finalStage(document.tree);
    expect(stage && effectiveUser(document.tree, stage)).toMatchObject({ value: 'app' });
  });

  test('every prefix of a file can be read, and every span lies inside it', () => {
    for (let end = 0; end <= SAMPLE.length; end++) expectSound(SAMPLE.slice(0, end));
  });

  test('so can files with random changes', () => {
    const pieces = [
      '\\',
      '\n',
      '\r\n',
      '"',
      "'",
      '<<EOF',
      '<<-X',
      '$',
      '${',
      '}',
      '[',
      ']',
      '#',
      '`',
      ' ',
      '\t',
      'FROM ',
      'ONBUILD ',
      '--',
      '\u{1F433}',
      '\0',
      '|',
      '(',
      ' v $z',
    ];
    const random = generator(7);
    for (let round = 0; round < 1500; round++) {
      let text = SAMPLE;
      for (let change = 0; change < 3; change++) {
        const at = Math.floor(random() * text.length);
        const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
        text = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 4));
      }
      expectSound(text);
    }
  });

  test('a variable before the first stage ends', () => {
    expectSound(' v $z\nFROM a\n');
  });
});

describe('large files take time in proportion to their length', () => {
  test.each([
    ['steps', (n: number) => `FROM a\n${'RUN echo hello && true\n'.repeat(n)}`],
    ['one long step', (n: number) => `FROM a\nRUN true${' && \\\n  echo hello # x'.repeat(n)}\n`],
    ['comments between stages', (n: number) => 'FROM a\n# c\n'.repeat(n)],
    [
      'stages on stages',
      (n: number) =>
        `FROM a AS s0\n${Array.from({ length: Math.min(n, 500) }, (_, i) => `FROM s${i} AS s${i + 1}\n`).join('')}`,
    ],
    ['heredocs', (n: number) => `FROM a\n${'RUN <<EOF\necho\nEOF\n'.repeat(n)}`],
    ['variables', (n: number) => `FROM a\nENV ${'A=$B '.repeat(n)}\n`],
  ])('%s', (_, build) => {
    const time = (text: string) => {
      const start = performance.now();
      expect(parse(text).tree.stages.length).toBeGreaterThan(0);
      return performance.now() - start;
    };
    time(build(500));
    const small = Math.min(time(build(1000)), time(build(1000)));
    const large = Math.min(time(build(8000)), time(build(8000)));
    expect(large).toBeLessThan(small * 8 * 5 + 100);
  });

  test('beyond a megabyte nothing is read', () => {
    expect(parse(`FROM a\n${'RUN id\n'.repeat(200_000)}`).notAnalysed).toBeDefined();
  });
});

function expectSound(text: string): void {
  const document = parse(text);
  dockerfileSyntax.detect('file:///w/Dockerfile', text);
  const inside = (span: Span) => span.start >= 0 && span.start <= span.end && span.end <= text.length;
  const spans = document.tree.instructions.flatMap((each) => [
    each.span,
    each.arguments,
    ...each.words.map(({ span }) => span),
    ...each.heredocs.map(({ body }) => body),
    ...(each.shell?.commands.flatMap((command) => [command.span, ...command.args.map(({ span }) => span)]) ??
      []),
  ]);
  expect([...spans, ...document.problems.map(({ span }) => span)].every(inside), JSON.stringify(text)).toBe(
    true,
  );
  for (const stage of document.tree.stages) {
    effectiveUser(document.tree, stage);
    effectiveWorkdir(document.tree, stage);
    usedStages(document.tree, stage);
  }
}

/** The same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}
