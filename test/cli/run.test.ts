import { describe, expect, test } from 'vitest';
import { defineRule } from '../../rules/core/rule.ts';
import { extractors, rules } from '../../rules/registry.generated.ts';
import { createMemoryHost } from '../../server/host/memory.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { ONLY_MODE, runCli, SECRET_0444 } from '../support/cli.ts';
import { ROOT, syntaxes } from '../support/workspace.ts';

const FINDING = /^compose\.yaml:9:15 {2}high {6}Secret `key` .* {2}compose\/secret-world-readable$/m;

describe('the exit code', () => {
  const files = { 'compose.yaml': SECRET_0444 };

  test('is 0 where nothing is found', async () => {
    const { code, stdout } = await runCli([], { 'compose.yaml': 'services: {}\n' });
    expect(code).toBe(0);
    expect(stdout).toBe('Clean: nothing was found in 1 file.\n');
  });

  test.each([
    ['none', 0],
    ['critical', 0],
    ['high', 1],
    ['medium', 1],
    ['info', 1],
  ])('with --fail-on %s and a finding at high is %d', async (failOn, expected) => {
    const { code, stdout } = await runCli([...ONLY_MODE, '--fail-on', failOn], files);
    expect(code).toBe(expected);
    expect(stdout).toMatch(FINDING);
  });

  test('is 2 where the configuration is wrong, and everything is reported', async () => {
    const { code, stdout } = await runCli([], {
      ...files,
      '.hardlint.yaml': 'rules:\n  compose/privilegd: off\ncolour: red\n',
    });
    expect(code).toBe(2);
    expect(stdout).toContain('.hardlint.yaml:2:3');
    expect(stdout).toContain('Unknown rule `compose/privilegd`');
    expect(stdout).toContain('Unknown key `colour`');
    expect(stdout).toMatch(FINDING);
  });

  test('is 3 where a rule fails, and all others go on', async () => {
    const bomb = defineRule({
      id: 'test/bomb',
      title: 'There is a bomb',
      kinds: ['compose'],
      severity: 'info',
      confidence: 'high',
      since: '0.1.0',
      docs: { why: '', fix: '', references: [] },
      bad: [],
      good: [],
      check(document) {
        throw new TypeError(`boom at ${document.text}`);
      },
    });
    const catalogue = { rules: [...rules, bomb], extractors, syntaxes };
    const { code, stdout, stderr } = await runCli([], files, { catalogue });
    expect(code).toBe(3);
    expect(stdout).toMatch(FINDING);
    expect(stdout).toContain('The rule test/bomb failed on compose.yaml');
    expect(stderr).toBe('hardlint: the rule test/bomb failed on compose.yaml (TypeError).\n');
    expect((await runCli([], files, { catalogue, env: { HARDLINT_DEBUG: '1' } })).stderr).toContain(
      'boom at',
    );
  });

  test('is 3 where hardlint itself fails, without a stack', async () => {
    const host = { ...createMemoryHost({}), list: () => Promise.reject(new Error('the disk is on fire')) };
    const { code, stderr } = await runCli(['/'], {}, { host: { ...host, kind: async () => 'folder' } });
    expect(code).toBe(3);
    expect(stderr).toContain('hardlint failed: the disk is on fire');
    expect(stderr).not.toContain('    at ');
  });
});

