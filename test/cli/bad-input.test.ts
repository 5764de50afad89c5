import { describe, expect, test } from 'vitest';
import { joinUri } from '../../syntaxes/uri.ts';
import { runCli, SECRET_0444 } from '../support/cli.ts';
import { ROOT } from '../support/workspace.ts';

/* What is wrong with one file costs that file only: it is named with a reason, and all others are reported as ever. */

const GOOD = { 'good/compose.yaml': SECRET_0444 };

interface JsonReport {
  readonly findings: readonly { readonly rule: string; readonly file: string; readonly message: string }[];
  readonly notAnalysed: readonly { readonly file: string; readonly reason: string }[];
}

async function reportOf(
  files: Record<string, string>,
  options: Parameters<typeof runCli>[2] = {},
): Promise<JsonReport & { readonly code: number }> {
  const { code, stdout } = await runCli(['--format', 'json'], { ...GOOD, ...files }, options);
  const report: JsonReport = JSON.parse(stdout);
  expect(report.findings.some(({ file }) => file === 'good/compose.yaml')).toBe(true);
  return { ...report, code };
}

const rulesIn = (report: JsonReport, file: string) =>
  report.findings.filter((finding) => finding.file === file).map((finding) => finding.rule);

describe('bad input', () => {
  test('broken YAML: the place is reported, and what could be read is judged', async () => {
    const broken = `${SECRET_0444.replace('    secrets:', '    privileged: true\n    secrets:')}volumes: {a: [b\n`;
    const report = await reportOf({ 'compose.yaml': broken });
    expect(rulesIn(report, 'compose.yaml')).toEqual(
      expect.arrayContaining([
        'hardlint/syntax-error',
        'compose/secret-world-readable',
        'compose/privileged',
      ]),
    );
  });

  test('an unfinished Dockerfile', async () => {
    const report = await reportOf({ Dockerfile: 'FROM python:latest\nRUN pip install \\\n' });
    expect(rulesIn(report, 'Dockerfile')).toContain('dockerfile/image-latest');
    expect((await reportOf({ Dockerfile: 'FROM' })).code).toBe(1);
    expect((await reportOf({ Dockerfile: '' })).code).toBe(1);
  });

  test('a file that the host cannot read is named with the reason', async () => {
    const unreadable = {
      [joinUri(ROOT, 'compose.big.yaml')]: 'larger than 2 MiB',
      [joinUri(ROOT, 'compose.bin.yaml')]: 'binary',
      [joinUri(ROOT, 'logo.png')]: 'binary',
    };
    const report = await reportOf({}, { hostOptions: { unreadable } });
    // What nobody would read is not missed.
    expect(report.notAnalysed).toEqual([
      { file: 'compose.big.yaml', reason: 'larger than 2 MiB' },
      { file: 'compose.bin.yaml', reason: 'binary' },
    ]);
  });

  test('an unreadable folder is named', async () => {
    const skipped = [{ uri: joinUri(ROOT, 'private'), reason: 'folder is not readable: permission denied' }];
    const report = await reportOf({}, { hostOptions: { skipped } });
    expect(report.notAnalysed).toEqual([
      { file: 'private', reason: 'folder is not readable: permission denied' },
    ]);
  });

  test('an unknown key in the configuration is reported in its place; the rest of the run goes on', async () => {
    const report = await reportOf({ '.hardlint.yaml': 'ruels: {}\n' });
    expect(report.code).toBe(2);
    expect(rulesIn(report, '.hardlint.yaml')).toEqual(['hardlint/config-invalid']);
  });

  test('a configuration that is no YAML', async () => {
    const report = await reportOf({ '.hardlint.yaml': 'rules: [\n' });
    expect(report.code).toBe(2);
    expect(rulesIn(report, '.hardlint.yaml')).toContain('hardlint/config-invalid');
  });

  test('a configuration that extends a file that is missing, and two that extend each other', async () => {
    const missing = await reportOf({ '.hardlint.yaml': 'extends: [./team.yaml]\n' });
    expect(missing.notAnalysed).toEqual([{ file: 'team.yaml', reason: 'does not exist' }]);
    const circle = await reportOf({
      '.hardlint.yaml': 'extends: [./a.yaml]\n',
      'a.yaml': 'extends: [./b.yaml]\n',
      'b.yaml': 'extends: [./a.yaml]\n',
    });
    expect(circle.code).toBe(1);
  });

  test('files that the configuration ignores are named', async () => {
    const report = await reportOf({ '.hardlint.yaml': 'ignore: [old]\n', 'old/compose.yaml': SECRET_0444 });
    expect(report.notAnalysed).toEqual([
      { file: 'old/compose.yaml', reason: 'ignored by the configuration' },
    ]);
  });

  test('a template is named and not judged', async () => {
    const report = await reportOf({
      'chart/templates/compose.yaml':
        '{{- if .Values.on }}\nservices:\n  web: {{ toYaml .Values.web }}\n{{- end }}\n',
    });
    expect(rulesIn(report, 'chart/templates/compose.yaml')).toEqual([]);
  });

  test.each([
    ['lone surrogates', 'services:\n  "\ud800": {image: "a\udfff"}\n'],
    ['control characters', 'services:\n  w\x00b:\n    image: \x07\n'],
    ['one long line', `services: {${'a: {image: b}, '.repeat(2000)}}\n`],
    ['deep nesting', `a: ${'['.repeat(3000)}`],
    ['tabs', 'services:\n\tweb:\n\t\timage: a\n'],
    ['no line ending at the end', 'services:\n  web:\n    image: a'],
    ['nothing', ''],
    ['only a byte order mark', '\ufeff'],
  ])('a Compose file with %s', async (_, text) => {
    const report = await reportOf({ 'compose.yaml': text });
    expect(report.code).toBe(1);
  });
});
