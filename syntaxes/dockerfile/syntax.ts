import type { Syntax } from '../document.ts';

export const dockerfileSyntax: Syntax<'dockerfile'> = {
  kind: 'dockerfile',
  detect: () => false,
  parse: (uri, text) => ({ uri, kind: 'dockerfile', text, tree: { stages: [] }, problems: [] }),
};
