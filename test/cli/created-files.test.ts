import { describe, expect, test } from 'vitest';
import { areaRules } from '../support/area-rules.ts';
import { runCli } from '../support/cli.ts';
import { syntaxes } from '../support/workspace.ts';

const FILES = { 'app/Dockerfile': 'FROM scratch\nCOPY . .\nRUN BAD NOTES\n' };
const catalogue = { rules: areaRules, extractors: [], syntaxes };

const runOver = (...argv: string[]) => runCli(argv, FILES, { catalogue });

describe('a fix that makes a file', () => {
  test('is left to the editor by --fix', async () => {
    const { host, stderr } = await runOver('--fix');
    expect(Object.fromEntries(host.files)).toEqual({
      'file:///workspace/app/Dockerfile': 'FROM scratch\nCOPY . .\nRUN bad NOTES\n',
    });
    expect(stderr).toContain('Mended 1 finding in 1 file.');
    expect((await runOver('--dry-run')).stdout).not.toContain('notes.txt');
  });

  test('is named in JSON', async () => {
    const { stdout } = await runOver('--format', 'json');
    const fixes = JSON.parse(stdout).findings.flatMap(
      (finding: { readonly fixes: readonly { readonly title: string }[] }) => finding.fixes,
    );
    expect(fixes).toContainEqual({
      title: 'Write a .dockerignore',
      safety: 'review',
      risk: 'The build may need what it passes over.',
      verify: 'docker build .',
    });
  });

  test('is a change of the new file in SARIF', async () => {
    const { stdout } = await runOver('--format', 'sarif');
    const changes = JSON.parse(stdout)
      .runs[0].results.flatMap(({ fixes }: { readonly fixes?: readonly object[] }) => fixes ?? [])
      .flatMap(({ artifactChanges }: { readonly artifactChanges: readonly object[] }) => artifactChanges);
    const deletedRegion = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
    expect(changes).toContainEqual({
      artifactLocation: { uri: 'app/.dockerignore', uriBaseId: '%SRCROOT%' },
      replacements: ['.git\n', '.env\n'].map((text) => ({ deletedRegion, insertedContent: { text } })),
    });
  });

  test.each(['pretty', 'markdown', 'html', 'github'])('breaks nothing in %s', async (format) => {
    const { code, stdout } = await runOver('--fail-on', 'low', '--format', format);
    expect(code).toBe(1);
    expect(stdout).toContain('Everything is copied.');
  });
});
