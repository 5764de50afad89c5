import { describe, expect, test } from 'vitest';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors, loadRules } from '../support/all-rules.ts';
import { ROOT, workspaceOf } from '../support/workspace.ts';

const rules = await loadRules('dockerfile/setuid');
const extractors = await loadExtractors();
const at = (path: string) => joinUri(ROOT, path);
const COMPOSE = 'services:\n  web:\n    build: {context: ., dockerfile: build/web.img}\n';
const IMAGE = 'FROM debian:13\nRUN chmod u+s /bin/tool\n';

describe('a file that another one says the kind of', () => {
  test('is read as that, whichever comes first', () => {
    for (const order of [
      ['compose.yaml', 'build/web.img'],
      ['build/web.img', 'compose.yaml'],
    ]) {
      const texts: Record<string, string> = { 'compose.yaml': COMPOSE, 'build/web.img': IMAGE };
      const workspace = workspaceOf({}, { rules, extractors });
      for (const path of order) workspace.update([{ uri: at(path), text: texts[path] ?? '' }]);
      expect(workspace.check(at('build/web.img')).findings.map(({ rule }) => rule)).toEqual([
        'dockerfile/setuid',
      ]);
      workspace.update([{ uri: at('compose.yaml'), text: 'services: {}\n' }]);
      expect(workspace.isAnalysed(at('build/web.img'))).toBe(false);
    }
  });

  test('is asked for when only its name is known', () => {
    const workspace = workspaceOf({}, { rules, extractors });
    workspace.addNames([at('build/web.img')]);
    workspace.update([{ uri: at('compose.yaml'), text: COMPOSE }]);
    expect(workspace.missingClaims()).toEqual([at('build/web.img')]);
    workspace.update([{ uri: at('build/web.img'), text: IMAGE }]);
    expect(workspace.missingClaims()).toEqual([]);
  });

  test.each([
    [
      'itself',
      { 'compose.yaml': 'services:\n  web:\n    build: {context: ., dockerfile: compose.yaml}\n' },
      'compose',
    ],
    ['itself', { Dockerfile: 'FROM debian:13\nCOPY Dockerfile /run\nENTRYPOINT ["/run"]\n' }, 'dockerfile'],
    [
      'one that names it',
      {
        'b.compose.yaml': 'services:\n  web:\n    build: {context: ., dockerfile: compose.yaml}\n',
        'compose.yaml': 'services:\n  web:\n    build: {context: ., dockerfile: b.compose.yaml}\n',
      },
      'compose',
    ],
    [
      'one that names it, of no kind by itself',
      {
        'compose.yaml': 'services:\n  a: {build: {dockerfile: a.img}}\n  b: {build: {dockerfile: b.img}}\n',
        'b.img': 'FROM debian:13\nCOPY a.img /run\nENTRYPOINT ["/run"]\n',
        'a.img': 'FROM debian:13\nCOPY b.img /run\nENTRYPOINT ["/run"]\n',
      },
      'dockerfile',
    ],
  ] as const)('keeps its own kind where it names %s', (_, files: Readonly<Record<string, string>>, kind) => {
    for (const entries of [Object.entries(files), Object.entries(files).reverse()]) {
      const workspace = workspaceOf(Object.fromEntries(entries), { rules, extractors });
      const last = Object.keys(files).at(-1) ?? '';
      expect(workspace.document(at(last))?.kind).toBe(kind);
    }
  });

  test('is not asked for when nothing has that name', () => {
    const workspace = workspaceOf({ 'compose.yaml': COMPOSE }, { rules, extractors });
    expect(workspace.missingClaims()).toEqual([]);
  });
});
