import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import { canBeCredential } from '../../core/credential-names.ts';
import { envNameOf } from '../../core/env-names.ts';
import type { Fix } from '../../core/rule.ts';
import { setScalar } from '../../core/yaml-edits.ts';

/** What marks the place of a real secret. */
const STAND_IN =
  /^<.*>$|^\[.*\]$|^x{3,}$|^\*+$|\byour[-_ ]|change[-_ ]?me|replace[-_ ]?(?:me|this|with)|placeholder|^\.{3}$|example/i;

/** Whether a value is a secret in the open: Grafana puts in what a dollar begins, `$$` aside. */
export function isOpenSecret(value: string): boolean {
  const text = value.trim();
  if (/\$(?!\$)[A-Za-z_{]/.test(text) || /\{\{|<%|^ENC\[/.test(text)) return false;
  return canBeCredential(text) && !STAND_IN.test(text.replaceAll('_', '-'));
}

/** Puts a file or a variable in a secret's place, both of which Grafana reads at its start. */
export function secretFixes(scalar: YamlScalar, key: string): readonly (Fix | undefined)[] {
  const name = envNameOf([key]);
  const file = `/run/secrets/grafana_${name.toLowerCase()}`;
  const variable = `GRAFANA_DS_${name}`;
  const fix = (title: string, value: string, risk: string): Fix | undefined => {
    const edit = setScalar(scalar, value);
    return edit && { title, safety: 'review', edits: [edit], risk };
  };
  return [
    fix(
      `Read it from \`${file}\``,
      `$__file{${file}}`,
      'The file has to be there, readable by Grafana, and hold the secret; change the secret, since it was in this file.',
    ),
    fix(
      `Take it from the variable \`${variable}\``,
      `\${${variable}}`,
      'The container has to have the variable; change the secret, since it was in this file.',
    ),
  ];
}
