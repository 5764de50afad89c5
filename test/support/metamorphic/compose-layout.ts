import { type Document, isCollection, isMap, isScalar, visit } from 'yaml';
import type { Transformation } from './example.ts';
import { rewritten, samePlaces, servicesOf } from './yaml-edit.ts';

/* What stands around the values: line endings, comments, indentation, the order of keys. */

export const composeLayouts: readonly Transformation[] = [
  {
    name: 'CRLF',
    atLeast: 350,
    apply: (example) => [samePlaces(example, example.text.replaceAll(/\r?\n/g, '\r\n'))],
  },
  {
    name: 'a byte order mark',
    atLeast: 350,
    apply: (example) => [samePlaces(example, `\ufeff${example.text}`)],
  },
  {
    name: 'a document start',
    atLeast: 350,
    apply: (example) => [samePlaces(example, `# Services\n---\n${example.text}`)],
  },
  {
    name: 'an empty document in front',
    atLeast: 60,
    apply: (example) => [samePlaces(example, `---\n# Services\n---\n${example.text}`)],
  },
  {
    name: 'a document end and spaces behind lines',
    atLeast: 340,
    apply: (example) => {
      if (/[|>][-+\d]*\n|\\\n/.test(example.text)) return [];
      return [samePlaces(example, `${example.text.trimEnd().replaceAll(/(?<=\S)\n/g, '  \n')}\n...\n`)];
    },
  },
  {
    name: 'indentation of four',
    atLeast: 350,
    apply: (example) => rewritten(example, () => true, { indent: 4 }),
  },
  {
    name: 'lists at the indentation of their keys',
    atLeast: 350,
    apply: (example) => rewritten(example, () => true, { indentSeq: false }),
  },
  { name: 'comments and blank lines', atLeast: 350, apply: (example) => rewritten(example, addComments) },
  { name: 'keys of services in reverse', atLeast: 300, apply: (example) => rewritten(example, reverseKeys) },
];

function addComments(document: Document): boolean {
  visit(document, {
    Collection: (_, node) => {
      if (node.flow) return;
      for (const item of node.items) {
        const first = isMap(node) ? (item as { key: unknown }).key : item;
        if (!isScalar(first) && !isCollection(first)) continue;
        first.commentBefore = ' Why: see "the manual", it\'s {long}: yes';
        if (node.items[0] !== item) first.spaceBefore = true;
      }
    },
    Scalar: (key, node) => {
      if (key !== 'key' && !/^BLOCK/.test(node.type ?? '')) node.comment ??= ' note: x';
    },
  });
  return true;
}

/** Those of services without anchors, which have to stand before their aliases, and without a key that stands twice. */
function reverseKeys(document: Document): boolean {
  let changed = false;
  for (const { value } of servicesOf(document)) {
    let anchored = false;
    visit(value, {
      Node: (_, node) => {
        if ('anchor' in node && node.anchor !== undefined) anchored = true;
      },
    });
    const keys = new Set(value?.items.map(({ key }) => String(key)));
    if (!value || anchored || keys.size < 2 || keys.size < value.items.length) continue;
    value.items.reverse();
    changed = true;
  }
  return changed;
}
