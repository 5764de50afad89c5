import { describe, expect, test } from 'vitest';
import { at, friendRule, redRule, toyWorkspace } from '../support/toy.ts';

const idsOf = (findings: readonly { readonly rule: string }[]) => findings.map((finding) => finding.rule);

describe('facts', () => {
  test('a finding comes and goes with what another file says', () => {
    const workspace = toyWorkspace({ 'a.toy': 'friend: bob\n' });
    expect(idsOf(workspace.check(at('a.toy')).findings)).toEqual(['toy/friend']);
    expect(workspace.update([{ uri: at('b.toy'), text: 'name: bob\n' }])).toBe(true);
    expect(workspace.check(at('a.toy')).findings).toEqual([]);
    workspace.update([{ uri: at('b.toy'), text: undefined }]);
    expect(idsOf(workspace.check(at('a.toy')).findings)).toEqual(['toy/friend']);
  });

  test('an edit that changes no fact runs nothing elsewhere and says so', () => {
    const ran: string[] = [];
    const workspace = toyWorkspace(
      { 'a.toy': 'friend: bob\n', 'b.toy': 'name: bob\n' },
      { rules: [friendRule(ran)] },
    );
    for (const uri of workspace.uris()) workspace.check(uri);
    ran.length = 0;
    expect(workspace.update([{ uri: at('b.toy'), text: '# a comment\nname: bob\n' }])).toBe(false);
    for (const uri of workspace.uris()) workspace.check(uri);
    expect(ran).toEqual([at('b.toy')]);
  });

  test('a fact that differs runs only what has read it', () => {
    const ran: string[] = [];
    const files = { 'a.toy': 'friend: bob\n', 'b.toy': 'name: bob\n', 'c.toy': 'color: blue\n' };
    const workspace = toyWorkspace(files, { rules: [friendRule(ran)] });
    for (const uri of workspace.uris()) workspace.check(uri);
    ran.length = 0;
    expect(workspace.update([{ uri: at('b.toy'), text: 'name: alice\n' }])).toBe(true);
    for (const uri of workspace.uris()) workspace.check(uri);
    expect(ran).toEqual([at('a.toy'), at('b.toy')]);
  });

  test('a file without any change is not run again', () => {
    const ran: string[] = [];
    const workspace = toyWorkspace({ 'a.toy': 'friend: bob\n' }, { rules: [friendRule(ran)] });
    const first = workspace.check(at('a.toy'));
    expect(workspace.check(at('a.toy'))).toBe(first);
    expect(ran).toHaveLength(1);
  });
});

describe('a rule that throws', () => {
  test('is muted on that file and named; all others go on', () => {
    const workspace = toyWorkspace({ 'a.toy': 'bomb: 1\ncolor: red\n', 'b.toy': 'color: red\n' });
    const result = workspace.check(at('a.toy'));
    expect(idsOf(result.findings)).toEqual(['toy/red']);
    expect(result.muted).toMatchObject([{ rule: 'toy/bomb', uri: at('a.toy') }]);
    expect(workspace.check(at('b.toy')).muted).toEqual([]);
  });

  test('is back when the file changes', () => {
    const workspace = toyWorkspace({ 'a.toy': 'bomb: 1\n' });
    workspace.check(at('a.toy'));
    workspace.update([{ uri: at('a.toy'), text: 'color: red\n' }]);
    expect(workspace.check(at('a.toy')).muted).toEqual([]);
  });
});

test('broken text gives its problems and the findings of the rest', () => {
  const workspace = toyWorkspace({ 'a.toy': 'color: red\nkey: [1, 2\n' });
  expect(idsOf(workspace.check(at('a.toy')).findings)).toContain('hardlint/syntax-error');
  expect(idsOf(workspace.check(at('a.toy')).findings)).toContain('toy/red');
});

test('parsed files are kept up to the budget only, and the answers stay the same', () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}.toy`, 'color: red\n']));
  const small = toyWorkspace(files, { rules: [redRule], cacheBudget: 30 });
  const large = toyWorkspace(files, { rules: [redRule] });
  for (const uri of large.uris()) expect(small.check(uri)).toEqual(large.check(uri));
});

test('files that are known by name only exist, but are not analysed', () => {
  const workspace = toyWorkspace({ 'a.toy': 'color: red\n' });
  workspace.addNames([at('logo.png')]);
  expect(workspace.uris()).toEqual([at('a.toy')]);
});
