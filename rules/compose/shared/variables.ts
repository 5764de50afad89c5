import type { EnvironmentVariable } from '../../../syntaxes/compose/environment.ts';
import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import type { Edit } from '../../core/rule.ts';
import { removeItem } from '../../core/yaml-edits.ts';
import { isDeveloperName } from './env-names.ts';
import { removeEntry } from './fixes.ts';

/** Removes a variable, and `environment` with it where it is the only one. */
export function removeVariable(
  text: string,
  service: ComposeService,
  { entry, item }: EnvironmentVariable,
): Edit | undefined {
  const owner = service.effective.entries.get('environment');
  const isOnly = entry ? entry.map.pairs.length === 1 : item?.seq.items.length === 1;
  if (isOnly)
    return owner && owner.pair.value === (entry ? entry.map : item?.seq)
      ? removeEntry(text, owner)
      : undefined;
  return entry ? removeEntry(text, entry) : item && removeItem(text, item.seq, item.index);
}

/** Writes another value in place of `old`, inside the quotes or the variable's default that it stands in. */
export function replaceValue(
  text: string,
  { valueSpan, scalar }: EnvironmentVariable,
  old: string,
  value: string,
): Edit | undefined {
  if (!valueSpan || !scalar || scalar.style === 'literal' || scalar.style === 'folded') return undefined;
  const written = text.slice(valueSpan.start, valueSpan.end);
  const at = written === old ? 0 : /^\$\{\w+:?-[^{}$]*\}$/.test(written) ? written.lastIndexOf(old) : -1;
  if (at < 0) return undefined;
  const start = valueSpan.start + at;
  return { span: { start, end: start + old.length }, text: value };
}

/** Whether a service is for developers only, by its name, its profiles or the stage that is built. */
export function isForDevelopers(service: ComposeService): boolean {
  const profiles = service.effective.entries.get('profiles')?.value;
  const names =
    profiles?.type === 'seq'
      ? profiles.items.flatMap(({ value }) => (value?.type === 'scalar' ? [textOf(value.node)] : []))
      : [];
  const build = service.effective.entries.get('build')?.value;
  const target = build?.type === 'map' ? build.entries.get('target')?.value : undefined;
  const stage = target?.type === 'scalar' ? textOf(target.node) : '';
  return (
    isDeveloperName(service.name) ||
    isDeveloperName(stage) ||
    (names.length > 0 && names.every(isDeveloperName))
  );
}

/** With the defaults of variables put in. */
function textOf({ value }: YamlScalar): string {
  return interpolate(value).text ?? value;
}
