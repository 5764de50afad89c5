import { describe, expect, test } from 'vitest';
import { parseCommand, type ScanArgs } from '../../server/cli/args.ts';
import { nearestWord } from '../../server/cli/suggest.ts';
import { UsageError } from '../../server/cli/usage-error.ts';

function scanOf(...argv: string[]): ScanArgs {
  const command = parseCommand(argv);
  if (command.name !== 'scan') throw new Error(`not a scan: ${command.name}`);
  return command.scan;
}

function errorOf(...argv: string[]): UsageError {
  try {
    parseCommand(argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error('no usage error');
}

describe('a scan', () => {
  test('without arguments checks the current folder, for people', () => {
    expect(scanOf()).toEqual({
      paths: ['.'],
      format: 'pretty',
      fix: 'none',
      profile: 'recommended',
      failOn: 'medium',
      fileModes: false,
      quiet: false,
      color: true,
    });
  });

  test('takes every option', () => {
    expect(
      scanOf(
        ...[
          'a',
          'b',
          '--format',
          'sarif',
          '--output',
          'x',
          '--fix',
          '--profile',
          'strict',
          '--config',
          'c.yaml',
        ],
        ...['--fail-on', 'none', '--rule', 'x/y', '--rule', 'x/z', '--file-modes', '--quiet', '--no-color'],
      ),
    ).toEqual({
      paths: ['a', 'b'],
      format: 'sarif',
      output: 'x',
      fix: 'write',
      profile: 'strict',
      config: 'c.yaml',
      failOn: 'none',
      rules: ['x/y', 'x/z'],
      fileModes: true,
      quiet: true,
      color: false,
    });
  });

  test('writes nothing with --dry-run, also beside --fix', () => {
    expect(scanOf('--dry-run').fix).toBe('diff');
    expect(scanOf('--fix', '--dry-run').fix).toBe('diff');
  });

  test.each([
    ['out.json', 'json'],
    ['out.sarif', 'sarif'],
    ['out.md', 'markdown'],
    ['OUT.HTML', 'html'],
    ['out.txt', 'pretty'],
    ['out', 'pretty'],
  ])('writes %s as %s', (output, format) => {
    expect(scanOf('--output', output).format).toBe(format);
  });

  test('prefers --format to the ending of --output', () => {
    expect(scanOf('-o', 'out.json', '--format', 'sarif').format).toBe('sarif');
  });
});

describe('other commands', () => {
  test.each([
    [['--help'], { name: 'help' }],
    [['-h', 'x'], { name: 'help' }],
    [['help'], { name: 'help' }],
    [['--version'], { name: 'version' }],
    [['lsp', '--stdio'], { name: 'lsp' }],
    [['lsp'], { name: 'lsp' }],
    [['--explain', 'x/y'], { name: 'explain', rule: 'x/y' }],
    [['--list-rules'], { name: 'list-rules', format: 'pretty' }],
    [['--list-rules', '--format', 'json'], { name: 'list-rules', format: 'json' }],
  ])('%j', (argv, command) => {
    expect(parseCommand(argv)).toEqual(command);
  });
});

describe('what does not make sense is refused with a hint', () => {
  test.each([
    [['--profil', 'strict'], '--profil', '--profile'],
    [['--formt=json'], '--formt', '--format'],
    [['--format', 'jsn'], 'jsn', 'json'],
    [['--fail-on', 'hihg'], 'hihg', 'high'],
    [['--profile', 'paranoid'], 'paranoid', 'recommended, strict'],
    [['--frobnicate'], '--frobnicate', '--help'],
    [['-x'], '-x', '--help'],
    [['--format'], '--format', '--help'],
    [['--fix=yes'], '--fix', '--help'],
    [['--stdio'], '--stdio', 'hardlint lsp --stdio'],
    [['lsp', 'src'], 'hardlint lsp', 'editor'],
  ])('%j', (argv, named, hint) => {
    const error = errorOf(...argv);
    expect(error.message).toContain(`\`${named}`);
    expect(error.hint).toContain(hint);
  });
});

test('the nearest word is one that a typing mistake leads to, or none', () => {
  const known = ['compose/privileged', 'compose/root-user', 'dockerfile/root-user'];
  expect(nearestWord('compose/priviledged', known)).toBe('compose/privileged');
  expect(nearestWord('privileged', known)).toBe('compose/privileged');
  expect(nearestWord('Compose/Root-User', known)).toBe('compose/root-user');
  expect(nearestWord('something/else-entirely', known)).toBeUndefined();
});
