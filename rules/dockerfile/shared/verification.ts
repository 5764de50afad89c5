import type { Instruction, Stage } from '../../../syntaxes/dockerfile/tree.ts';

/** Words of everything that compares a file with a checksum or a signature. */
const CHECK =
  /sha-?(?:1|224|256|384|512)|\bshasum\b|\bmd5|\bb2sum\b|checksum|\bgpgv\b|--verify\b|--check\b|\bcosign\b|minisign|signify|checksig|\bsigstore\b|openssl\s+dgst|slsa-verifier|gh\s+attestation/i;

/** A step that compares something with a checksum or a signature. */
export interface Check {
  readonly end: number;
  readonly code: string;
}

/**
 * The steps of a stage that compare something with a checksum or a signature. Words count wherever they stand: whoever writes them
 * thinks of it, and the check may be in a loop or a function.
 */
export function checksOf(text: string, { byKeyword }: Stage): readonly Check[] {
  return (byKeyword.get('RUN') ?? [])
    .map(({ span }) => ({ end: span.end, code: text.slice(span.start, span.end) }))
    .filter(({ code }) => CHECK.test(code));
}

/** Whether a step or a later one checks something; `file` limits later steps to those that name it. */
export function isChecked(checks: readonly Check[], { span }: Instruction, file = ''): boolean {
  return checks.some(({ end, code }) => end === span.end || (end > span.end && code.includes(file)));
}
