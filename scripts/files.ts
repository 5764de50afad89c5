import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { normaliseUri } from '../syntaxes/uri.ts';

/** A file with its text. */
export interface TextFile {
  readonly uri: string;
  readonly text: string;
}

/** All files below a folder as texts, sorted. */
export function readTexts(folder: string): readonly TextFile[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ uri: normaliseUri(pathToFileURL(path).href), text: readFileSync(path, 'utf8') }));
}

/** The folders below one whose names start with a word; the folder itself where there are none, nothing where it is not there. */
export function foldersFor(word: string, folder: string | undefined): readonly string[] {
  if (folder === undefined || !existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(word))
    .map((entry) => join(folder, entry.name))
    .sort();
  return found.length > 0 ? found : [folder];
}
