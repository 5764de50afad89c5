import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../server/engine/fingerprint.ts';
import { isAtLeast } from '../../server/engine/report.ts';
import {
  areasOf,
  filesOf,
  matrixOf,
  notAnalysedByReason,
  topFixes,
} from '../../server/engine/report-views.ts';
import { toyReport } from '../support/reports.ts';
import { at, bombRule, redRule } from '../support/toy.ts';

describe('a report', () => {
  const report = toyReport(
    {
      'b.toy': '# a comment\ncolor: red\n',
      'a/a.toy': 'color: red\nfriend: nobody\n',
      'c.toy': 'color: red # hardlint-ignore toy/red until 2027-01-31: it is a rose\n',
      'd.toy': 'color: blue\n',
    },
    { notAnalysed: [{ uri: at('x.toy'), reason: 'binary' }] },
  );

  test('counts findings by severity and says it in a sentence', () => {
    expect(report.summary).toEqual({ critical: 0, high: 2, medium: 0, low: 1, info: 0 });
    expect(report.verdict).toBe('Not hardened yet: 2 high, 1 low in 2 of 4 files.');
    expect(report.fileCount).toBe(4);
  });

  test('lists findings by file and place, counted from 1, with paths below the root', () => {
    expect(report.findings.map(({ file, rule, range }) => [file, rule, range])).toEqual([
      ['a/a.toy', 'toy/red', { start: { line: 1, column: 8 }, end: { line: 1, column: 11 } }],
      ['a/a.toy', 'toy/friend', { start: { line: 2, column: 9 }, end: { line: 2, column: 15 } }],
      ['b.toy', 'toy/red', { start: { line: 2, column: 8 }, end: { line: 2, column: 11 } }],
    ]);
  });

  test('lists only fixes that work, with what they change', () => {
    expect(report.findings[0]?.fixes).toEqual([
      {
        title: 'Set the colour to green',
        safety: 'safe',
        changes: [
          {
            file: 'a/a.toy',
            edits: [
              { range: { start: { line: 1, column: 8 }, end: { line: 1, column: 11 } }, text: 'green' },
            ],
          },
        ],
      },
      expect.objectContaining({ title: 'Call it crimson', safety: 'review', risk: 'It is still reddish.' }),
    ]);
  });

  test('says what comments keep quiet and until when', () => {
    expect(report.suppressed).toEqual([
      { finding: expect.objectContaining({ file: 'c.toy' }), reason: 'it is a rose', until: '2027-01-31' },
    ]);
  });

  test('names what was not analysed and which rules failed', () => {
    expect(report.notAnalysed).toEqual([{ file: 'x.toy', reason: 'binary' }]);
    const bombed = toyReport({ 'a.toy': 'bomb: 1\n' }, { rules: [bombRule] });
    expect(bombed.muted).toMatchObject([{ rule: 'toy/bomb', file: 'a.toy' }]);
  });

  test('lists all rules that were on, also those that found nothing', () => {
    const ids = report.rules.map(({ meta }) => meta.id);
    expect(ids).toEqual(
      expect.arrayContaining(['hardlint/syntax-error', 'toy/bomb', 'toy/friend', 'toy/red']),
    );
    expect(ids).toEqual([...ids].sort());
  });

  test('has the severities of the configuration', () => {
    const { findings, rules, summary } = toyReport({
      'a.toy': 'color: red\n',
      '.hardlint.yaml': 'rules:\n  toy/red: info\n',
    });
    expect(summary.info).toBe(1);
    expect(findings[0]?.severity).toBe('info');
    expect(rules.find(({ meta }) => meta.id === 'toy/red')?.severity).toBe('info');
  });

  test.each([
    [{}, 'Nothing to judge: no file of a kind that hardlint reads was found.'],
    [{ 'a.toy': 'color: blue\n' }, 'Clean: nothing was found in 1 file.'],
    [{ 'a.toy': 'friend: x\n' }, 'Hardened: only 1 low in 1 file.'],
    [{ 'a.toy': 'color: [\n' }, 'Nearly hardened: 1 medium in 1 file, none of them high or critical.'],
  ])('of %j says: %s', (files, verdict) => {
    expect(toyReport(files).verdict).toBe(verdict);
  });

  test('is plain data', () => {
    const { rules, ...data } = report;
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
    expect(rules.length).toBeGreaterThan(0);
  });
});

