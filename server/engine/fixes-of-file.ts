import type { Fix } from '../../rules/core/rule.ts';
import type { Finding, FindingRef, VerifiedFix } from './finding.ts';
import { isVerified, isVerifiedFor } from './fix.ts';
import type { Workspace } from './workspace.ts';

/** Names a finding within its file. */
export function findingKey(ref: Pick<FindingRef, 'rule' | 'place'>): string {
  return `${ref.rule} ${ref.place}`;
}

/**
 * The fixes that work of many findings of one file, by `findingKey`, each list with the preferred one first. Trying a fix means to
 * check its file again, so one rule's fixes at different places are tried together, and apart only where that fails: the time
 * grows with the number of rules instead of that of findings.
 */
export function fixesOfFile(
  workspace: Workspace,
  uri: string,
  refs: readonly Pick<FindingRef, 'rule' | 'place'>[],
): ReadonlyMap<string, readonly VerifiedFix[]> {
  const wanted = new Set(refs.map(findingKey));
  const working = new Map<string, readonly VerifiedFix[]>();
  for (const rule of new Set(refs.map((ref) => ref.rule))) {
    const offers = workspace
      .liveFindings(uri, rule)
      .filter(({ finding }) => wanted.has(findingKey(finding)))
      .map(({ finding, fixes }) => ({ finding, fixes: fixes() }));
    const verified = new Set<Fix>();
    const most = Math.max(0, ...offers.map(({ fixes }) => fixes.length));
    // Never two fixes of one finding at once: each would vouch for the other.
    for (let nth = 0; nth < most; nth++) {
      const candidates = offers.flatMap(({ finding, fixes }) => candidateOf(finding, fixes[nth]));
      for (const group of apart(candidates)) {
        for (const { fix } of thoseThatWork(workspace, uri, group)) verified.add(fix);
      }
    }
    for (const { finding, fixes } of offers) {
      const good = fixes
        .filter((fix) => verified.has(fix))
        .map((fix) => ({ ...fix, verified: true as const }));
      working.set(findingKey(finding), good);
    }
  }
  return working;
}

interface Candidate {
  readonly finding: Finding;
  readonly fix: Fix;
  /** From the first edit to the last one, in the finding's own file. */
  readonly start: number;
  readonly end: number;
  /** Whether it changes other files too. */
  readonly isWide: boolean;
}

function candidateOf(finding: Finding, fix: Fix | undefined): Candidate[] {
  if (!fix || fix.edits.length === 0) return [];
  return [
    {
      finding,
      fix,
      start: Math.min(...fix.edits.map((edit) => edit.span.start)),
      end: Math.max(...fix.edits.map((edit) => edit.span.end)),
      isWide: fix.edits.some((edit) => edit.uri !== undefined && edit.uri !== finding.uri),
    },
  ];
}

/** Groups in which no two candidates touch; one that changes several files is alone. */
function apart(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groups: Candidate[][] = candidates.filter((candidate) => candidate.isWide).map((wide) => [wide]);
  let rest = candidates
    .filter((candidate) => !candidate.isWide)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  while (rest.length > 0) {
    const group: Candidate[] = [];
    const later: Candidate[] = [];
    let end = -1;
    for (const candidate of rest) {
      if (candidate.start <= end) {
        later.push(candidate);
      } else {
        group.push(candidate);
        end = candidate.end;
      }
    }
    groups.push(group);
    rest = later;
  }
  return groups;
}

function thoseThatWork(workspace: Workspace, uri: string, group: readonly Candidate[]): readonly Candidate[] {
  const [first] = group;
  if (!first) return [];
  if (group.length === 1) return isVerified(workspace, first.finding, first.fix) ? group : [];
  const together: Fix = { ...first.fix, edits: group.flatMap(({ fix }) => fix.edits) };
  const findings = group.map(({ finding }) => finding);
  if (isVerifiedFor(workspace, uri, findings, together)) return group;
  const half = Math.ceil(group.length / 2);
  return [
    ...thoseThatWork(workspace, uri, group.slice(0, half)),
    ...thoseThatWork(workspace, uri, group.slice(half)),
  ];
}
