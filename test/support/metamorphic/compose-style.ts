import { type Document, isNode, isPair, parse, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Transformation } from './example.ts';
import { eachCollection, eachScalar, rewritten } from './yaml-edit.ts';

/* The styles of YAML: block and flow, plain and quoted. */

export const composeStyles: readonly Transformation[] = [
  {
    name: 'services in flow style',
    atLeast: 330,
    apply: (example) => rewritten(example, (document) => setFlow(document, () => true)),
  },
  {
    name: 'services in flow style, over several lines',
    atLeast: 330,
    apply: (example) =>
      rewritten(example, (document) => setFlow(document, () => true) && spreadOut(document)),
  },
  {
    name: 'lists in flow style',
    atLeast: 100,
    apply: (example) =>
      rewritten(example, (document) => setFlow(document, (isMap) => (isMap ? undefined : true))),
  },
  {
    name: 'everything in block style',
    atLeast: 190,
    apply: (example) => rewritten(example, (document) => setFlow(document, () => false)),
  },
  {
    name: 'plain values in double quotes',
    atLeast: 340,
    apply: (example) => rewritten(example, (document) => quote(document, 'value')),
  },
  {
    name: 'keys in double quotes',
    atLeast: 350,
    apply: (example) => rewritten(example, (document) => quote(document, 'key')),
  },
  {
    name: 'double quotes to single ones',
    atLeast: 190,
    apply: (example) =>
      rewritten(example, (document) =>
        restyle(document, ({ type, value }) =>
          type === Scalar.QUOTE_DOUBLE && !value.includes('\n') ? Scalar.QUOTE_SINGLE : undefined,
        ),
      ),
  },
  {
    name: 'long texts over several lines',
    atLeast: 20,
    apply: (example) => rewritten(example, foldTexts, { lineWidth: 36 }),
  },
  {
    name: 'quotes taken away where they say nothing',
    atLeast: 160,
    apply: (example) =>
      rewritten(example, (document) =>
        restyle(document, ({ type, value }) =>
          isQuoted(type) && isTextWhenPlain(value) ? Scalar.PLAIN : undefined,
        ),
      ),
  },
];

type Style = NonNullable<Scalar['type']>;

function setFlow(document: Document, flowOf: (isMap: boolean) => boolean | undefined): boolean {
  let changed = false;
  eachCollection(document, (collection, isMap) => {
    const flow = flowOf(isMap);
    if (flow === undefined || (collection.flow ?? false) === flow || isEmpty(collection)) return;
    collection.flow = flow;
    changed = true;
  });
  return changed;
}

/** Makes every item in flow style stand on a line of its own. */
function spreadOut(document: Document): boolean {
  eachCollection(document, (collection) => {
    const [first] = collection.items;
    const node = isPair(first) ? first.key : first;
    if (collection.flow && isNode(node)) node.spaceBefore = true;
  });
  return true;
}

/** Block scalars are a style of their own. */
function foldTexts(document: Document): boolean {
  let changed = false;
  eachScalar(document, ({ value, type }, isKey) => {
    changed ||= !isKey && /\S{10} \S/.test(value) && !value.includes('\n') && type !== 'BLOCK_FOLDED';
  });
  return changed;
}

function isEmpty({ items }: YAMLMap | YAMLSeq): boolean {
  return items.length === 0;
}

function quote(document: Document, what: 'key' | 'value'): boolean {
  return restyle(document, ({ type, value }, isKey) =>
    isKey === (what === 'key') && type === Scalar.PLAIN && !/^(?:|~|null)$|\\/i.test(value)
      ? Scalar.QUOTE_DOUBLE
      : undefined,
  );
}

function restyle(
  document: Document,
  styleOf: (scalar: Scalar<string>, isKey: boolean) => Style | undefined,
): boolean {
  let changed = false;
  eachScalar(document, (scalar, isKey) => {
    const style = styleOf(scalar, isKey);
    if (style === undefined) return;
    scalar.type = style;
    changed = true;
  });
  return changed;
}

function isQuoted(type: Scalar['type']): boolean {
  return type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE;
}

/** Whether a value without quotes is the same text to every version of YAML. */
function isTextWhenPlain(value: string): boolean {
  if (/[\n\t]|^\s|\s$|: |:$| #|^[-?:,[\]{}#&*!|>'"%@`]/.test(value) || value === '') return false;
  return (['1.1', '1.2'] as const).every(
    (version) => parse(value, { version, logLevel: 'silent' }) === value,
  );
}
