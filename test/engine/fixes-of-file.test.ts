import { describe, expect, test } from 'vitest';
import { defineRule, type Edit } from '../../rules/core/rule.ts';
import { fixesFor } from '../../server/engine/fix.ts';
import { findingKey, fixesOfFile } from '../../server/engine/fixes-of-file.ts';
import type { Workspace } from '../../server/engine/workspace.ts';
import { at, toyWorkspace } from '../support/toy.ts';

/** Each `bad` is a smell, found by its number; its fixes are what the test wants for that number. */
function badRule(editsOf: (index: number, span: Edit['span'], text: string) => readonly Edit[][]) {
  return defineRule({
    id: 'toy/bad',
    title: 'Bad',
    kinds: ['appconfig'],
    severity: 'low',
    confidence: 'high',
    since: '0.1.0',
    docs: { why: '', fix: '', references: [] },
    bad: [],
    good: [],
    check({ text }, context) {
      for (const match of text.matchAll(/bad(\d+)/g)) {
        const span = { start: match.index, end: match.index + match[0].length };
        const fixes = () =>
          editsOf(Number(match[1]), span, text).map((edits, i) => ({
            title: `fix ${i}`,
            safety: 'safe' as const,
            edits,
          }));
        context.report({ span, message: 'Bad.', place: match[0], fixes });
      }
    },
  });
}

const TEXT = Array.from({ length: 40 }, (_, i) => `k${i}: bad${i}\n`).join('');
const good = (span: Edit['span']) => [{ span, text: 'good' }];

function compare(workspace: Workspace): void {
  const uri = at('a.toy');
  const { findings } = workspace.check(uri);
  const together = fixesOfFile(workspace, uri, findings);
  for (const finding of findings)
    expect(together.get(findingKey(finding))).toEqual(fixesFor(workspace, finding));
}

describe('fixes of many findings, tried together, are those that work alone', () => {
  test('where all work', () => {
    const workspace = toyWorkspace(
      { 'a.toy': TEXT },
      { rules: [badRule((_, span) => [good(span), good(span)])] },
    );
    compare(workspace);
    expect(
      fixesOfFile(workspace, at('a.toy'), [{ rule: 'toy/bad', place: 'bad7' }]).get('toy/bad bad7'),
    ).toHaveLength(2);
  });

  test('where some break the file, some do nothing and some have none', () => {
    const rule = badRule((index, span) => {
      if (index % 7 === 0) return [[{ span, text: '[unclosed' }], good(span)];
      if (index % 5 === 0) return [[{ span, text: `bad${index}` }]];
      return index % 3 === 0 ? [] : [good(span)];
    });
    compare(toyWorkspace({ 'a.toy': TEXT }, { rules: [rule] }));
  });

  test('where all start at one place', () => {
    const rule = badRule((_, span) => [[{ span: { start: 0, end: 0 }, text: '# x\n' }, ...good(span)]]);
    compare(toyWorkspace({ 'a.toy': TEXT }, { rules: [rule] }));
  });

  test('where some change other files', () => {
    const rule = badRule((index, span) => [
      index % 2 === 0
        ? [...good(span), { span: { start: 0, end: 0 }, text: '# x\n', uri: at('b.toy') }]
        : good(span),
    ]);
    compare(toyWorkspace({ 'a.toy': TEXT, 'b.toy': 'name: b\n' }, { rules: [rule] }));
  });
});

test('trying together takes far fewer checks of the file than trying apart', () => {
  let checks = 0;
  const rule = badRule((_, span) => [good(span)]);
  const counting = {
    ...rule,
    check: ((document, context) => {
      checks++;
      rule.check(document, context);
    }) as typeof rule.check,
  };
  const workspace = toyWorkspace({ 'a.toy': TEXT }, { rules: [counting] });
  const { findings } = workspace.check(at('a.toy'));
  checks = 0;
  fixesOfFile(workspace, at('a.toy'), findings);
  expect(checks).toBeLessThan(5);
});
