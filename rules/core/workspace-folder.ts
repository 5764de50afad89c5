import { dirname } from '../../syntaxes/uri.ts';

/** The workspace folder that a file lies in: what is left of its URI without the path below it (`Context.path`). */
export function workspaceFolder(uri: string, path: string): string {
  return path.split('/').reduce((folder) => dirname(folder), uri);
}
