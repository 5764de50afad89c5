import type { CancellationToken } from 'vscode-languageserver';
import type { Finding, VerifiedFix } from '../engine/finding.ts';
import { createdFiles, fixesFor } from '../engine/fix.ts';
import type { HardenPart } from '../engine/harden.ts';
import { SuppressionEdits } from '../engine/suppress-edit.ts';
import type { FileResult } from '../engine/workspace.ts';
import type { ClientFeatures } from './client-features.ts';
import { giveWay } from './context.ts';
import type { Session } from './session.ts';

interface Tried {
  readonly result: FileResult;
  readonly generation: number;
  readonly fixes: Map<string, readonly VerifiedFix[]>;
  /** By rule, the places of findings that have fixes, whether they work or not. */
  readonly offers: Map<string, ReadonlySet<string>>;
  readonly suppressions: SuppressionEdits;
}

/**
 * Verified fixes of the files that someone looks at. An editor asks again whenever the cursor moves, and trying a fix means checking
 * the whole file, so what was tried is kept until something changes.
 */
export class FixFinder {
  readonly #session: Session;
  readonly #client: ClientFeatures;
  readonly #tried = new Map<string, Tried>();

  constructor(session: Session, client: ClientFeatures) {
    this.#session = session;
    this.#client = client;
  }

  /** The fixes of a finding that work and that the editor can make. */
  fixesOf(finding: Finding): readonly VerifiedFix[] {
    const { fixes } = this.#current(finding.uri);
    const key = `${finding.rule} ${finding.place}`;
    const known = fixes.get(key) ?? this.#makeable(finding);
    fixes.set(key, known);
    return known;
  }

  /** Whether a finding has a fix, without trying whether one works: that would take as long as making it. */
  isLikelyFixable({ uri, rule, place }: Finding): boolean {
    const { offers } = this.#current(uri);
    const places = offers.get(rule) ?? this.#placesWithFixes(uri, rule);
    offers.set(rule, places);
    return places.has(place);
  }

  suppressionsOf(uri: string): SuppressionEdits {
    return this.#current(uri).suppressions;
  }

  /**
   * The preferred fix of each of some findings of one file, where it has one; undefined where nobody waits for it any more, or the
   * file has changed meanwhile.
   */
  async preferred(
    uri: string,
    findings: readonly Finding[],
    token: CancellationToken,
  ): Promise<readonly HardenPart[] | undefined> {
    const tried = this.#current(uri);
    const parts: HardenPart[] = [];
    for (const finding of findings) {
      await giveWay();
      if (token.isCancellationRequested || this.#current(uri) !== tried) return undefined;
      const [fix] = this.fixesOf(finding);
      if (fix) parts.push({ finding, fix });
    }
    return parts;
  }

  /** A fix that makes a file needs an editor that can do that, and someone who knows that the file is not there. */
  #makeable(finding: Finding): readonly VerifiedFix[] {
    const { workspace, isComplete } = this.#session;
    const fixes = fixesFor(workspace, finding);
    if (this.#client.createsFiles && isComplete) return fixes;
    return fixes.filter((fix) => createdFiles(workspace, finding.uri, fix).length === 0);
  }

  #placesWithFixes(uri: string, rule: string): ReadonlySet<string> {
    const live = this.#session.workspace.liveFindings(uri, rule);
    return new Set(live.filter(({ fixes }) => fixes().length > 0).map(({ finding }) => finding.place));
  }

  #current(uri: string): Tried {
    const result = this.#session.check(uri);
    const { generation, workspace } = this.#session;
    const known = this.#tried.get(uri);
    if (known?.result === result && known.generation === generation) return known;
    const tried: Tried = {
      result,
      generation,
      fixes: new Map(),
      offers: new Map(),
      suppressions: new SuppressionEdits(workspace, uri),
    };
    // Few files are looked at together; what was tried in others is soon stale.
    if (this.#tried.size >= 8) this.#tried.clear();
    this.#tried.set(uri, tried);
    return tried;
  }
}
