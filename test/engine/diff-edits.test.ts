import { describe, expect, test } from 'vitest';
import { editsBetween } from '../../server/engine/diff-edits.ts';
import { applyEdits } from '../../server/engine/edits.ts';

describe('editsBetween', () => {
  test.each([
    ['nothing', 'a\nb\n', 'a\nb\n', 0],
    ['one word', 'mode: 0444 # x\nb\n', 'mode: 0400 # x\nb\n', 1],
    ['lines that are added', 'a\nb\n', 'a\nx\ny\nb\n', 1],
    ['lines that are removed', 'a\nx\nb\n', 'a\nb\n', 1],
    ['two places', 'a: 1\nb\nc: 1\n', 'a: 2\nb\nc: 2\n', 2],
    ['CRLF', 'a: 1\r\nb\r\n', 'a: 2\r\nb\r\n', 1],
    ['a last line without an ending', 'a\nb', 'a\nc', 1],
    ['characters outside the basic plane', 'x 😀 y\n', 'x 😁 y\n', 1],
    ['an empty text', '', 'a\n', 1],
  ])('turns one text into another: %s', (_, before, after, count) => {
    const edits = editsBetween(before, after);
    expect(applyEdits(before, edits)).toBe(after);
    expect(edits).toHaveLength(count);
  });

  test('touches no more than what differs', () => {
    expect(editsBetween('a\nmode: 0444 # x\n', 'a\nmode: 0400 # x\n')).toEqual([
      { span: { start: 10, end: 12 }, text: '00' },
    ]);
  });

  test('never cuts a character or a line ending in two', () => {
    const [edit] = editsBetween('😀\r\n', '😁\r\n');
    expect(edit).toEqual({ span: { start: 0, end: 2 }, text: '😁' });
    const [ending] = editsBetween('a\r\n', 'a\n');
    expect(ending?.span).toEqual({ start: 1, end: 3 });
  });
});
