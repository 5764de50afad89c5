import { describe, expect, test } from 'vitest';
import { at, toyWorkspace } from '../support/toy.ts';

function check(config: string, files: Record<string, string>, path = Object.keys(files)[0] ?? '') {
  return toyWorkspace({ '.hardlint.yaml': config, ...files }).check(at(path));
}

const RED = { 'a.toy': 'color: red\n' };
const LOUD = { 'a.toy': 'loud: 20\n' };

describe('rules', () => {
  test('are turned off', () => {
    expect(check('rules:\n  toy/red: off\n', RED).findings).toEqual([]);
  });

  test('get another severity', () => {
    expect(check('rules:\n  toy/red: info\n', RED).findings).toMatchObject([
      { rule: 'toy/red', severity: 'info' },
    ]);
  });

  test('of low confidence are off in the recommended profile, and turned on by name or by the strict profile', () => {
    expect(check('', LOUD).findings).toEqual([]);
    expect(check('rules:\n  toy/loud: on\n', LOUD).findings).toHaveLength(1);
    expect(check('extends: [strict]\n', LOUD).findings).toHaveLength(1);
  });

  test('get options', () => {
    expect(check('rules:\n  toy/loud: [high, { limit: 30 }]\n', LOUD).findings).toEqual([]);
    expect(check('rules:\n  toy/loud: [high, { limit: 15 }]\n', LOUD).findings).toMatchObject([
      { severity: 'high', message: 'More than 15.' },
    ]);
  });
});

describe('files', () => {
  test('are ignored by a glob, and listed with the reason', () => {
    expect(check('ignore: [legacy]\n', { 'legacy/a.toy': 'color: red\n' }).notAnalysed).toContain(
      'configuration',
    );
  });

  test('have settings of their own', () => {
    const config = 'overrides:\n  - files: ["**/staging/*"]\n    rules:\n      toy/red: low\n';
    const files = { 'x/staging/a.toy': 'color: red\n', 'b.toy': 'color: red\n' };
    expect(check(config, files, 'x/staging/a.toy').findings).toMatchObject([{ severity: 'low' }]);
    expect(check(config, files, 'b.toy').findings).toMatchObject([{ severity: 'high' }]);
  });

  test("named for a developer's machine are judged so, unless the configuration says otherwise", () => {
    const strict = 'extends: [strict]\n';
    expect(check(strict, { 'app.dev.toy': 'loud: 20\n' }).findings).toEqual([]);
    expect(
      check(`${strict}overrides:\n  - files: ["*.dev.toy"]\n    environment: prod\n`, {
        'app.dev.toy': 'loud: 20\n',
      }).findings,
    ).toHaveLength(1);
  });

  test('follow the configuration that is nearest to them', () => {
    const workspace = toyWorkspace({
      '.hardlint.yaml': 'rules:\n  toy/red: off\n',
      'app/.hardlint.yaml': 'rules:\n  toy/red: low\n',
      'app/a.toy': 'color: red\n',
      'b.toy': 'color: red\n',
    });
    expect(workspace.check(at('app/a.toy')).findings).toHaveLength(1);
    expect(workspace.check(at('b.toy')).findings).toEqual([]);
  });
});

describe('extends', () => {
  test('takes what another file says, and asks for its text', () => {
    const workspace = toyWorkspace({
      'app/.hardlint.yaml': 'extends: [../team.yaml]\n',
      'app/a.toy': 'color: red\n',
    });
    expect(workspace.missingConfigs()).toEqual([at('team.yaml')]);
    workspace.update([{ uri: at('team.yaml'), text: 'rules:\n  toy/red: off\n' }]);
    expect(workspace.missingConfigs()).toEqual([]);
    expect(workspace.check(at('app/a.toy')).findings).toEqual([]);
  });

  test('in a circle ends', () => {
    const workspace = toyWorkspace({
      '.hardlint.yaml': 'extends: [./.hardlint.yaml]\nrules:\n  toy/red: low\n',
      ...RED,
    });
    expect(workspace.check(at('a.toy')).findings).toMatchObject([{ severity: 'low' }]);
  });
});

describe('what is wrong in it', () => {
  function problems(config: string) {
    const workspace = toyWorkspace({ '.hardlint.yaml': config });
    return workspace
      .check(at('.hardlint.yaml'))
      .findings.map(({ span, message }) => ({ at: config.slice(span.start, span.end), message }));
  }

  test('an unknown rule is marked and named', () => {
    expect(problems('rules:\n  toy/rad: off\n')).toEqual([
      { at: 'toy/rad', message: 'Unknown rule `toy/rad`.' },
    ]);
  });

  test('an unknown key is marked and named', () => {
    expect(problems('rulez: {}\n')).toEqual([{ at: 'rulez', message: 'Unknown key `rulez`.' }]);
  });

  test('a wrong value is marked', () => {
    expect(problems('rules:\n  toy/red: loud\n')).toMatchObject([{ at: 'loud' }]);
  });

  test('broken YAML is marked', () => {
    expect(problems('rules: [\n')).not.toEqual([]);
  });

  test('leaves the last good version in use', () => {
    const workspace = toyWorkspace({ '.hardlint.yaml': 'rules:\n  toy/red: off\n', ...RED });
    workspace.update([{ uri: at('.hardlint.yaml'), text: 'rules:\n  toy/red: [\n' }]);
    expect(workspace.check(at('a.toy')).findings).toEqual([]);
    expect(workspace.check(at('.hardlint.yaml')).findings).not.toEqual([]);
  });
});
