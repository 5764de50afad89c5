import { type Document, isMap, isScalar, isSeq, Pair, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml';
import { byPlace, type Example, type Found, type Transformation, type Variant } from './example.ts';
import { readYaml, samePlaces, writeYaml } from './yaml-edit.ts';

/* `environment`, `labels` and `args` are a map or a list of assignments. */

const KEYS: ReadonlySet<unknown> = new Set(['environment', 'labels', 'args', 'annotations', 'sysctls']);

export const composeForms: readonly Transformation[] = [
  { name: 'assignments as a list', atLeast: 60, apply: (example) => converted(example, listOf) },
  { name: 'assignments as a map', atLeast: 20, apply: (example) => converted(example, mapOf) },
];

function converted(example: Example, convert: (node: unknown) => unknown): readonly Variant[] {
  const document = readYaml(example.text);
  if (!document || !convertAll(document, convert)) return [];
  return [samePlaces(example, writeYaml(document), byAssignment)];
}

/** Of a whole assignment a map has the key to mark, and a list the item. */
function byAssignment(found: Found): string {
  const isWhole = [found.place, found.place.replace(/#\d+$/, '')].some((place) =>
    place.endsWith(`.${found.text.replace(/^["']/, '').replace(/[=:"'].*$/s, '')}`),
  );
  return isWhole ? `${found.place}: all of it` : byPlace(found);
}

function convertAll(document: Document, convert: (node: unknown) => unknown): boolean {
  let changed = false;
  visit(document, {
    Pair: (_, pair) => {
      if (!isScalar(pair.key) || !KEYS.has(pair.key.value)) return;
      const value = convert(pair.value);
      if (value === undefined) return;
      pair.value = value;
      changed = true;
    },
  });
  return changed;
}

function listOf(node: unknown): YAMLSeq | undefined {
  if (!isMap(node) || node.anchor || node.items.length === 0) return undefined;
  // In a list a name that stands twice means something else.
  if (new Set(node.items.map(({ key }) => String(key))).size < node.items.length) return undefined;
  const list = new YAMLSeq();
  list.flow = node.flow === true;
  for (const { key, value } of node.items) {
    if (!isScalar(key) || key.value === '<<') return undefined;
    if (value !== null && !isScalar(value)) return undefined;
    if (value?.anchor) return undefined;
    const isNull = !value || (value.type === 'PLAIN' && value.value === '');
    const item = new Scalar(isNull ? String(key.value) : `${key.value}=${value.value}`);
    item.type = value?.type && value.type !== 'BLOCK_LITERAL' ? value.type : 'PLAIN';
    if (String(item.value).includes('\n')) item.type = 'QUOTE_DOUBLE';
    list.add(item);
  }
  return list;
}

function mapOf(node: unknown): YAMLMap | undefined {
  if (!isSeq(node) || node.anchor || node.items.length === 0) return undefined;
  const map = new YAMLMap();
  map.flow = node.flow === true;
  for (const item of node.items) {
    const text = isScalar(item) && !item.anchor ? String(item.value) : '';
    const [, name, value] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
    if (name === undefined || map.has(name)) return undefined;
    const scalar = value === undefined ? null : new Scalar(value);
    // A map's value has to be a text, as that of an assignment is.
    if (scalar) scalar.type = /^(?:[\d.]*|true|false|null)$/.test(scalar.value) ? 'QUOTE_DOUBLE' : 'PLAIN';
    map.items.push(new Pair(new Scalar(name), scalar ?? new Scalar('')));
  }
  return map;
}
