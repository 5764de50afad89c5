import type { YamlFile, YamlMap, YamlPair, YamlScalar } from '../yaml/tree.ts';

/** An application's settings: a YAML file whose keys only that application knows. */
export interface AppConfigTree {
  readonly file: YamlFile;
  /** Every key of every document of the stream, depth first. Aliases are not entered: what is wrong is wrong where it is written. */
  readonly entries: readonly ConfigEntry[];
}

export interface ConfigEntry {
  /**
   * The keys down to this one, each in lower-case words with `_` between them, and keys with dots taken apart:
   * `spring.datasource: {hikari: {maximumPoolSize: 5}}` gives `['spring', 'datasource', 'hikari', 'maximum_pool_size']`.
   */
  readonly keys: readonly string[];
  /** The last of `keys`. */
  readonly key: string;
  /** The keys as they are written, joined with dots. */
  readonly path: string;
  /** `path`, with the number of the document before it where the file has several: no two entries of a sound file share it. */
  readonly place: string;
  readonly pair: YamlPair;
  /** The map that the pair is in. */
  readonly map: YamlMap;
  /** The entries of that map, this one among them. */
  readonly siblings: readonly ConfigEntry[];
  /** The value where it is a scalar that is written here. */
  readonly scalar: YamlScalar | undefined;
  /** Whether a list is between this key and the root. */
  readonly inList: boolean;
}
