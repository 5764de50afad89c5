import type { Syntax } from '../document.ts';
import { parseYaml } from '../yaml/parse.ts';

export const prometheusConfigSyntax: Syntax<'prometheus-config'> = {
  kind: 'prometheus-config',
  detect: () => false,
  parse: (uri, text) => {
    const { file, problems } = parseYaml(text);
    return { uri, kind: 'prometheus-config', text, tree: { file }, problems };
  },
};

export const prometheusRulesSyntax: Syntax<'prometheus-rules'> = {
  kind: 'prometheus-rules',
  detect: () => false,
  parse: (uri, text) => {
    const { file, problems } = parseYaml(text);
    return { uri, kind: 'prometheus-rules', text, tree: { file }, problems };
  },
};
