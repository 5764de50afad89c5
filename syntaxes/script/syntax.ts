import type { Syntax } from '../document.ts';
import type { ScriptParser } from './tree.ts';

export function createScriptSyntax(_loadParser: (() => ScriptParser) | undefined): Syntax<'script'> {
  return {
    kind: 'script',
    detect: () => false,
    parse: (uri, text) => ({ uri, kind: 'script', text, tree: {}, problems: [] }),
  };
}