describe('a fingerprint', () => {
  const of = (text: string, path = 'a.toy') => toyReport({ [path]: text }).findings[0]?.fingerprint;

  test('stays when lines, spaces and other findings come and go', () => {
    expect(of('color: red\n')).toMatch(/^[0-9a-f]{16}$/);
    expect(of('# x\n\n\ncolor:    red\n')).toBe(of('color: red\n'));
  });

  test('differs by rule, file and place', () => {
    const all = [
      fingerprintOf('a/b', 'c', 'd'),
      fingerprintOf('a/c', 'c', 'd'),
      fingerprintOf('a/b', 'e', 'd'),
      fingerprintOf('a/b', 'c', 'f'),
      fingerprintOf('a/b', 'cd', ''),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(of('color: red\n', 'b.toy')).not.toBe(of('color: red\n'));
  });

  test('is FNV-1a, so that other tools can compute it', () => {
    // FNV-1a 64 of the bytes "a\nb\nc", computed with arbitrary precision.
    const bytes = new TextEncoder().encode('a\nb\nc');
    let hash = 0xcbf29ce484222325n;
    for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    expect(fingerprintOf('a', 'b', 'c')).toBe(hash.toString(16).padStart(16, '0'));
  });

  test('does not collide over many findings', () => {
    const all = Array.from({ length: 20_000 }, (_, i) =>
      fingerprintOf('compose/x', `f${i % 97}`, `services.s${i}`),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('views', () => {
  const report = toyReport({
    'a.toy': 'color: red\n',
    'b.toy': 'color: red\nfriend: x\n',
    'c.toy': 'color: [\n',
  });

  test('areas come with the worst first', () => {
    expect(areasOf(report).map(({ title, findings }) => [title, findings.length])).toEqual([
      ['Toy', 3],
      ['Files and configuration of hardlint', 1],
    ]);
  });

  test('files keep the order of their findings', () => {
    expect(filesOf(report.findings).map(({ file, findings }) => [file, findings.length])).toEqual([
      ['a.toy', 1],
      ['b.toy', 2],
      ['c.toy', 1],
    ]);
  });

  test('the matrix has every finding once', () => {
    const count = matrixOf(report);
    expect([
      count('high', 'high'),
      count('medium', 'high'),
      count('low', 'high'),
      count('low', 'low'),
    ]).toEqual([2, 1, 1, 0]);
  });

  test('top fixes join what one rule mends in many places', () => {
    expect(
      topFixes(report, 5).map(({ fix, findings, isUniform }) => [fix.title, findings.length, isUniform]),
    ).toEqual([['Set the colour to green', 2, true]]);
    expect(topFixes(report, 0)).toEqual([]);
  });

  test('a safe fix comes before one to review, a severe finding before a mild one', () => {
    const rule = (id: string, severity: 'high' | 'critical', safety: 'safe' | 'review') => ({
      ...redRule,
      id,
      severity,
      check: ((document, context) =>
        redRule.check(document, {
          ...context,
          report: (found) =>
            context.report({
              ...found,
              fixes: () => (found.fixes?.() ?? []).slice(0, 1).map((fix) => fix && { ...fix, safety }),
            }),
        })) as typeof redRule.check,
    });
    const rules = [
      rule('toy/a', 'high', 'review'),
      rule('toy/b', 'high', 'safe'),
      rule('toy/c', 'critical', 'review'),
    ];
    const ordered = topFixes(toyReport({ 'a.toy': 'color: red\n' }, { rules }), 5);
    expect(ordered.map((top) => top.rule)).toEqual(['toy/c', 'toy/b', 'toy/a']);
  });

  test('what was not analysed is joined by its reason', () => {
    const notAnalysed = ['a', 'b', 'c'].map((name) => ({
      uri: at(name),
      reason: name === 'c' ? 'other' : 'binary',
    }));
    expect(notAnalysedByReason(toyReport({}, { notAnalysed }))).toEqual([
      { reason: 'binary', files: ['a', 'b'] },
      { reason: 'other', files: ['c'] },
    ]);
  });
});

test('severities are compared from critical down to info', () => {
  expect([isAtLeast('critical', 'high'), isAtLeast('high', 'high'), isAtLeast('medium', 'high')]).toEqual([
    true,
    true,
    false,
  ]);
});
