import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../server/engine/edits.ts';
import { fixAll, fixesFor } from '../../server/engine/fix.ts';
import { at, toyWorkspace } from '../support/toy.ts';

const red = { uri: at('a.toy'), rule: 'toy/red', place: 'color' };

describe('fixesFor', () => {
  test('offers only what works: not what breaks the file and not what changes nothing', () => {
    const workspace = toyWorkspace({ 'a.toy': 'color: red\n' });
    expect(fixesFor(workspace, red).map((fix) => fix.title)).toEqual([
      'Set the colour to green',
      'Call it crimson',
    ]);
  });

  test('a finding that is gone has no fixes', () => {
    expect(fixesFor(toyWorkspace({ 'a.toy': 'color: blue\n' }), red)).toEqual([]);
  });
});

describe('fixAll', () => {
  test('applies safe fixes and leaves every other byte alone', () => {
    const text = '# a\r\ncolor:   red   # why\r\nb: "x"\r\n';
    const result = fixAll(toyWorkspace({ 'a.toy': text }), at('a.toy'));
    expect(result).toEqual({ text: text.replace('red', 'green'), fixed: 1, converged: true });
  });

  test('leaves suppressed findings alone', () => {
    const text = '# hardlint-ignore toy/red: it is a brand\ncolor: red\n';
    expect(fixAll(toyWorkspace({ 'a.toy': text }), at('a.toy')).text).toBe(text);
  });

  test('a second run changes nothing', () => {
    const once = fixAll(toyWorkspace({ 'a.toy': 'color: red\n' }), at('a.toy')).text;
    expect(fixAll(toyWorkspace({ 'a.toy': once }), at('a.toy'))).toEqual({
      text: once,
      fixed: 0,
      converged: true,
    });
  });

  test('takes only what the filter lets through', () => {
    const result = fixAll(toyWorkspace({ 'a.toy': 'color: red\n' }), at('a.toy'), {
      filter: (finding) => finding.rule !== 'toy/red',
    });
    expect(result.fixed).toBe(0);
  });
});

describe('applyEdits', () => {
  test('keeps the order of insertions at one place', () => {
    const insertion = { start: 1, end: 1 };
    expect(
      applyEdits('ab', [
        { span: insertion, text: '1' },
        { span: insertion, text: '2' },
      ]),
    ).toBe('a12b');
  });

  test.each(['\n', '\r\n'])('keeps on a line what is put into it, whatever else comes there, %j', (eol) => {
    const edits = [`${eol}  b: 2`, 'x', `${eol}  c: 3`, 'y'].map((text) => ({
      span: { start: 5, end: 5 },
      text,
    }));
    expect(applyEdits('a: "1', edits)).toBe(`a: "1xy${eol}  b: 2${eol}  c: 3`);
    const before = ['"', `b: 2${eol}`].map((text) => ({ span: { start: 0, end: 0 }, text }));
    expect(applyEdits('a": 1', before)).toBe(`b: 2${eol}"a": 1`);
  });

  test('refuses edits that overlap or lie outside', () => {
    expect(
      applyEdits('abcd', [
        { span: { start: 0, end: 2 }, text: '' },
        { span: { start: 1, end: 3 }, text: '' },
      ]),
    ).toBeUndefined();
    expect(applyEdits('ab', [{ span: { start: 1, end: 9 }, text: '' }])).toBeUndefined();
  });
});
