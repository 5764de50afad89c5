import { describe, expect, test } from 'vitest';
import { createdFiles, fixAll, fixesFor, textsAfter } from '../../server/engine/fix.ts';
import { fixesOfFile } from '../../server/engine/fixes-of-file.ts';
import { hardenFix } from '../../server/engine/harden.ts';
import type { Workspace } from '../../server/engine/workspace.ts';
import { areaRules } from '../support/area-rules.ts';
import { at } from '../support/toy.ts';
import { workspaceOf } from '../support/workspace.ts';

const uri = at('app/Dockerfile');
const IGNORE = at('app/.dockerignore');
const COPY = { uri, rule: 'area/no-ignore', place: 'COPY' };
const NOTES = { uri, rule: 'area/no-notes', place: 'notes' };
const TEXT = 'FROM scratch\nCOPY . .\n';

function open(files: Readonly<Record<string, string>>): Workspace {
  return workspaceOf(files, { rules: areaRules, extractors: [] });
}

describe('a fix that makes a file', () => {
  test('is tried as if the file were there', () => {
    const workspace = open({ 'app/Dockerfile': TEXT });
    const [fix] = fixesFor(workspace, COPY);
    expect(fix).toMatchObject({ safety: 'review', verify: 'docker build .' });
    expect(fix && textsAfter(workspace, uri, fix)).toEqual(new Map([[IGNORE, '.git\n.env\n']]));
    expect(fix && createdFiles(workspace, uri, fix)).toEqual([IGNORE]);
    expect(workspace.hasFile(IGNORE)).toBe(false);
    expect(workspace.check(uri).findings).toHaveLength(1);
  });

  test('may make a text that nobody reads, for a rule that looks for it by a pattern', () => {
    const workspace = open({ 'app/Dockerfile': 'FROM scratch\n# NOTES\n' });
    expect(fixesFor(workspace, NOTES).map(({ title }) => title)).toEqual(['Write notes']);
  });

  test('is none where the file is there and nobody has read it', () => {
    const workspace = open({ 'app/Dockerfile': TEXT });
    const [fix] = fixesFor(workspace, COPY);
    workspace.addNames([IGNORE]);
    expect(fixesFor(workspace, COPY)).toEqual([]);
    expect(fix && textsAfter(workspace, uri, fix)).toBeUndefined();
  });

  test('adds to a text that is known, also of no kind', () => {
    const workspace = open({ 'app/Dockerfile': TEXT, 'app/notes.txt': 'old\n' });
    const edits = [{ uri: at('app/notes.txt'), span: { start: 0, end: 0 }, text: 'new\n' }];
    expect(textsAfter(workspace, uri, { title: '', safety: 'safe', edits })).toEqual(
      new Map([[at('app/notes.txt'), 'new\nold\n']]),
    );
  });

  test.each([
    ['replaces something', at('app/new.txt'), { start: 0, end: 1 }],
    ['inserts behind the beginning', at('app/new.txt'), { start: 1, end: 1 }],
    ['makes a file outside of the workspace', 'file:///elsewhere/new.txt', { start: 0, end: 0 }],
  ])('is none where it %s', (_, file, span) => {
    const edits = [{ uri: file, span, text: 'x\n' }];
    expect(
      textsAfter(open({ 'app/Dockerfile': TEXT }), uri, { title: '', safety: 'safe', edits }),
    ).toBeUndefined();
  });

  test('is combined with others, and tried with them', () => {
    const workspace = open({ 'app/Dockerfile': `${TEXT}RUN BAD NOTES\n` });
    const { findings } = workspace.check(uri);
    const parts = findings.flatMap((finding) => {
      const [fix] = fixesFor(workspace, finding);
      return fix ? [{ finding, fix }] : [];
    });
    const fix = hardenFix(workspace, uri, 'Harden', parts);
    expect(fix?.parts).toHaveLength(3);
    expect(fix && [...(textsAfter(workspace, uri, fix) ?? [])].sort()).toEqual([
      [IGNORE, '.git\n.env\n'],
      [uri, `${TEXT}RUN bad NOTES\n`],
      [at('app/docs/notes.txt'), 'Notes\n'],
    ]);
    const together = fixesOfFile(workspace, uri, findings);
    expect([...together.values()].map((fixes) => fixes.length)).toEqual([1, 1, 1]);
  });

  test('is left out by whoever mends one file alone', () => {
    const workspace = open({ 'app/Dockerfile': `${TEXT}RUN BAD NOTES\n` });
    expect(fixAll(workspace, uri, { safety: 'review' })).toEqual({
      text: `${TEXT}RUN bad NOTES\n`,
      fixed: 1,
      converged: true,
    });
  });
});
