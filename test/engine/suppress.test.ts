import { describe, expect, test } from 'vitest';
import { at, toyWorkspace } from '../support/toy.ts';

function check(text: string) {
  const { findings, suppressed } = toyWorkspace({ 'a.toy': text }).check(at('a.toy'));
  return { rules: findings.map((finding) => finding.rule), findings, suppressed };
}

describe('a suppression with a reason', () => {
  test.each([
    ['on the line above', '# hardlint-ignore toy/red: a brand\ncolor: red\n'],
    ['on the same line', 'color: red # hardlint-ignore toy/red: a brand\n'],
    ['above other comments', '# hardlint-ignore toy/red: a brand\n# more\n\ncolor: red\n'],
    ['for the whole file', 'x: 1\n\ny: 2\ncolor: red\n# hardlint-ignore-file toy/red: a brand\n'],
    ['until a day to come', '# hardlint-ignore toy/red until 2027-01-31: a brand\ncolor: red\n'],
    ['with CRLF', '# hardlint-ignore toy/red: a brand\r\ncolor: red\r\n'],
  ])('%s keeps the finding quiet', (_, text) => {
    const { rules, suppressed } = check(text);
    expect(rules).toEqual([]);
    expect(suppressed).toMatchObject([{ finding: { rule: 'toy/red' }, reason: 'a brand' }]);
  });

  test('of several rules keeps each of them quiet', () => {
    expect(check('# hardlint-ignore toy/red, toy/friend: a brand\n{color: red, friend: x}\n').rules).toEqual(
      [],
    );
  });

  test('does not reach the line after the next', () => {
    expect(check('# hardlint-ignore toy/red: a brand\nx: 1\ncolor: red\n').rules).toEqual([
      'hardlint/suppression-unused',
      'toy/red',
    ]);
  });
});

describe('a suppression that is wrong', () => {
  test('without a reason has no effect and is a finding', () => {
    expect(check('# hardlint-ignore toy/red\ncolor: red\n').rules).toEqual([
      'hardlint/suppression-without-reason',
      'toy/red',
    ]);
  });

  test('with the placeholder left in place of a reason has no effect', () => {
    const text = '# hardlint-ignore toy/red: say why\ncolor: red\n';
    expect(check(text).rules).toEqual(['hardlint/suppression-without-reason', 'toy/red']);
  });

  test('that has expired lets the finding return and quotes the promise', () => {
    const { rules, findings } = check(
      '# hardlint-ignore toy/red until 2026-11-23: new logo next week\ncolor: red\n',
    );
    expect(rules).toEqual(['hardlint/suppression-expired', 'toy/red']);
    expect(findings[0]?.message).toContain('new logo next week');
  });

  test('on its last day still holds', () => {
    expect(check('# hardlint-ignore toy/red until 2026-11-24: a brand\ncolor: red\n').rules).toEqual([]);
  });

  test('with a date that is none has no effect', () => {
    expect(check('# hardlint-ignore toy/red until tomorrow: a brand\ncolor: red\n').rules).toEqual([
      'hardlint/suppression-expired',
      'toy/red',
    ]);
  });

  test('of an unknown rule is a finding on the id', () => {
    const text = '# hardlint-ignore toy/rad: a brand\ncolor: red\n';
    const { findings } = check(text);
    const unknown = findings.find((finding) => finding.rule === 'hardlint/suppression-unknown-rule');
    expect(unknown && text.slice(unknown.span.start, unknown.span.end)).toBe('toy/rad');
  });

  test('with nothing to suppress is a finding', () => {
    expect(check('# hardlint-ignore toy/red: a brand\ncolor: blue\n').rules).toEqual([
      'hardlint/suppression-unused',
    ]);
  });

  test('of a rule that did not run is not called unused', () => {
    expect(check('# hardlint-ignore toy/loud: a party\ncolor: blue\n').rules).toEqual([]);
  });
});
