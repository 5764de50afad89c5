import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { extractors, rules } from '../../rules/registry.generated.ts';
import { run } from '../../server/cli/run.ts';
import { configSchema } from '../../server/engine/config-schema.ts';
import { Workspace } from '../../server/engine/workspace.ts';
import { loadWorkspace } from '../../server/host/load.ts';
import { createNodeHost } from '../../server/host/node.ts';
import { normaliseUri } from '../../syntaxes/uri.ts';
import { syntaxes } from './workspace.ts';

export const examples = join(import.meta.dirname, '../../examples');

/** A folder on disk as a workspace under the default profile, loaded as the command line and the server load it. */
export async function openFolder(
  folder: string,
): Promise<{ readonly workspace: Workspace; readonly root: string }> {
  const root = normaliseUri(pathToFileURL(folder).href);
  const workspace = new Workspace({
    syntaxes,
    rules,
    extractors,
    schema: () => configSchema(rules),
    roots: [root],
    profile: 'recommended',
    today: () => '2026-11-24',
  });
  await loadWorkspace({ host: createNodeHost(), workspace, roots: [root] });
  return { workspace, root };
}

/** Runs the command line in a folder on disk. */
export async function runIn(
  folder: string,
  argv: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string }> {
  let stdout = '';
  const code = await run(argv, {
    cwd: folder,
    stdout: {
      write: (text) => {
        stdout += text;
      },
    },
    stderr: { write: () => {} },
    env: {},
    host: createNodeHost(),
    catalogue: { rules, extractors, syntaxes },
    today: '2026-11-24',
    startServer: () => {
      throw new Error('no server was expected');
    },
  });
  return { code, stdout };
}
