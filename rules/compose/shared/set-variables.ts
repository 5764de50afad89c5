import type { Document } from '../../../syntaxes/document.ts';
import { basename, dirname, joinUri } from '../../../syntaxes/uri.ts';
import { ignoredBy } from '../../core/ignored.ts';
import type { Context } from '../../core/rule.ts';
import { workspaceFolder } from '../../core/workspace-folder.ts';
import { envFileFacts } from '../../facts/env-files.ts';
import { composeSourceFacts, includesName } from './sources.ts';

/** Files beside a Compose file that set its variables, or show which ones are to be set. */
const ENV_FILES = '{.env,.env.*,.env-*,*.env,*.env.*,env.*}';

/** A file with more variables than this, none of which is seen to be set, is filled in by something that is not in view. */
const MANY = 4;

/** Whether a variable is set, or may be where it cannot be seen. */
export function mayBeSet(document: Document<'compose'>, context: Context<unknown>, name: string): boolean {
  if (isRequired(document.text, name) || isHidden(document, context)) return true;
  const files = envFilesNear(document, context);
  if (files.some((uri) => context.facts.of(envFileFacts, uri).some((variable) => variable.name === name)))
    return true;
  // Other files of variables are for containers.
  return !files.some((uri) => basename(uri).startsWith('.env')) && bareNames(document.text).size > MANY;
}

/** Another place of the file stops Compose where the variable is not set. */
function isRequired(text: string, name: string): boolean {
  return text.includes(`\${${name}:?`) || text.includes(`\${${name}?`);
}

function bareNames(text: string): ReadonlySet<string> {
  const names = [...text.matchAll(/(?<!\$)\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g)];
  return new Set(names.map((match) => match[1] ?? match[2] ?? ''));
}

/** An `.env` that git ignores is not in view; a file that another one includes gets that one's variables, from wherever. */
function isHidden({ uri }: Document<'compose'>, { facts, path }: Context<unknown>): boolean {
  if (facts.about(composeSourceFacts, includesName(uri)).length > 0) return true;
  const env = joinUri(dirname(uri), '.env');
  return !facts.exists(env) && ignoredBy(facts, env, '.gitignore', workspaceFolder(uri, path)) === true;
}

/** Environment files beside the Compose file, and an `.env` of a folder above it, where Compose may be run. */
function envFilesNear({ uri }: Document<'compose'>, { facts, path }: Context<unknown>): readonly string[] {
  const root = workspaceFolder(uri, path);
  const files = [...facts.glob(dirname(uri), ENV_FILES)];
  for (let folder = dirname(uri); folder !== root && folder.startsWith(`${root}/`); ) {
    folder = dirname(folder);
    const env = joinUri(folder, '.env');
    if (facts.exists(env)) files.push(env);
  }
  return files;
}
