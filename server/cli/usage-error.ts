/** Something that the caller said is wrong: a flag, a path, a configuration. Ends in exit code 2. */
export class UsageError extends Error {
  /** What to do about it, as a sentence. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
