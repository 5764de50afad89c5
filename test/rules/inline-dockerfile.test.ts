import { describe, expect, test } from 'vitest';
import { fixAll, fixesFor, textsAfter } from '../../server/engine/fix.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors, loadRules } from '../support/all-rules.ts';
import { ROOT, workspaceOf } from '../support/workspace.ts';

/* A Dockerfile in a Compose file is judged as a file is, at its true places. */

const rules = [...(await loadRules('dockerfile/')), ...(await loadRules('compose/'))];
const extractors = await loadExtractors();
const uri = joinUri(ROOT, 'compose.yaml');

function open(text: string, files: Readonly<Record<string, string>> = {}) {
  const workspace = workspaceOf({ 'compose.yaml': text, ...files }, { rules, extractors });
  const findings = () =>
    workspace
      .check(uri)
      .findings.filter(({ rule }) => rule.startsWith('dockerfile/'))
      .map(({ rule, span }) => `${rule} ${text.slice(span.start, span.end)}`);
  return { workspace, findings };
}

const COMPOSE = `services:
  web:
    image: ghcr.io/acme/web:1
    build:
      context: .
      dockerfile_inline: |
        FROM debian:13
        # tools
        RUN chmod 777 /srv && \\
            curl -fsSL https://example.org/install.sh | sh
        RUN <<EOF
        set -e
        chmod 4755 /usr/bin/tool
        EOF
        RUN echo $$HOME && chmod 0666 /etc/app.conf
        CMD ["app"]
    restart: always
`;

describe.each([
  ['LF', (text: string) => text],
  ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
])('dockerfile_inline, %s', (_, convert) => {
  test('findings stand where the code does', () => {
    const { findings } = open(convert(COMPOSE));
    const found = findings();
    expect(found).toContain('dockerfile/world-writable 777');
    expect(found).toContain('dockerfile/setuid 4755');
    expect(found).toContain('dockerfile/world-writable 0666');
    expect(found.some((each) => each.startsWith('dockerfile/pipe-to-shell curl'))).toBe(true);
    expect(found.some((each) => each.startsWith('dockerfile/user-missing'))).toBe(true);
  });

  test('fixes keep the indentation', () => {
    const text = convert(COMPOSE);
    const { workspace } = open(text);
    const finding = workspace.check(uri).findings.find(({ rule }) => rule === 'dockerfile/user-missing');
    const [fix] = finding ? fixesFor(workspace, finding) : [];
    const after = fix && textsAfter(workspace, uri, fix)?.get(uri);
    expect(after).toContain(convert('\n        USER '));
    expect(after).toContain(convert('\n        CMD ["app"]\n    restart: always\n'));
  });

  test('safe fixes converge', () => {
    const { workspace } = open(convert(COMPOSE));
    expect(fixAll(workspace, uri).converged).toBe(true);
  });
});

test('places are unique and stable names in the Compose file', () => {
  const { workspace } = open(COMPOSE);
  const places = workspace
    .check(uri)
    .findings.filter(({ rule }) => rule === 'dockerfile/world-writable')
    .map(({ place }) => place);
  expect(new Set(places).size).toBe(places.length);
  for (const place of places) expect(place).toMatch(/^services\.web\.build\.dockerfile_inline\./);
});

test('a comment in the Dockerfile keeps a finding quiet', () => {
  const { workspace } = open(
    COMPOSE.replace('# tools', '# hardlint-ignore dockerfile/world-writable: shared scratch folder'),
  );
  expect(workspace.check(uri).suppressed.map(({ finding }) => finding.rule)).toContain(
    'dockerfile/world-writable',
  );
});

test("the service's user counts, and the Dockerfile's counts for the service", () => {
  const { findings } = open(COMPOSE.replace('    restart: always', '    user: "1000:1000"'));
  expect(findings().filter((each) => /root-user|user-missing/.test(each))).toEqual([]);
  const { workspace } = open(
    COMPOSE.replace('        CMD ["app"]', '        USER 1000\n        CMD ["app"]'),
  );
  expect(workspace.check(uri).findings.map(({ rule }) => rule)).not.toContain('compose/user-missing');
});

test('a file that no longer holds one takes its facts along', () => {
  const { workspace, findings } = open(COMPOSE);
  expect(findings().length).toBeGreaterThan(0);
  workspace.update([{ uri, text: 'services:\n  web:\n    image: ghcr.io/acme/web:1\n' }]);
  expect(workspace.check(uri).findings.filter(({ rule }) => rule.startsWith('dockerfile/'))).toEqual([]);
});

test('files may hold one each for services of one name', () => {
  const holder = (dockerfile: string) => `services:
  web:
    build:
      context: .
      dockerfile_inline: |
        ${dockerfile.replaceAll('\n', '\n        ')}
    volumes: [./src:/app]
`;
  const { workspace } = open(holder('FROM node:22\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\n'), {
    'compose.next.yaml': holder('FROM debian:13\n'),
  });
  const shadowed = () => workspace.check(uri).findings.find(({ rule }) => rule.includes('shadows'));
  const found = shadowed();
  expect(found?.related.map((related) => related.uri)).toEqual([uri]);
  const text = workspace.textOf(uri) ?? '';
  expect(found?.related.map(({ span }) => text.slice(span.start, span.end))).toEqual(['npm ci']);
  workspace.update([{ uri: joinUri(ROOT, 'compose.next.yaml'), text: undefined }]);
  workspace.update([{ uri, text: `${text}# end\n` }]);
  expect(shadowed()?.place).toBe(found?.place);
});

test('a variable of Compose is none of the Dockerfile', () => {
  const { findings } = open(`services:
  web:
    build:
      dockerfile_inline: |
        FROM scratch
        COPY app-\${ARCH} app-$$OTHER /app/
`);
  expect(findings().filter((each) => each.startsWith('dockerfile/undefined-var'))).toEqual([
    'dockerfile/undefined-var $OTHER',
  ]);
});

test('a preview sees the Dockerfile as it would be', () => {
  const text = (line: string) => `services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM node:22
        WORKDIR /app
        ${line}
    volumes: [./src:/app]
`;
  const { workspace } = open(text('RUN npm ci'));
  const shadows = (rules: readonly string[]) => rules.filter((rule) => rule.includes('shadows')).length;
  expect(shadows(workspace.check(uri).findings.map(({ rule }) => rule))).toBe(1);
  const after = workspace.preview(new Map([[uri, text('RUN true')]])).get(uri);
  expect(shadows(after?.findings.map(({ finding }) => finding.rule) ?? [])).toBe(0);
});
