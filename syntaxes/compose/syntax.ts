import type { Syntax } from '../document.ts';
import { parseYaml } from '../yaml/parse.ts';

export const composeSyntax: Syntax<'compose'> = {
  kind: 'compose',
  detect: () => false,
  parse: (uri, text) => {
    const { file, problems } = parseYaml(text);
    return { uri, kind: 'compose', text, tree: { file }, problems };
  },
};
