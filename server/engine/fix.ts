import type { Fix, Safety } from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import { applyEdits, editsByFile, orderedEdits } from './edits.ts';
import type { Finding, FindingRef, VerifiedFix } from './finding.ts';
import type { Preview, Workspace } from './workspace.ts';

/** How many rounds of fixing one file gets before it counts as not converging. */
const MAX_ROUNDS = 10;

/** The fixes of a finding that work, the preferred one first. */
export function fixesFor(workspace: Workspace, ref: FindingRef): readonly VerifiedFix[] {
  const live = workspace.liveFindings(ref.uri, ref.rule).find(({ finding }) => finding.place === ref.place);
  if (!live) return [];
  return live
    .fixes()
    .flatMap((fix) =>
      isVerified(workspace, live.finding, fix) ? [{ ...fix, verified: true as const }] : [],
    );
}

/**
 * Tries a fix in memory: every changed file parses as well as before, the finding is gone, and no other finding has come in a
 * changed file.
 */
export function isVerified(workspace: Workspace, finding: Finding, fix: Fix): boolean {
  return isVerifiedFor(workspace, finding.uri, [finding], fix);
}

/** The same for a fix that mends several findings of one file at once. */
export function isVerifiedFor(
  workspace: Workspace,
  uri: string,
  findings: readonly Finding[],
  fix: Fix,
): boolean {
  const changed = textsAfter(workspace, uri, fix);
  if (!changed) return false;
  const after = workspace.preview(withDocument(workspace, uri, changed));
  return (
    areGone(findings, workspace.rawFindings(uri), after.get(uri)) &&
    [...changed.keys()].every((file) => isFileNoWorse(workspace, file, after.get(file)))
  );
}

/**
 * The texts that a fix leads to, by file; undefined where its edits overlap, change nothing or name a file that cannot be changed.
 */
export function textsAfter(
  workspace: Workspace,
  uri: string,
  fix: Fix,
): ReadonlyMap<string, string> | undefined {
  const texts = new Map<string, string>();
  for (const [file, edits] of editsByFile(uri, fix.edits)) {
    const text = startOf(workspace, file);
    const next = text === undefined ? undefined : applyEdits(text, edits);
    if (next === undefined || next === text) return undefined;
    texts.set(file, next);
  }
  return texts.size > 0 ? texts : undefined;
}

/** The files that a fix makes: those that it changes and that are not there. */
export function createdFiles(workspace: Workspace, uri: string, fix: Fix): readonly string[] {
  return [...editsByFile(uri, fix.edits).keys()].filter((file) => workspace.textOf(file) === undefined);
}

export interface FixAllOptions {
  /** Findings to mend; all where it is absent. */
  readonly filter?: (finding: Finding) => boolean;
  /** `safe`: only safe fixes. `review`: each finding's first fix, whatever it is. */
  readonly safety?: Safety;
}

export interface FixAllResult {
  readonly text: string;
  /** How many findings were mended. */
  readonly fixed: number;
  /** False where fixing still changed something after ten rounds. */
  readonly converged: boolean;
}

/**
 * Mends everything in one file that can be mended in that file alone, in rounds: overlapping edits wait for the next round.
 * Every round is verified as a whole; where it fails, each of its fixes is tried by itself.
 */
export function fixAll(workspace: Workspace, uri: string, options: FixAllOptions = {}): FixAllResult {
  let text = workspace.textOf(uri) ?? '';
  let fixed = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const step = fixRound(workspace, uri, text, options);
    if (step.fixed === 0) return { text, fixed, converged: true };
    text = step.text;
    fixed += step.fixed;
  }
  return { text, fixed, converged: fixRound(workspace, uri, text, options).fixed === 0 };
}

interface Candidate {
  readonly finding: Finding;
  readonly fix: Fix;
}

function fixRound(
  workspace: Workspace,
  uri: string,
  text: string,
  options: FixAllOptions,
): { text: string; fixed: number } {
  const before = workspace.preview(new Map([[uri, text]])).get(uri);
  if (!before) return { text, fixed: 0 };
  const quiet = new Set(workspace.check(uri).suppressed.map(({ finding }) => keyOf(finding)));
  const candidates = before.findings.flatMap((live): Candidate[] => {
    if (options.filter?.(live.finding) === false || quiet.has(keyOf(live.finding))) return [];
    const fix = live.fixes().find((candidate) => options.safety === 'review' || candidate.safety === 'safe');
    return fix && isLocal(fix, uri) ? [{ finding: live.finding, fix }] : [];
  });
  const chosen = withoutOverlap(text, candidates);
  const together = tryAll(workspace, uri, text, before, chosen);
  if (together !== undefined) return { text: together, fixed: chosen.length };
  return oneByOne(workspace, uri, text, chosen);
}

