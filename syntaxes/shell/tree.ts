/** A shell script. */
export interface ShellTree {
  /** The text without its comments, which hold their place as spaces: every offset is the document's. */
  readonly code: string;
}
