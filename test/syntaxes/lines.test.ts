import { describe, expect, test } from 'vitest';
import { indentAt, Lines, lineEndAt, lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';

describe('Lines', () => {
  const text = 'ab\r\nc😀d\n\re';

  test('every offset comes back from its position', () => {
    const lines = new Lines(text);
    for (let offset = 0; offset <= text.length; offset++) {
      expect(lines.offset(lines.position(offset))).toBe(offset);
    }
  });

  test('ends lines at LF, CRLF and a lone CR, and counts UTF-16 units', () => {
    const lines = new Lines(text);
    expect(lines.count).toBe(4);
    expect(lines.position(text.indexOf('d'))).toEqual({ line: 1, column: 3 });
    expect(lines.position(text.indexOf('e'))).toEqual({ line: 3, column: 0 });
  });

  test('clamps what lies outside', () => {
    const lines = new Lines('ab\ncd');
    expect(lines.position(99)).toEqual({ line: 1, column: 2 });
    expect(lines.offset({ line: 9, column: 0 })).toBe(5);
    expect(lines.offset({ line: 0, column: 9 })).toBe(3);
  });

  test('an empty text has one line', () => {
    expect(new Lines('').position(0)).toEqual({ line: 0, column: 0 });
  });
});

describe('around one line', () => {
  const text = 'a\r\n  b c\r\nd';

  test('its start, its end before the line ending, and its indentation', () => {
    const at = text.indexOf('c');
    expect(text.slice(lineStartAt(text, at), lineEndAt(text, at))).toBe('  b c');
    expect(indentAt(text, at)).toBe('  ');
    expect(lineEndAt(text, text.length)).toBe(text.length);
  });

  test('the line ending that the text uses', () => {
    expect(lineEndingOf(text)).toBe('\r\n');
    expect(lineEndingOf('a\nb')).toBe('\n');
    expect(lineEndingOf('')).toBe('\n');
  });
});
