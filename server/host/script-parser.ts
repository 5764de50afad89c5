import { createRequire } from 'node:module';
import type { ScriptParser } from '../../syntaxes/script/tree.ts';

/**
 * Loads the TypeScript parser, 4 MB that most runs never need. The bundles find it in the file beside them, whoever runs the
 * source in `node_modules`; both are CommonJS, so that loading is synchronous.
 */
export function loadScriptParser(): ScriptParser {
  const require = createRequire(__filename);
  return __filename.endsWith('.ts') ? require('@typescript-eslint/parser') : require('./script-parser.js');
}
