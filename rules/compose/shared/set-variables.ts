import type { Document } from '../../../syntaxes/document.ts';
import { dirname, joinUri } from '../../../syntaxes/uri.ts';
import { ignoredBy } from '../../core/ignored.ts';
import type { Context } from '../../core/rule.ts';
import { envFileFacts } from '../../facts/env-files.ts';
import { composeSourceFacts, includesName } from './sources.ts';

/** Files beside a Compose file that set its variables, or show which ones are to be set. */
const ENV_FILES = '{.env,.env.*,.env-*,*.env,*.env.*,env.*}';

/** Whether a variable is set, or may be where it cannot be seen. */
export function mayBeSet(document: Document<'compose'>, context: Context<unknown>, name: string): boolean {
  return (
    isRequired(document.text, name) || isHidden(document, context) || isInEnvFile(document, context, name)
  );
}

/** Another place of the file stops Compose where the variable is not set. */
function isRequired(text: string, name: string): boolean {
  return text.includes(`\${${name}:?`) || text.includes(`\${${name}?`);
}

/** An `.env` that git ignores is not in view; a file that another one includes gets that one's variables, from wherever. */
function isHidden({ uri }: Document<'compose'>, { facts, path }: Context<unknown>): boolean {
  if (facts.about(composeSourceFacts, includesName(uri)).length > 0) return true;
  const env = joinUri(dirname(uri), '.env');
  return !facts.exists(env) && ignoredBy(facts, env, '.gitignore', rootOf(uri, path)) === true;
}

function isInEnvFile({ uri }: Document<'compose'>, { facts, path }: Context<unknown>, name: string): boolean {
  const root = rootOf(uri, path);
  const has = (file: string): boolean =>
    facts.of(envFileFacts, file).some((variable) => variable.name === name);
  if (facts.glob(dirname(uri), ENV_FILES).some(has)) return true;
  for (let folder = dirname(uri); folder !== root && folder.startsWith(`${root}/`); ) {
    folder = dirname(folder);
    if (has(joinUri(folder, '.env'))) return true;
  }
  return false;
}

/** The workspace's folder: what is left of a URI without the path below it. */
export function rootOf(uri: string, path: string): string {
  return path.split('/').reduce((folder) => dirname(folder), uri);
}
