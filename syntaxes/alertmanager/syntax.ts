import type { Document, Syntax } from '../document.ts';
import { parseYaml } from '../yaml/parse.ts';
import { alertmanagerTree } from './config.ts';
import { alertmanagerTemplate, isAlertmanagerConfig } from './detect.ts';

/** The configuration of an Alertmanager. */
export const alertmanagerSyntax: Syntax<'alertmanager'> = {
  kind: 'alertmanager',
  detect: isAlertmanagerConfig,
  parse,
};

function parse(uri: string, text: string): Document<'alertmanager'> {
  const { file, problems } = parseYaml(text);
  const tree = alertmanagerTree(file);
  const template = alertmanagerTemplate(uri, text);
  if (template) return { uri, kind: 'alertmanager', text, tree, problems: [], notAnalysed: template };
  return { uri, kind: 'alertmanager', text, tree, problems };
}