describe('paths', () => {
  const files = {
    'a/compose.yaml': SECRET_0444,
    'b/compose.yaml': SECRET_0444,
    'b/c/compose.yaml': SECRET_0444,
  };
  const filesIn = (stdout: string) => [...stdout.matchAll(/^(\S+):\d+:\d+ /gm)].map((match) => match[1]);

  test('name folders, and output is relative to the current one', async () => {
    expect(filesIn((await runCli([...ONLY_MODE, 'b'], files)).stdout)).toEqual([
      'b/c/compose.yaml',
      'b/compose.yaml',
    ]);
  });

  test('name files; no other file is reported', async () => {
    expect(filesIn((await runCli([...ONLY_MODE, 'b/compose.yaml'], files)).stdout)).toEqual([
      'b/compose.yaml',
    ]);
  });

  test('may overlap; no finding is reported twice', async () => {
    const argv = [...ONLY_MODE, 'b', 'b/c', 'b/compose.yaml', '.'];
    expect(filesIn((await runCli(argv, files)).stdout)).toEqual([
      'a/compose.yaml',
      'b/c/compose.yaml',
      'b/compose.yaml',
    ]);
  });

  test('outside of the current folder are shown from the folder that was named', async () => {
    const { stdout } = await runCli([...ONLY_MODE, '/workspace/b'], files, { cwd: '/elsewhere' });
    expect(filesIn(stdout)).toEqual(['c/compose.yaml', 'compose.yaml']);
  });

  test('that do not exist are refused', async () => {
    const { code, stdout, stderr } = await runCli(['nowhere'], files);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'hardlint: There is no file or folder `nowhere`.\nPaths are seen from the current folder.\n',
    );
  });

  test('a folder with nothing to read is no mistake', async () => {
    const { code, stdout } = await runCli(['docs'], { 'docs/readme.md': '# Hi\n' });
    expect([code, stdout]).toEqual([
      0,
      'Nothing to judge: no file of a kind that hardlint reads was found.\n',
    ]);
  });

  test('a named file of no known kind is listed as not analysed', async () => {
    const { code, stdout } = await runCli(['notes.txt'], { 'notes.txt': 'Hi\n' });
    expect(code).toBe(0);
    expect(stdout).toContain('Not analysed: notes.txt (not a kind of file that hardlint reads)');
  });

  test('a named file is judged with the other files of its repository', async () => {
    const stack = {
      '.git/HEAD': 'ref: refs/heads/main\n',
      'compose.yaml': 'services:\n  web:\n    build: ./web\n',
      'web/Dockerfile': 'FROM scratch\nUSER 1000\nCMD ["/web"]\n',
    };
    const argv = ['--rule', 'compose/user-missing', 'compose.yaml'];
    expect((await runCli(argv, stack)).stdout).toBe('Clean: nothing was found in 1 file.\n');
    const rooted = { ...stack, 'web/Dockerfile': 'FROM scratch\nUSER root\nCMD ["/web"]\n' };
    expect((await runCli(argv, rooted)).stdout).toContain('compose/user-missing');
  });
});

describe('configuration', () => {
  const off = 'rules:\n  compose/secret-world-readable: off\n';
  const isReported = async (argv: string[], files: Record<string, string>) =>
    FINDING.test(
      (await runCli([...argv, '--fail-on', 'none'], files)).stdout.replaceAll('app/compose', 'compose'),
    );

  test('is found beside and above the files, also above the folder that is named', async () => {
    expect(await isReported([], { 'compose.yaml': SECRET_0444 })).toBe(true);
    expect(await isReported([], { 'compose.yaml': SECRET_0444, '.hardlint.yaml': off })).toBe(false);
    expect(await isReported(['app'], { 'app/compose.yaml': SECRET_0444, '.hardlint.yaml': off })).toBe(false);
    expect(await isReported(['app'], { 'app/compose.yaml': SECRET_0444 })).toBe(true);
  });

  test('is taken from --config, with what it extends', async () => {
    const files = {
      'compose.yaml': SECRET_0444,
      'ci/hard.yaml': 'extends: [./base.yaml]\n',
      'ci/base.yaml': off,
    };
    expect(await isReported(['--config', 'ci/hard.yaml'], files)).toBe(false);
  });

  test('that --config names and that does not exist is refused', async () => {
    const { code, stderr } = await runCli(['--config', 'no.yaml'], { 'compose.yaml': SECRET_0444 });
    expect(code).toBe(2);
    expect(stderr).toBe('hardlint: The configuration file `no.yaml` cannot be used: does not exist.\n');
  });

  test('decides on severities, and so on the exit code', async () => {
    const files = {
      'compose.yaml': SECRET_0444,
      '.hardlint.yaml': 'rules:\n  compose/secret-world-readable: low\n',
    };
    const { code, stdout } = await runCli(ONLY_MODE, files);
    expect(code).toBe(0);
    expect(stdout).toContain('compose.yaml:9:15  low ');
  });

  test('--profile strict turns on what is off by default', async () => {
    const strict = rules.filter((rule) => rule.profile === 'strict').map((rule) => rule.id);
    const files = { 'compose.yaml': SECRET_0444 };
    const json = async (...argv: string[]) =>
      JSON.parse((await runCli(['--format', 'json', ...argv], files)).stdout);
    const recommended = await json();
    const all = await json('--profile', 'strict');
    expect([recommended.profile, all.profile]).toEqual(['recommended', 'strict']);
    const ids = (report: { findings: { rule: string }[] }) => report.findings.map((finding) => finding.rule);
    expect(ids(recommended).filter((id) => strict.includes(id))).toEqual([]);
    expect(ids(all).filter((id) => strict.includes(id))).not.toEqual([]);
  });
});

