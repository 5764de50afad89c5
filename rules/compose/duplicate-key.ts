import type { Document } from '../../syntaxes/document.ts';
import type { YamlMap, YamlNode, YamlPair } from '../../syntaxes/yaml/tree.ts';
import { defineRule, type Fix } from '../core/rule.ts';
import { removePair } from '../core/yaml-edits.ts';
import { fixOf } from './shared/fixes.ts';

export const rule = defineRule({
  id: 'compose/duplicate-key',
  title: 'Key stands twice',
  kinds: ['compose'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: `Docker Compose refuses a file in which a key stands twice in one map. Readers that take it, older ones and many editors among
them, keep the last value only: what the first one says, a list of limits or of secrets, is gone without a word.`,
    fix: 'Join the two values, or delete the one that is not meant. Two merge keys become one with a list: `<<: [*a, *b]`.',
    cwe: [1389],
    references: [
      'https://yaml.org/spec/1.2.2/#mapping',
      'https://docs.docker.com/reference/compose-file/fragments/',
    ],
  },
  bad: [
    {
      name: 'two values for one key of a service',
      files: {
        'compose.yaml': `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    «environment»:
      A: b
    restart: always
    environment:
      C: d
`,
      },
      fixed: `services:
  api:
    image: ghcr.io/acme/api:1.4.2
    restart: always
    environment:
      C: d
`,
    },
    {
      name: 'the same value twice, in quotes, in flow style, three times',
      files: {
        'compose.yaml': `services:
  a: { «image»: "ghcr.io/acme/a:1", restart: always, image: "ghcr.io/acme/a:1" }
  b:
    image: ghcr.io/acme/b:1
    environment:
      «"A"»: b
      «A»: c
      A: d
`,
      },
      fixed: `services:
  a: { restart: always, image: "ghcr.io/acme/a:1" }
  b:
    image: ghcr.io/acme/b:1
    environment:
      "A": b
      A: c
      A: d
`,
    },
    {
      name: 'a service, and a section at the top',
      files: {
        'compose.yaml': `services:
  «web»:
    image: ghcr.io/acme/web:1
  web:
    image: ghcr.io/acme/web:2
«volumes»:
  a:
volumes:
  b:
`,
      },
      fixed: `services:
  web:
    image: ghcr.io/acme/web:2
volumes:
  a:
volumes:
  b:
`,
    },
    {
      name: 'two merge keys',
      files: {
        'compose.yaml': `x-a: &a { restart: always }
x-b: &b { init: true }
services:
  web:
    «<<»: *a
    image: ghcr.io/acme/web:1
    <<: *b
`,
      },
      fixed: `x-a: &a { restart: always }
x-b: &b { init: true }
services:
  web:
    <<: [*a, *b]
    image: ghcr.io/acme/web:1
`,
    },
    {
      name: 'the value that loses holds an anchor that others need',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    «environment»: &env { A: b }
    environment: { C: d }
  b:
    image: ghcr.io/acme/b:1
    environment: *env
`,
      },
    },
  ],
  good: [
    {
      name: 'the same key in different maps, in lists, in another document',
      files: {
        'compose.yaml': `x-base: &base
  restart: always
services:
  a:
    <<: *base
    image: ghcr.io/acme/a:1
    restart: "no"
    ports:
      - target: 80
      - target: 81
    environment:
      - A=b
      - A=c
      - a=d
    labels: { A: b, a: c }
`,
      },
    },
    {
      name: 'a text that only looks like keys',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
configs:
  c:
    content: |
      key: 1
      key: 2
`,
      },
    },
  ],
  check(document, context) {
    for (const { root } of document.tree.file.documents) {
      if (!hasDuplicates(root)) continue;
      visit(root, '', ({ map, lost, kept, place }) => {
        const name = lost.key.value.slice(0, 40);
        context.report({
          span: lost.key.span,
          message: `\`${name}\` stands again below: Compose refuses the file, and other readers lose the value here.`,
          place,
          related: [
            {
              uri: document.uri,
              span: kept.key.span,
              message: 'This one is kept by readers that take the file.',
            },
          ],
          fixes: () => [
            name === '<<' ? joinMerges(document.text, map, lost, kept) : removal(document, map, lost, kept),
          ],
        });
      });
    }
  },
});

interface Duplicate {
  readonly map: YamlMap;
  readonly lost: YamlPair;
  /** The last one. */
  readonly kept: YamlPair;
  readonly place: string;
}

/** Nearly every file has none, which is found out without building anything. */
function hasDuplicates(node: YamlNode | undefined): boolean {
  if (node?.type === 'seq') return node.items.some(hasDuplicates);
  if (node?.type !== 'map') return false;
  return repeatsKey(node.pairs) || node.pairs.some(({ value }) => hasDuplicates(value));
}

function repeatsKey(pairs: readonly YamlPair[]): boolean {
  if (pairs.length > 16) return new Set(pairs.map(({ key }) => key.value)).size < pairs.length;
  for (let i = 1; i < pairs.length; i++) {
    for (let j = 0; j < i; j++) if (pairs[i]?.key.value === pairs[j]?.key.value) return true;
  }
  return false;
}

function visit(node: YamlNode | undefined, path: string, found: (duplicate: Duplicate) => void): void {
  if (node?.type === 'seq') {
    node.items.forEach((item, index) => {
      visit(item, `${path}[${index}]`, found);
    });
  }
  if (node?.type !== 'map') return;
  const last = new Map(node.pairs.map((pair) => [pair.key.value, pair]));
  const isUnique = last.size === node.pairs.length;
  const counts = new Map<string, number>();
  for (const pair of node.pairs) {
    const key = pair.key.value;
    const below = path === '' ? key : `${path}.${key}`;
    const kept = last.get(key);
    if (!isUnique && kept && kept !== pair) {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      found({ map: node, lost: pair, kept, place: `${below}#${count}` });
    }
    if (pair.value && pair.value.type !== 'scalar') visit(pair.value, below, found);
  }
}

function removal(
  document: Document<'compose'>,
  map: YamlMap,
  lost: YamlPair,
  kept: YamlPair,
): Fix | undefined {
  const textOf = ({ value }: YamlPair) =>
    value && document.text.slice(value.span.start, value.span.end).trim();
  const edit = removePair(document.text, map, lost);
  if (textOf(lost) === textOf(kept))
    return fixOf(edit, { title: `Delete the first ${lost.key.value}`, safety: 'safe' });
  return fixOf(edit, {
    title: `Delete the first ${lost.key.value}`,
    safety: 'review',
    risk: 'The two values differ: what only the first one says may be missing.',
  });
}

/** One merge key with both sources. */
function joinMerges(text: string, map: YamlMap, lost: YamlPair, kept: YamlPair): Fix | undefined {
  if (lost.value?.type !== 'alias' || kept.value?.type !== 'alias') return undefined;
  const names = [lost.value, kept.value].map(({ span }) => text.slice(span.start, span.end));
  return fixOf([{ span: lost.value.span, text: `[${names.join(', ')}]` }, removePair(text, map, kept)], {
    title: 'Join the merge keys',
    safety: 'review',
    risk: 'Both maps are merged in now; where they have a key in common, the first one wins.',
  });
}
