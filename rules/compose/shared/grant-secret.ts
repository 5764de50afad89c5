import { definedAs } from '../../../syntaxes/compose/secrets.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { lineEndingOf } from '../../../syntaxes/lines.ts';
import { asScalar, pairOf } from '../../../syntaxes/yaml/tree.ts';
import type { Edit } from '../../core/rule.ts';
import { addKey, appendItem } from '../../core/yaml-edits.ts';
import { addServiceKey } from './fixes.ts';

/** Grants a secret to the build of a service. Undefined where the build has no map of its own. */
export function grantToBuild(text: string, service: ComposeService, id: string): Edit | undefined {
  const build = pairOf(service.body, 'build')?.value;
  if (service.aliased || build?.type !== 'map') return undefined;
  const secrets = pairOf(build, 'secrets');
  if (secrets) return secrets.value?.type === 'seq' ? appendItem(text, secrets.value, id) : undefined;
  const after = ['context', 'dockerfile', 'dockerfile_inline', 'target'];
  return addKey(text, build, { key: 'secrets', block: [`- ${id}`], flow: `[${id}]`, after });
}

/** Grants a secret to a service; `item` is what stands in its list. */
export function grantToService(text: string, service: ComposeService, item: string): Edit | undefined {
  const secrets = pairOf(service.body, 'secrets');
  if (secrets) return secrets.value?.type === 'seq' ? appendItem(text, secrets.value, item) : undefined;
  return addServiceKey(text, service, { key: 'secrets', block: [`- ${item}`], flow: `[${item}]` });
}

/** Defines a secret that comes from a variable: no edit where it is there already, undefined where its name is taken. */
export function addSecretDefinition(
  { text, tree }: Document<'compose'>,
  id: string,
  variable: string,
): readonly (Edit | undefined)[] | undefined {
  const known = tree.project.secrets.get(id);
  if (known) return asScalar(definedAs(known, 'environment')?.value)?.value === variable ? [] : undefined;
  const section = pairOf(tree.root, 'secrets');
  if (!tree.root || tree.project.secrets.has(id)) return undefined;
  if (!section)
    return [
      addKey(text, tree.root, {
        key: 'secrets',
        block: [`${id}:`, `  environment: ${variable}`],
        flow: `{ ${id}: { environment: ${variable} } }`,
      }),
    ];
  return section.value?.type === 'map'
    ? [
        addKey(text, section.value, {
          key: id,
          block: [`environment: ${variable}`],
          flow: `{ environment: ${variable} }`,
        }),
      ]
    : undefined;
}

/** A removal of lines at the file's end and what is added behind them, as one edit. */
export function withoutOverlap(
  text: string,
  edits: readonly (Edit | undefined)[],
): readonly (Edit | undefined)[] {
  const removal = edits.find((edit) => edit && edit.text === '');
  const inside = edits.find(
    (edit) =>
      removal &&
      edit &&
      edit !== removal &&
      edit.span.start > removal.span.start &&
      edit.span.start <= removal.span.end,
  );
  if (!removal || !inside) return edits;
  const eol = lineEndingOf(text);
  const endsLine = text.slice(removal.span.start, removal.span.end).endsWith('\n');
  const joined = endsLine ? inside.text.replace(/^\r?\n/, '') + eol : inside.text;
  return edits.flatMap((edit) =>
    edit === inside ? [] : edit === removal ? [{ span: removal.span, text: joined }] : [edit],
  );
}
