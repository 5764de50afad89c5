import { readdirSync, readFileSync } from 'node:fs';
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
