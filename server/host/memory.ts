import type { Host, NotAnalysed, ReadResult } from './host.ts';

/** A host that holds its files in memory: the only double that tests need. */
export interface MemoryHost extends Host {
  /** All files by URI, as they are now. */
  readonly files: ReadonlyMap<string, string>;
  /** The URIs that were written, in order. */
  readonly written: readonly string[];
}

export interface MemoryHostOptions {
  /** Files that are listed and cannot be read, with the reason. */
  readonly unreadable?: Readonly<Record<string, string>>;
  /** What listing passes over with a reason. */
  readonly skipped?: readonly NotAnalysed[];
}

/** `files`: texts by URI. */
export function createMemoryHost(
  files: Readonly<Record<string, string>>,
  options: MemoryHostOptions = {},
): MemoryHost {
  const unreadable = options.unreadable ?? {};
  const texts = new Map(Object.entries(files));
  const written: string[] = [];
  return {
    files: texts,
    written,
    list: async (root) => ({
      files: [...texts.keys(), ...Object.keys(unreadable)].filter((uri) => isBelow(root, uri)).sort(),
      skipped: options.skipped ?? [],
    }),
    read: async (uri): Promise<ReadResult> => {
      const text = texts.get(uri);
      if (text !== undefined) return { text };
      return { reason: unreadable[uri] ?? 'does not exist' };
    },
    kind: async (uri) => {
      if (texts.has(uri) || uri in unreadable) return 'file';
      return [...texts.keys()].some((file) => isBelow(uri, file)) ? 'folder' : undefined;
    },
    write: async (uri, text) => {
      texts.set(uri, text);
      written.push(uri);
    },
  };
}

function isBelow(root: string, uri: string): boolean {
  return uri.startsWith(root.endsWith('/') ? root : `${root}/`);
}
