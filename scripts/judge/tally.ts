/** What came of letting a real nginx judge fixes. */
export interface Tally {
  /** Configuration files that were looked at. */
  files: number;
  /** Those that nginx accepts as they are, with what they name outside of themselves made up. */
  accepted: number;
  /** Those of them that are accepted without directives that this nginx does not know. */
  partly: number;
  /** Those that are not judged, by why not. */
  readonly passedOver: Map<string, number>;
  /** Fixes of accepted files, and "all safe fixes" of one, that were tried; and how many of them nginx accepts. */
  fixes: number;
  fixesAccepted: number;
  /** Fixes that made nginx accept what it did not. */
  mended: number;
  readonly failures: string[];
}

export function newTally(): Tally {
  return {
    files: 0,
    accepted: 0,
    partly: 0,
    passedOver: new Map(),
    fixes: 0,
    fixesAccepted: 0,
    mended: 0,
    failures: [],
  };
}

/** The counts in words. */
export function describeTally({
  files,
  accepted,
  partly,
  passedOver,
  fixes,
  fixesAccepted,
  mended,
  failures,
}: Tally): string {
  return [
    `${files} nginx files, ${accepted} of them accepted as they are (${partly} without what this nginx lacks), ${fixes} fixes tried, ${fixesAccepted} accepted`,
    ...[...passedOver].map(([reason, count]) => `  not judged, ${reason}: ${count}`),
    `  made right by a fix: ${mended}`,
    `  failures: ${failures.length}`,
  ].join('\n');
}
