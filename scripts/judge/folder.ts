import { pathToFileURL } from 'node:url';
import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';
import { configSchema } from '../../server/engine/config-schema.ts';
import { Workspace } from '../../server/engine/workspace.ts';
import { createSyntaxes } from '../../syntaxes/registry.ts';
import { normaliseUri } from '../../syntaxes/uri.ts';
import { readTexts, type TextFile } from '../files.ts';

/** What is known of smells. */
export interface Catalogue {
  readonly rules: readonly Rule[];
  readonly extractors: readonly Extractor[];
}

/** All files of a folder as a workspace in which every rule for nginx is on. */
export function openFolder(folder: string, catalogue: Catalogue): Workspace {
  return openTexts(normaliseUri(pathToFileURL(folder).href), readTexts(folder), catalogue);
}

/** Files as a workspace in which every rule for nginx is on. */
export function openTexts(
  root: string,
  files: readonly TextFile[],
  { rules, extractors }: Catalogue,
): Workspace {
  const forNginx = rules.filter(({ kinds }) => kinds.includes('nginx'));
  const workspace = new Workspace({
    syntaxes: createSyntaxes({
      loadScriptParser: () => {
        throw new Error('no script is read here');
      },
    }),
    rules: forNginx,
    extractors,
    schema: () => configSchema(forNginx),
    roots: [root],
    profile: 'strict',
    today: () => '2026-01-01',
  });
  workspace.update(files);
  return workspace;
}
