import type { Syntax } from '../document.ts';
import { parseYaml } from '../yaml/parse.ts';
import { isConfigPath, otherKindOf, topLevelKeys } from './detect.ts';
import { entriesOf } from './entries.ts';

/** Larger files are data: a list of entities, a generated table. */
const MAX_LENGTH = 500_000;

/** Settings of an application. Asked last, so everything that has a more precise kind is taken already. */
export const appConfigSyntax: Syntax<'appconfig'> = {
  kind: 'appconfig',
  detect: (uri, text) => {
    if (!isConfigPath(uri) || text.length > MAX_LENGTH) return false;
    const keys = topLevelKeys(text);
    return keys.size > 0 && otherKindOf(keys, text) === undefined;
  },
  parse: (uri, text) => {
    const template = templateReason(text);
    if (template) {
      return {
        uri,
        kind: 'appconfig',
        text,
        tree: { file: { documents: [] }, entries: [] },
        problems: [],
        notAnalysed: template,
      };
    }
    const { file, problems } = parseYaml(text);
    return { uri, kind: 'appconfig', text, tree: { file, entries: entriesOf(file) }, problems };
  },
};

/** A template is YAML only after something has filled it in. A `{{ x }}` in quotes or behind text is a value like any other. */
function templateReason(text: string): string | undefined {
  if (/<%[-=#]?\s/.test(text)) return 'the file is an ERB template';
  if (/^[ \t]*\{%/m.test(text) || /^[ \t]*(?:-[ \t]+|[\w.-]+:[ \t]*)?\{\{/m.test(text))
    return 'the file is a template (Jinja, Helm, Go)';
  return undefined;
}
