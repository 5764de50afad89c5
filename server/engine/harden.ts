import type { Edit, Fix } from '../../rules/core/rule.ts';
import { applyEdits, editsByFile } from './edits.ts';
import type { Finding, VerifiedFix } from './finding.ts';
import { isVerifiedFor } from './fix.ts';
import type { Workspace } from './workspace.ts';

/** A finding of a group with the fix that is taken for it. */
export interface HardenPart {
  readonly finding: Finding;
  readonly fix: VerifiedFix;
}

/** One fix for a whole service or server: the fixes of its findings together, tried as a whole. */
export interface HardenFix extends VerifiedFix {
  readonly parts: readonly HardenPart[];
}

/**
 * Combines fixes of findings of one file, as far as they fit together; undefined where fewer than two do. It is a `review` fix as
 * soon as one of its parts is.
 */
export function hardenFix(
  workspace: Workspace,
  uri: string,
  title: string,
  candidates: readonly HardenPart[],
): HardenFix | undefined {
  const parts = fittingParts(workspace, uri, candidates);
  return parts.length < 2 ? undefined : { ...combined(title, parts), verified: true, parts };
}

/**
 * Of some fixes for findings of one file those that work together, the first ones before the later ones: whatever gets in the way of
 * another, or works only alone, is left out.
 */
export function fittingParts(
  workspace: Workspace,
  uri: string,
  candidates: readonly HardenPart[],
): readonly HardenPart[] {
  const disjoint = withoutOverlap(workspace, uri, candidates);
  return chosenWhile(disjoint, (parts) => works(workspace, uri, parts));
}

function works(workspace: Workspace, uri: string, parts: readonly HardenPart[]): boolean {
  return isVerifiedFor(
    workspace,
    uri,
    parts.map((part) => part.finding),
    combined('', parts),
  );
}

function withoutOverlap(
  workspace: Workspace,
  uri: string,
  candidates: readonly HardenPart[],
): readonly HardenPart[] {
  return chosenWhile(candidates, (parts) =>
    areDisjoint(
      workspace,
      uri,
      parts.flatMap(({ fix }) => fix.edits),
    ),
  );
}

/**
 * Takes one candidate after the other, and leaves out each that makes the whole unfit. Asking is dear and most candidates fit, so
 * all are tried at once, then halves of them.
 */
function chosenWhile(
  candidates: readonly HardenPart[],
  isFit: (parts: readonly HardenPart[]) => boolean,
  chosen: readonly HardenPart[] = [],
): readonly HardenPart[] {
  if (candidates.length === 0) return chosen;
  const all = [...chosen, ...candidates];
  if (isFit(all)) return all;
  if (candidates.length === 1) return chosen;
  const half = Math.ceil(candidates.length / 2);
  return chosenWhile(candidates.slice(half), isFit, chosenWhile(candidates.slice(0, half), isFit, chosen));
}

function areDisjoint(workspace: Workspace, uri: string, edits: readonly Edit[]): boolean {
  return [...editsByFile(uri, edits)].every(
    ([file, own]) => applyEdits(workspace.textOf(file) ?? '', own) !== undefined,
  );
}

function combined(title: string, parts: readonly HardenPart[]): Fix {
  const risks = [...new Set(parts.flatMap(({ fix }) => fix.risk ?? []))];
  const commands = [...new Set(parts.flatMap(({ fix }) => fix.verify ?? []))];
  return {
    title,
    safety: parts.some(({ fix }) => fix.safety === 'review') ? 'review' : 'safe',
    edits: parts.flatMap(({ fix }) => fix.edits),
    ...(risks.length > 0 && { risk: risks.join(' ') }),
    ...(commands.length > 0 && { verify: commands.join(' && ') }),
  };
}
