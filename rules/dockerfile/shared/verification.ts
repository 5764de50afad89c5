import type { Instruction, Stage } from '../../../syntaxes/dockerfile/tree.ts';

/** Words of everything that compares a file with a checksum or a signature. */
const CHECK =
  /sha-?(?:1|224|256|384|512)|\bshasum\b|\bmd5|\bb2sum\b|checksum|\bgpgv\b|--verify\b|--check\b|\bcosign\b|minisign|signify|checksig|\bsigstore\b|openssl\s+dgst|slsa-verifier|gh\s+attestation/i;

/**
 * Whether a step, or a later one of its stage, compares something with a checksum or a signature. Words count wherever they stand:
 * whoever writes them thinks of it, and the check may be in a loop or a function. `file` limits later steps to those that name it.
 */
export function mentionsCheck(text: string, stage: Stage, from: Instruction, file = ''): boolean {
  return stage.instructions.some(({ keyword, span }) => {
    if (keyword !== 'RUN' || span.end < from.span.end) return false;
    const code = text.slice(span.start, span.end);
    return CHECK.test(code) && (span.end === from.span.end || code.includes(file));
  });
}
