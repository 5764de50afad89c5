import { describe, expect, test } from 'vitest';
import type { Severity } from '../../rules/core/rule.ts';
import type { Finding } from '../../server/engine/finding.ts';
import { groupFindings } from '../../server/engine/rollup.ts';

function finding(item: string, options: { key?: string; start?: number; severity?: Severity } = {}): Finding {
  const { key, start = 0, severity = 'low' } = options;
  return {
    rule: `toy/${item}`,
    uri: 'file:///a',
    span: { start, end: start + 3 },
    message: `No ${item}.`,
    place: item,
    severity,
    confidence: 'high',
    related: [],
    ...(key && { rollup: { key, noun: 'service', subject: `\`${key}\``, item } }),
  };
}

const messages = (findings: readonly Finding[]) => groupFindings(findings).map((group) => group.message);

describe('groupFindings', () => {
  test('puts together what has one key on one span, the worst first, in the order of the first', () => {
    const [group, alone, ...rest] = groupFindings([
      finding('a', { key: 'web' }),
      finding('b'),
      finding('c', { key: 'web', severity: 'high' }),
    ]);
    expect(group).toMatchObject({ severity: 'high', message: '`web` lacks 2 hardening keys: c, a' });
    expect(group?.findings.map(({ rule }) => rule)).toEqual(['toy/c', 'toy/a']);
    expect(alone).toMatchObject({ message: 'No b.' });
    expect(rest).toEqual([]);
  });

  test('leaves apart what has another key, another span or none', () => {
    const findings = [
      finding('a', { key: 'web' }),
      finding('b', { key: 'db' }),
      finding('c', { key: 'web', start: 9 }),
      finding('d'),
      finding('e'),
    ];
    expect(messages(findings)).toEqual(findings.map(({ message }) => message));
  });

  test('names as many things as fit into 160 characters and counts the rest', () => {
    const items = Array.from({ length: 40 }, (_, i) => finding(`thing-${i + 10}`, { key: 'web' }));
    const [message = ''] = messages(items);
    expect(message.length).toBeLessThanOrEqual(160);
    const [, shown = '', rest] = /^`web` lacks 40 hardening keys: (.*) and (\d+) more$/.exec(message) ?? [];
    expect(shown.split(', ').length + Number(rest)).toBe(40);
  });

  test('stays short for a subject that is not', () => {
    const key = 'x'.repeat(300);
    const [message = ''] = messages([finding('a', { key }), finding('b', { key })]);
    expect(message.length).toBeLessThanOrEqual(160);
  });
});