function oneByOne(
  workspace: Workspace,
  uri: string,
  text: string,
  candidates: readonly Candidate[],
): { text: string; fixed: number } {
  // After one edit the spans of the others are stale, so a round that fails as a whole mends one finding; the next round goes on.
  const before = workspace.preview(new Map([[uri, text]])).get(uri);
  for (const candidate of candidates) {
    const next = before && tryAll(workspace, uri, text, before, [candidate]);
    if (next !== undefined) return { text: next, fixed: 1 };
  }
  return { text, fixed: 0 };
}

/** The text after all candidates, if every one of their findings is gone and nothing is worse; else undefined. */
function tryAll(
  workspace: Workspace,
  uri: string,
  text: string,
  before: Preview,
  candidates: readonly Candidate[],
): string | undefined {
  if (candidates.length === 0) return undefined;
  const next = applyEdits(
    text,
    candidates.flatMap(({ fix }) => fix.edits),
  );
  if (next === undefined || next === text) return undefined;
  const after = workspace.preview(new Map([[uri, next]])).get(uri);
  const found = before.findings.map((live) => live.finding);
  const mended = candidates.map(({ finding }) => finding);
  return isNoWorse(stateOf(before), after) && areGone(mended, found, after) ? next : undefined;
}

function withoutOverlap(text: string, candidates: readonly Candidate[]): readonly Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    if (orderedEdits(candidate.fix.edits, text.length) && !touches(chosen, candidate)) chosen.push(candidate);
  }
  return chosen;
}

/** An edit at the edge of another depends on its order and waits; two insertions at one place simply follow each other. */
function touches(chosen: readonly Candidate[], candidate: Candidate): boolean {
  return candidate.fix.edits.some((a) =>
    chosen.some((other) =>
      other.fix.edits.some((b) => meet(a.span, b.span) && !(isInsertion(a.span) && isInsertion(b.span))),
    ),
  );
}

function meet(a: Span, b: Span): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function isInsertion(span: Span): boolean {
  return span.start === span.end;
}

function isLocal(fix: Fix, uri: string): boolean {
  return fix.edits.every((edit) => edit.uri === undefined || edit.uri === uri);
}

/**
 * The text that a fix changes. A file that is not there starts with none, so that a fix can make it; of one that is there unread or
 * lies where nobody has looked, nothing is known.
 */
function startOf(workspace: Workspace, uri: string): string | undefined {
  const text = workspace.textOf(uri);
  if (text !== undefined) return text;
  const isFree = workspace.roots.some((root) => uri.startsWith(`${root}/`)) && !workspace.hasFile(uri);
  return isFree ? '' : undefined;
}

function withDocument(
  workspace: Workspace,
  uri: string,
  changed: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return changed.has(uri) ? changed : new Map([...changed, [uri, workspace.textOf(uri) ?? '']]);
}

/** What a fix must not make worse. */
interface State {
  readonly problems: number;
  readonly notAnalysed: boolean;
  readonly findings: ReadonlySet<string>;
}

function stateNow(workspace: Workspace, uri: string): State {
  const document = workspace.document(uri);
  return {
    problems: document?.problems.length ?? 0,
    notAnalysed: document?.notAnalysed !== undefined,
    findings: new Set(workspace.rawFindings(uri).flatMap(keysOf)),
  };
}

function stateOf(preview: Preview): State {
  return {
    problems: preview.document.problems.length,
    notAnalysed: preview.document.notAnalysed !== undefined,
    findings: new Set(preview.findings.flatMap((live) => keysOf(live.finding))),
  };
}

/**
 * Whether findings that were there are no longer. Where several of a rule share a place they are numbered, and the first one's
 * number passes to the next when it goes: then there must be as many fewer.
 */
function areGone(
  findings: readonly Finding[],
  before: readonly Finding[],
  after: Preview | undefined,
): boolean {
  if (!after) return false;
  const had = countPlaces(before);
  const has = countPlaces(after.findings.map((live) => live.finding));
  return [...countPlaces(findings)].every(([place, mended]) => {
    return (has.get(place) ?? 0) <= (had.get(place) ?? 0) - mended;
  });
}

function countPlaces(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const finding of findings) {
    const place = keyOf(finding).replace(/#\d+$/, '');
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}

/** Plain text, which nobody reads, cannot get worse; configuration of hardlint is not for fixes to change. */
function isFileNoWorse(workspace: Workspace, uri: string, after: Preview | undefined): boolean {
  if (!after) return !workspace.isAnalysed(uri) && !workspace.isConfig(uri);
  return isNoWorse(stateNow(workspace, uri), after);
}

function isNoWorse(before: State, after: Preview | undefined): boolean {
  if (!after) return false;
  const now = stateOf(after);
  if (now.problems > before.problems || (now.notAnalysed && !before.notAnalysed)) return false;
  return [...now.findings].every((key) => before.findings.has(key));
}

/** A finding with those that it covers: one of them that comes up in its stead is no new one. */
function keysOf(finding: Finding): readonly string[] {
  return [keyOf(finding), ...(finding.covers ?? [])];
}

function keyOf(finding: Finding): string {
  return `${finding.rule} ${finding.place}`;
}
