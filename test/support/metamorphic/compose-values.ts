import { Alias, type Document, isMap, isScalar, isSeq, Pair, Scalar, visit, YAMLMap } from 'yaml';
import { byPlace, type Example, type Found, type Transformation, type Variant } from './example.ts';
import { readYaml, samePlaces, servicesOf, writeYaml } from './yaml-edit.ts';

/* All values at once: behind aliases, and for good examples in variables, where one that is not followed looks like an absence. */

export const composeValues: readonly Transformation[] = [
  {
    name: 'every text behind an alias',
    atLeast: 320,
    apply: (example) => aliased(example, (node) => isScalar(node)),
  },
  {
    name: 'every list and map behind an alias',
    atLeast: 260,
    apply: (example) => aliased(example, (node) => isSeq(node) || isMap(node)),
  },
  { name: 'every value as the default of a variable', atLeast: 160, apply: allDefaults },
  { name: 'every value from .env', atLeast: 150, apply: allFromEnv },
];

/** The values of services' keys, and those one level below, with anchors of their own before the services. */
function aliased(example: Example, isMoved: (node: unknown) => boolean): readonly Variant[] {
  const document = readYaml(example.text);
  const root = document?.contents;
  if (!document || !isMap(root)) return [];
  const values = new YAMLMap();
  const move = (node: unknown): unknown => {
    if (!isMoved(node) || !(isScalar(node) || isSeq(node) || isMap(node)) || node.anchor) return node;
    if (isMap(node) && new Set(node.items.map(({ key }) => String(key))).size < node.items.length)
      return node;
    if (isScalar(node) && (node.value === '' || node.tag)) return node;
    node.anchor = `value-${values.items.length}`;
    values.items.push(new Pair(new Scalar(node.anchor), node));
    return new Alias(node.anchor);
  };
  for (const { value: body } of servicesOf(document)) {
    for (const pair of body?.items ?? []) {
      if (/^(?:<<|extends)$/.test(String(pair.key))) continue;
      if (isSeq(pair.value)) pair.value.items = pair.value.items.map(move);
      else if (isMap(pair.value) && !pair.value.has('<<'))
        for (const inner of pair.value.items) inner.value = move(inner.value);
      pair.value = move(pair.value);
    }
  }
  if (values.items.length === 0 || hasForwardAliases(example.text)) return [];
  const at = root.items.findIndex(({ key }) => String(key) === 'services');
  root.items.splice(at, 0, new Pair(new Scalar('x-values'), values));
  return [samePlaces(example, writeYaml(document), placeAlone)];
}

/** An anchor inside of the services has to stay where it is, before its aliases. */
function hasForwardAliases(text: string): boolean {
  return /[&*]\w/.test(text.slice(text.search(/^services:/m)));
}

/** Whether the origin or the alias is marked differs. */
function placeAlone(found: Found): string {
  return byPlace({ ...found, text: '' });
}

function allDefaults(example: Example): readonly Variant[] {
  return replacedAll(
    example,
    (value) => `\${V:-${value}}`,
    () => ({}),
  );
}

function allFromEnv(example: Example): readonly Variant[] {
  if (Object.keys(example.files).some((path) => /env/.test(path))) return [];
  const lines: string[] = [];
  return replacedAll(
    example,
    (value) => {
      lines.push(`V${lines.length}=${value}\n`);
      return `\${V${lines.length - 1}}`;
    },
    () => ({ [example.path.replace(/[^/]*$/, '.env')]: lines.join('') }),
  );
}

/** Keys whose values are no texts to Compose, or which it reads before it puts variables in. */
const FIXED = /^(?:extends|<<|driver_opts|mode|file|service)$/;

function replacedAll(
  example: Example,
  variable: (value: string) => string,
  files: () => Readonly<Record<string, string>>,
): readonly Variant[] {
  if (example.found.length > 0) return [];
  const document = readYaml(example.text);
  if (!document || !replaceIn(document, variable)) return [];
  const variant = samePlaces(example, writeYaml(document));
  return [{ ...variant, files: { ...variant.files, ...files() } }];
}

function replaceIn(document: Document, variable: (value: string) => string): boolean {
  let changed = false;
  for (const { value: body } of servicesOf(document)) {
    visit(body, {
      Pair: (_, { key }) => (FIXED.test(String(key)) ? visit.SKIP : undefined),
      Scalar: (key, node) => {
        const { value, type } = node;
        if (key === 'key' || typeof value !== 'string' || /^BLOCK/.test(type ?? '') || node.tag) return;
        if (!/^[\w./:@=, -]+$/.test(value) || /^(?:null|~)$/.test(value)) return;
        const name = /^[A-Za-z_.]+=/.exec(value)?.[0] ?? '';
        node.value = name + variable(value.slice(name.length));
        node.type = 'QUOTE_DOUBLE';
        changed = true;
      },
    });
  }
  return changed;
}
