import { fieldOf, type RuleEntry } from '../../../syntaxes/prometheus/tree.ts';
import { asMap, pairOf } from '../../../syntaxes/yaml/tree.ts';
import type { Edit } from '../../core/rule.ts';
import { addKey, doubleQuoted } from '../../core/yaml-edits.ts';

/** Whether an alert may have an annotation of one of these names; also where its annotations come from somewhere unknown. */
export function hasAnnotation(entry: RuleEntry, names: readonly string[]): boolean {
  const value = fieldOf(entry.map, 'annotations')?.value;
  const map = asMap(value);
  if (!map) return value !== undefined && value.type !== 'scalar';
  if (map.pairs.some(({ key }) => key.value === '<<')) return true;
  return [...map.pairs, ...entry.map.pairs].some(({ key }) => names.includes(key.value));
}

/** Adds an annotation, with the map where there is none yet. */
export function addAnnotation(
  text: string,
  { map }: RuleEntry,
  key: string,
  value: string,
): Edit | undefined {
  const annotations = pairOf(map, 'annotations');
  const written = doubleQuoted(value);
  if (annotations)
    return annotations.value?.type === 'map'
      ? addKey(text, annotations.value, { key, value: written })
      : undefined;
  const line = `${key}: ${written}`;
  const after = ['alert', 'expr', 'for', 'keep_firing_for', 'labels'];
  return addKey(text, map, { key: 'annotations', block: [line], flow: `{${line}}`, after });
}

/** `HighErrorRate` as words: "High error rate". */
export function wordsOfName(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .trim()
    .split(/\s+/)
    .map((word, index) => (index > 0 && /^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word));
  return words.join(' ');
}
