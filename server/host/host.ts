/**
 * The one door to the outside: everything that reads or writes a disk goes through a host. There is one for Node and one in
 * memory for tests; all files are named by normalised URIs.
 */
export interface Host {
  /**
   * All files below a folder that are worth knowing, sorted: .gitignore is honoured, `.git`, `node_modules`, vendored folders and
   * symbolic links that lead in circles are passed over. What could not be listed or is too large is in `skipped`.
   */
  list(root: string): Promise<Listing>;
  /** A file's text, or why there is none. Never throws. */
  read(uri: string): Promise<ReadResult>;
  /** What a URI names; undefined where there is nothing. Never throws. */
  kind(uri: string): Promise<'file' | 'folder' | 'other' | undefined>;
  /**
   * A file's permission bits; undefined where there is no file, and on systems that have none. Absent where there is no disk. Never
   * throws.
   */
  mode?(uri: string): Promise<number | undefined>;
  /** Writes a file as a whole, an existing one or a new one, or throws. */
  write(uri: string, text: string): Promise<void>;
}

export interface Listing {
  readonly files: readonly string[];
  readonly skipped: readonly NotAnalysed[];
}

/** A file that nobody has looked into, with a short reason: "larger than 2 MiB", "binary". */
export interface NotAnalysed {
  readonly uri: string;
  readonly reason: string;
}

export type ReadResult = { readonly text: string } | { readonly reason: string };
