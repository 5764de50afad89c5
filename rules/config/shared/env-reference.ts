import { settingOf } from '../../../syntaxes/appconfig/placeholder.ts';
import type { ConfigEntry } from '../../../syntaxes/appconfig/tree.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import { envNameOf } from '../../core/env-names.ts';
import type { Fix } from '../../core/rule.ts';
import { doubleQuoted } from '../../core/yaml-edits.ts';

/**
 * Replaces a literal with a reference to an environment variable, where it is certain that the file's reader fills such
 * references in: Spring Boot does, and so does whoever reads a file that has them already.
 */
export function readFromEnvironment(
  text: string,
  path: string,
  entry: ConfigEntry,
  scalar: YamlScalar,
): Fix | undefined {
  if (!fillsIn(text, path) || scalar.style === 'literal' || scalar.style === 'folded' || entry.inList)
    return undefined;
  const setting = settingOf(text, scalar);
  const known = setting.type === 'literal' ? setting.variable : undefined;
  const name = known ?? envNameOf(entry.keys.slice(-4));
  if (!/^[A-Za-z]/.test(name)) return undefined;
  return {
    title:
      known === undefined ? `Read it from the environment variable ${name}` : `Remove the default of ${name}`,
    safety: 'review',
    edits: [{ span: scalar.span, text: referenceText(name, entry, scalar) }],
    risk: `The application does not start, or starts without the value, until ${name} is set where it runs.`,
  };
}

function referenceText(name: string, { map }: ConfigEntry, { style }: YamlScalar): string {
  const reference = `\${${name}}`;
  if (style === 'single') return `'${reference}'`;
  return style === 'double' || map.flow ? doubleQuoted(reference) : reference;
}

function fillsIn(text: string, path: string): boolean {
  if (
    /(?:^|\/)(?:application|bootstrap)(?:-[\w-]+)?\.ya?ml$/.test(path) &&
    /^(?:spring|server|management|logging)\b[.\w-]*:/m.test(text)
  )
    return true;
  return /^[^#\n]*[:-][ \t]+["']?[^#\n]*\$\{[A-Z][A-Z0-9_]*(?::-?[^}\n]*)?\}/m.test(text);
}
