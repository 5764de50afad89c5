import { dirname, joinUri } from '../../syntaxes/uri.ts';
import type { Context } from './rule.ts';

/** Configuration of programs that propose new versions of images, where they look for it. */
const NAMES: readonly string[] = [
  ...['renovate.json', 'renovate.json5', '.renovaterc', '.renovaterc.json', '.renovaterc.json5'],
  ...['.github/renovate.json', '.github/renovate.json5', '.gitlab/renovate.json', '.gitlab/renovate.json5'],
  ...['.github/dependabot.yml', '.github/dependabot.yaml'],
];

/** Whether a program keeps the versions in a file up to date: its configuration is beside the file or above it. */
export function isKeptUpToDate(uri: string, { facts, path }: Pick<Context, 'facts' | 'path'>): boolean {
  let folder = dirname(uri);
  for (let depth = path.split('/').length; depth > 0; depth--) {
    const here = folder;
    if (NAMES.some((name) => facts.exists(joinUri(here, name)))) return true;
    folder = dirname(folder);
  }
  return false;
}