describe('--rule', () => {
  test('shows findings of these rules only', async () => {
    const { stdout } = await runCli([...ONLY_MODE, '--format', 'json'], {
      'compose.yaml': `${SECRET_0444}# hardlint-ignore compose/privileged\n`,
    });
    const found = JSON.parse(stdout).findings.map((finding: { rule: string }) => finding.rule);
    expect(found).toEqual(['compose/secret-world-readable']);
  });

  test("knows the engine's own checks", async () => {
    const { stdout } = await runCli(['--rule', 'hardlint/syntax-error'], {
      'compose.yaml': `${SECRET_0444}volumes: [a\n`,
    });
    expect(stdout).toContain('hardlint/syntax-error');
    expect(stdout).not.toContain('compose/');
  });

  test('refuses an unknown id and names the nearest one', async () => {
    const { code, stderr } = await runCli(['--rule', 'compose/priviledged'], {});
    expect(code).toBe(2);
    expect(stderr).toBe(
      'hardlint: There is no rule `compose/priviledged`.\nDid you mean `compose/privileged`?\n',
    );
  });
});

describe('--output', () => {
  test('writes the report to a file and says so', async () => {
    const { code, stdout, stderr, host } = await runCli(['--output', 'report.json'], {
      'compose.yaml': SECRET_0444,
    });
    expect([code, stdout, stderr]).toEqual([1, '', 'Written to report.json.\n']);
    expect(JSON.parse(host.files.get(joinUri(ROOT, 'report.json')) ?? '').schema).toBe('hardlint-report/1');
  });

  test('says what is wrong where the file cannot be written', async () => {
    const host = createMemoryHost({ [joinUri(ROOT, 'compose.yaml')]: 'services: {}\n' });
    const full = {
      ...host,
      write: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOSPC' })),
    };
    const { code, stderr } = await runCli(['--output', 'x/report.json'], {}, { host: full });
    expect(code).toBe(2);
    expect(stderr).toContain('`x/report.json` cannot be written (ENOSPC)');
  });
});

