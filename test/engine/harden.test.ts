import { describe, expect, test } from 'vitest';
import { fixesFor, textsAfter } from '../../server/engine/fix.ts';
import { fittingParts, hardenFix } from '../../server/engine/harden.ts';
import type { Workspace } from '../../server/engine/workspace.ts';
import { areaRules } from '../support/area-rules.ts';
import { lspExtractors, lspRules } from '../support/lsp-rules.ts';
import { at, toyWorkspace } from '../support/toy.ts';
import { workspaceOf } from '../support/workspace.ts';

const uri = at('a.toy');

function harden(workspace: Workspace, only?: readonly string[]) {
  const parts = workspace
    .check(uri)
    .findings.filter(({ rule }) => only?.includes(rule) ?? true)
    .flatMap((finding) => {
      const [fix] = fixesFor(workspace, finding);
      return fix ? [{ finding, fix }] : [];
    });
  const fix = hardenFix(workspace, uri, 'Harden', parts);
  return { fix, text: fix && textsAfter(workspace, uri, fix)?.get(uri) };
}

function workspaceWith(text: string): Workspace {
  return toyWorkspace({ 'a.toy': text }, { rules: lspRules, extractors: lspExtractors });
}

describe('hardenFix', () => {
  test('combines the fixes of all findings, and has to be reviewed if one of them has to be', () => {
    const { fix, text } = harden(workspaceWith('service:\n  image: x\n'));
    expect(text).toBe('service:\n  image: x\n  belt: yes\n  braces: yes\n  helmet: yes\n');
    expect(fix).toMatchObject({ safety: 'review', risk: 'The service may not work with braces.' });
  });

  test('is safe if all of them are', () => {
    const { fix } = harden(workspaceWith('service:\n  image: x\n'), ['toy/no-belt', 'toy/no-helmet']);
    expect(fix?.safety).toBe('safe');
    expect(fix?.risk).toBeUndefined();
  });

  test('is none for a single finding', () => {
    expect(harden(workspaceWith('service:\n  image: x\n'), ['toy/no-belt']).fix).toBeUndefined();
  });

  test('leaves out what gets in the way of another part', () => {
    const workspace = workspaceWith('color: red\nservice:\n  image: x\n');
    const [red] = workspace.check(uri).findings.filter(({ rule }) => rule === 'toy/red');
    const [green, crimson] = red ? fixesFor(workspace, red) : [];
    if (!red || !green || !crimson) throw new Error('The toy rule offers two fixes.');
    const both = [green, crimson].map((fix) => ({ finding: red, fix }));
    expect(hardenFix(workspace, uri, 'Harden', both)).toBeUndefined();
  });
});

describe('fittingParts', () => {
  test('takes the first of those that only work alone, and all others', () => {
    const text = 'FROM scratch\nRUN BAD1 ODD1 BAD2 ODD2 BAD3 ODD3 BAD4\n';
    const workspace = workspaceOf({ Dockerfile: text }, { rules: areaRules, extractors: [] });
    const file = at('Dockerfile');
    const parts = workspace.check(file).findings.flatMap((finding) => {
      const [fix] = fixesFor(workspace, finding);
      return fix ? [{ finding, fix }] : [];
    });
    expect(parts).toHaveLength(7);
    expect(fittingParts(workspace, file, parts).map(({ finding }) => finding.place)).toEqual([
      'BAD1',
      'ODD1',
      'BAD2',
      'BAD3',
      'BAD4',
    ]);
    expect(fittingParts(workspace, file, [])).toEqual([]);
  });
});
