import type { Syntax } from '../document.ts';
import { parseYaml } from '../yaml/parse.ts';

export const appConfigSyntax: Syntax<'appconfig'> = {
  kind: 'appconfig',
  detect: () => false,
  parse: (uri, text) => {
    const { file, problems } = parseYaml(text);
    return { uri, kind: 'appconfig', text, tree: { file }, problems };
  },
};
