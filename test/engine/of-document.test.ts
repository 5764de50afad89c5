import { expect, test } from 'vitest';
import { defineRule, type Rule } from '../../rules/core/rule.ts';
import { at, nameFacts, toyWorkspace } from '../support/toy.ts';

/** Reports how many names the workspace has, which it works out together with every other rule of its kind. */
function counting(id: string, made: string[]): Rule {
  return defineRule({
    id,
    title: 'Names are counted',
    kinds: ['appconfig'],
    severity: 'info',
    confidence: 'high',
    since: '0.1.0',
    docs: { why: 'A toy.', fix: 'Play.', references: [] },
    bad: [],
    good: [],
    check(document, context) {
      const count = context.facts.ofDocument(document, 'count', (facts) => {
        made.push(document.uri);
        return facts.all(nameFacts).length;
      });
      context.report({ span: { start: 0, end: 0 }, message: `${count} names.`, place: 'count' });
    },
  });
}

test('what rules work out of one document together is made once, and again for both when a fact differs', () => {
  const made: string[] = [];
  const rules = [counting('toy/one', made), counting('toy/two', made)];
  const workspace = toyWorkspace({ 'a.toy': 'x: 1\n', 'b.toy': 'name: bob\n' }, { rules });
  const messages = () => workspace.check(at('a.toy')).findings.map((finding) => finding.message);
  expect(messages()).toEqual(['1 names.', '1 names.']);
  expect(made).toEqual([at('a.toy')]);
  workspace.update([{ uri: at('b.toy'), text: '# a comment\nname: bob\n' }]);
  expect(messages()).toEqual(['1 names.', '1 names.']);
  expect(made).toHaveLength(1);
  workspace.update([{ uri: at('c.toy'), text: 'name: carol\n' }]);
  expect(messages()).toEqual(['2 names.', '2 names.']);
  expect(made).toEqual([at('a.toy'), at('a.toy')]);
});

test('it is made anew for a new version of the document', () => {
  const made: string[] = [];
  const workspace = toyWorkspace({ 'a.toy': 'x: 1\n' }, { rules: [counting('toy/one', made)] });
  workspace.check(at('a.toy'));
  workspace.update([{ uri: at('a.toy'), text: 'x: 2\n' }]);
  workspace.check(at('a.toy'));
  expect(made).toHaveLength(2);
});
