import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { SEVERITIES } from '../rules/core/rule.ts';
import { fixesFor } from '../server/engine/fix.ts';
import { relativePath } from '../syntaxes/uri.ts';
import { examples, openFolder, runIn } from './support/example.ts';

const temporary: string[] = [];
afterEach(() => {
  for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the stack as the reviews found it', () => {
  const expected = expectedFindings();

  test('has at least 40 findings that the reviews name', () => {
    expect(expected.length).toBeGreaterThanOrEqual(40);
  });

  test('yields every one of them', async () => {
    const { workspace, root } = await openFolder(join(examples, 'rag-stack'));
    const found = workspace.uris().flatMap((uri) => workspace.check(uri).findings);
    const keys = new Set(
      found.map((finding) => `${relativePath(root, finding.uri)} ${finding.rule} ${finding.place}`),
    );
    expect(expected.filter((key) => !keys.has(key))).toEqual([]);
  });

  test('has nothing left to mend safely after --fix, and a second --fix changes nothing', async () => {
    const folder = copyOf('rag-stack');
    await runIn(folder, ['--fix', '--fail-on', 'none']);
    const once = textsBelow(folder);
    const { workspace } = await openFolder(folder);
    const left = workspace
      .uris()
      .flatMap((uri) =>
        workspace
          .check(uri)
          .findings.filter((finding) => fixesFor(workspace, finding).some((fix) => fix.safety === 'safe')),
      );
    expect(left.map((finding) => `${finding.rule} ${finding.place}`)).toEqual([]);
    await runIn(folder, ['--fix', '--fail-on', 'none']);
    expect(textsBelow(folder)).toEqual(once);
  });

  test.each(['\n', '\r\n'])(
    'keeps comments, quotes, anchors and line endings (%j) when it is mended',
    async (eol) => {
      const folder = copyOf('rag-stack', (text) => text.replaceAll(/\r?\n/g, eol));
      const before = textsBelow(folder);
      await runIn(folder, ['--fix', '--fail-on', 'none']);
      const after = textsBelow(folder);
      expect(after).not.toEqual(before);
      const { workspace } = await openFolder(folder);
      for (const uri of workspace.uris()) expect(workspace.document(uri)?.problems ?? [], uri).toEqual([]);
      for (const [path, text] of Object.entries(after)) {
        for (const comment of (before[path] ?? '').match(/^\s*#.*$/gm) ?? [])
          expect(text, path).toContain(comment.trim());
        if (eol === '\r\n') expect(text, path).not.toMatch(/[^\r]\n/);
        else expect(text, path).not.toContain('\r');
      }
    },
  );
});

test('the stack mended has nothing at medium or above', async () => {
  const { workspace } = await openFolder(join(examples, 'rag-stack-hardened'));
  expect(workspace.uris().length).toBeGreaterThanOrEqual(8);
  const found = workspace.uris().flatMap((uri) => workspace.check(uri).findings);
  const serious = found.filter(
    (finding) => SEVERITIES.indexOf(finding.severity) <= SEVERITIES.indexOf('medium'),
  );
  expect(serious.map((finding) => `${finding.rule} ${finding.place}: ${finding.message}`)).toEqual([]);
});

test('the command line gives the findings that the engine gives', async () => {
  const folder = join(examples, 'rag-stack');
  const { stdout } = await runIn(folder, ['--format', 'json', '--fail-on', 'none']);
  const printed: string[] = JSON.parse(stdout).findings.map(
    (finding: { file: string; rule: string; place: string }) =>
      `${finding.file} ${finding.rule} ${finding.place}`,
  );
  const { workspace, root } = await openFolder(folder);
  const known = workspace
    .uris()
    .flatMap((uri) =>
      workspace
        .check(uri)
        .findings.map((finding) => `${relativePath(root, uri)} ${finding.rule} ${finding.place}`),
    );
  expect(printed.sort()).toEqual(known.sort());
});

/** The rows of EXPECTED.md as `file rule place`. */
function expectedFindings(): string[] {
  const table = readFileSync(join(examples, 'rag-stack/EXPECTED.md'), 'utf8');
  return [...table.matchAll(/^\| (\S+) \| (\w+\/[\w-]+) \| `([^`]+)` \|/gm)].map(
    ([, file, rule, place]) => `${file} ${rule} ${place}`,
  );
}

function copyOf(name: string, convert: (text: string) => string = (text) => text): string {
  const folder = mkdtempSync(join(tmpdir(), 'hardlint-test-'));
  temporary.push(folder);
  cpSync(join(examples, name), folder, { recursive: true });
  for (const path of Object.keys(textsBelow(folder)))
    writeFileSync(join(folder, path), convert(readFileSync(join(folder, path), 'utf8')));
  return folder;
}

function textsBelow(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => statSync(join(folder, path)).isFile() && !path.endsWith('.md'),
  );
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
