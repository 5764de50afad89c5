import type { YamlFile, YamlMap, YamlNode, YamlPair } from '../yaml/tree.ts';
import type { ConfigEntry } from './tree.ts';

/** All keys of a file, depth first. */
export function entriesOf(file: YamlFile): readonly ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  file.documents.forEach(({ root }, index) => {
    collect(
      root,
      { keys: [], path: '', prefix: index === 0 ? '' : `document[${index}].`, inList: false },
      entries,
    );
  });
  return entries;
}

/** `maximumPoolSize`, `maximum-pool-size` and `MAXIMUM_POOL_SIZE` are all `maximum_pool_size`. */
export function wordsOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

interface Above {
  /** What stands before the path in an entry's place. */
  readonly prefix: string;
  readonly keys: readonly string[];
  readonly path: string;
  readonly inList: boolean;
}

function collect(node: YamlNode | undefined, above: Above, out: ConfigEntry[]): void {
  if (node?.type === 'map') {
    const siblings: ConfigEntry[] = [];
    for (const pair of node.pairs) {
      const entry = entryOf(node, pair, above, siblings);
      siblings.push(entry);
      out.push(entry);
      collect(pair.value, { ...entry, prefix: above.prefix }, out);
    }
  } else if (node?.type === 'seq') {
    node.items.forEach((item, index) => {
      collect(item, { ...above, path: `${above.path}[${index}]`, inList: true }, out);
    });
  }
}

function entryOf(map: YamlMap, pair: YamlPair, above: Above, siblings: readonly ConfigEntry[]): ConfigEntry {
  const written = pair.key.value;
  const own = written
    .split('.')
    .map(wordsOf)
    .filter((word) => word !== '');
  const path = above.path === '' ? written : `${above.path}.${written}`;
  return {
    keys: [...above.keys, ...own],
    key: own.at(-1) ?? '',
    path,
    place: above.prefix + path,
    pair,
    map,
    siblings,
    scalar: pair.value?.type === 'scalar' ? pair.value : undefined,
    inList: above.inList,
  };
}
