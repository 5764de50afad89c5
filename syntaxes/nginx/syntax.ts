import type { Syntax } from '../document.ts';

export const nginxSyntax: Syntax<'nginx'> = {
  kind: 'nginx',
  detect: () => false,
  parse: (uri, text) => ({ uri, kind: 'nginx', text, tree: { directives: [] }, problems: [] }),
};
