import * as scriptParser from '@typescript-eslint/parser';
import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';
import { configSchema } from '../../server/engine/config-schema.ts';
import { Workspace, type WorkspaceOptions } from '../../server/engine/workspace.ts';
import { createSyntaxes } from '../../syntaxes/registry.ts';
import { joinUri } from '../../syntaxes/uri.ts';

/** The folder that tests pretend to be in. */
export const ROOT = 'file:///workspace';

export const syntaxes = createSyntaxes({ loadScriptParser: () => scriptParser });

/** A workspace in memory, with files by their path below `ROOT`. */
export function workspaceOf(
  files: Readonly<Record<string, string>>,
  options: Partial<WorkspaceOptions> & {
    readonly rules: readonly Rule[];
    readonly extractors: readonly Extractor[];
  },
): Workspace {
  const workspace = new Workspace({
    syntaxes,
    schema: () => configSchema(options.rules),
    roots: [ROOT],
    profile: 'strict',
    today: () => '2026-11-24',
    ...options,
  });
  workspace.update(Object.entries(files).map(([path, text]) => ({ uri: joinUri(ROOT, path), text })));
  return workspace;
}