describe('for people', () => {
  const files = { 'compose.yaml': SECRET_0444 };

  test('findings are lines that a terminal can open, with what they come to', async () => {
    const { stdout } = await runCli(ONLY_MODE, files);
    expect(stdout).toMatch(FINDING);
    expect(stdout).toMatch(
      /\n\nNot hardened yet: 1 high in 1 file\.\n1 finding can be mended with --fix\.\n$/,
    );
  });

  test('--quiet leaves the findings only, and nothing where there are none', async () => {
    expect((await runCli([...ONLY_MODE, '--quiet'], files)).stdout.trimEnd()).toMatch(FINDING);
    expect((await runCli([...ONLY_MODE, '--quiet'], files)).stdout.split('\n')).toHaveLength(2);
    const clean = await runCli(['--quiet'], { 'compose.yaml': 'services: {}\n' });
    expect([clean.stdout, clean.stderr]).toEqual(['', '']);
  });

  test('colours are used on a terminal only, and not where they are not wanted', async () => {
    const coloured = async (argv: string[], options: Parameters<typeof runCli>[2]) =>
      (await runCli([...ONLY_MODE, ...argv], files, options)).stdout.includes('\x1b[');
    expect(await coloured([], { columns: 120 })).toBe(true);
    expect(await coloured([], {})).toBe(false);
    expect(await coloured(['--no-color'], { columns: 120 })).toBe(false);
    expect(await coloured([], { columns: 120, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await coloured([], { env: { FORCE_COLOR: '1' } })).toBe(true);
  });

  test('long messages are broken at the width of the terminal, under their beginning', async () => {
    const { stdout } = await runCli([...ONLY_MODE, '--no-color'], files, { columns: 80 });
    const lines = stdout.split('\n\n')[0]?.split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(
      lines.slice(1).every((line) => line.startsWith(' '.repeat('compose.yaml:9:15  critical  '.length))),
    ).toBe(true);
  });

  test('progress is shown on a terminal only, and is gone at the end', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`s${i}/compose.yaml`, 'services: {}\n']),
    );
    const onTerminal = (await runCli([], many, { stderrIsTty: true })).stderr;
    expect(onTerminal).toMatch(/of 200 files/);
    expect(onTerminal.endsWith('\r\x1b[2K')).toBe(true);
    expect((await runCli([], many)).stderr).toBe('');
    expect((await runCli(['--quiet'], many, { stderrIsTty: true })).stderr).toBe('');
  });

  test('control characters of a file name do not reach the terminal', async () => {
    const { stdout } = await runCli(ONLY_MODE, { 'a\x1b[2J/compose.yaml': SECRET_0444 });
    expect(stdout).toContain('compose/secret-world-readable');
    expect(stdout).not.toContain('\x1b');
  });
});

describe('other commands', () => {
  test('--help names every option and the exit codes', async () => {
    const { code, stdout } = await runCli(['--help'], {});
    expect(code).toBe(0);
    for (const flag of [
      'format',
      'output',
      'fix',
      'dry-run',
      'profile',
      'config',
      'fail-on',
      'rule',
      'explain',
    ])
      expect(stdout).toContain(`--${flag}`);
    for (const flag of ['list-rules', 'quiet', 'no-color', 'version']) expect(stdout).toContain(`--${flag}`);
    expect(stdout).toContain('hardlint lsp --stdio');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('--version', async () => {
    expect((await runCli(['--version'], {})).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('--explain shows the documentation of a rule and of the checks of the engine', async () => {
    const rule = await runCli(['--explain', 'compose/privileged'], {});
    expect(rule.code).toBe(0);
    expect(rule.stdout).toMatch(/^# compose\/privileged\n/);
    expect(rule.stdout).toContain('## Why');
    expect((await runCli(['--explain', 'hardlint/syntax-error'], {})).stdout).toContain('## Why');
  });

  test('--explain of an unknown rule names the nearest one', async () => {
    const { code, stdout, stderr } = await runCli(['--explain', 'privileged'], {});
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Did you mean `compose/privileged`?');
  });

  test('--list-rules lists all of them, as a table or as JSON', async () => {
    const table = (await runCli(['--list-rules'], {})).stdout;
    const list: { rule: string }[] = JSON.parse(
      (await runCli(['--list-rules', '--format', 'json'], {})).stdout,
    );
    for (const { id, title } of rules) {
      expect(table).toMatch(new RegExp(`^${id} .*${title.replace(/[^\w ]/g, '.')}$`, 'm'));
      expect(list.map((entry) => entry.rule)).toContain(id);
    }
  });

  test('lsp starts the server', async () => {
    let started = 0;
    const startServer = () => {
      started++;
    };
    const { code, stdout } = await runCli(['lsp', '--stdio'], {}, { startServer });
    expect([code, stdout, started]).toEqual([0, '', 1]);
  });
});
