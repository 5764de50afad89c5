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

  test('is not asked for when nothing has that name', () => {
    const workspace = workspaceOf({ 'compose.yaml': COMPOSE }, { rules, extractors });
    expect(workspace.missingClaims()).toEqual([]);
  });
});
