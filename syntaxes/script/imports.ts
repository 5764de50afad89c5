import type { ScriptImport } from './tree.ts';

/** `from './x'`, `import './x'`, `import('./x')` and `require('./x')`, also with the usual aliases of a project's own folders. */
const IMPORT =
  /\b(?:from|import|require)[ \t]{0,4}\(?[ \t\r\n]{0,4}(['"])((?:\.{1,2}\/|@\/|~\/|#|src\/)[^'"\n]{0,300}|\.{1,2})\1/g;

/** The modules of the same project that a text imports, read without parsing it. */
export function importsIn(text: string): readonly ScriptImport[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? '';
    const start = match.index + match[0].length - 1 - specifier.length;
    return { specifier, span: { start, end: start + specifier.length } };
  });
}
