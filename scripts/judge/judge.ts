import type { Finding } from '../../server/engine/finding.ts';
import { fixAll, fixesFor, textsAfter } from '../../server/engine/fix.ts';
import type { Workspace } from '../../server/engine/workspace.ts';
import type { Document } from '../../syntaxes/document.ts';
import type { Prefix } from './binary.ts';
import { type Files, reachable, render, type Wrap } from './render.ts';
import { judgeWithShims, NEWER_DIRECTIVES, type Shim, type Verdict } from './shims.ts';
import type { Tally } from './tally.ts';

export interface JudgeOptions {
  readonly prefix: Prefix;
  /** The version of the nginx that judges. */
  readonly version: readonly number[];
  /** How many findings of a rule have their fixes judged, outside of its own examples; all where it is absent. */
  readonly perRule?: number;
  /** Told why a file is not judged. */
  readonly onPassedOver?: (uri: string, reason: string) => void;
}

/** Where files are from. */
interface Asked {
  readonly name: string;
  readonly own: string | undefined;
}

/** A configuration that nginx has judged before a fix. */
interface Entry {
  readonly uri: string;
  readonly wrap: Wrap;
  readonly verdict: Verdict;
}

/** Lets nginx judge every fix of every nginx file of a workspace, each by itself and all safe ones together. */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #tally: Tally;
  /** Many examples are alike, and many fixes lead to the same text. */
  readonly #verdicts = new Map<string, Verdict>();
  /** How many findings of each rule had their fixes judged. */
  readonly #tried = new Map<string, number>();

  constructor(options: JudgeOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
  }

  /** `name` says in a failure where the files are from; `own` is the rule that they are examples of. */
  judge(workspace: Workspace, name: string, own?: string): void {
    const files = filesOf(workspace);
    const includedBy = includersIn(files);
    for (const uri of files.uris) this.#judgeFile(workspace, files, includedBy, uri, { name, own });
  }

  #judgeFile(
    workspace: Workspace,
    files: Files,
    includedBy: ReadonlyMap<string, readonly string[]>,
    uri: string,
    asked: Asked,
  ): void {
    const tally = this.#tally;
    tally.files++;
    const entries = (includedBy.get(uri) ?? [uri]).map((entry) => this.#before(workspace, files, entry));
    const judged = entries.filter((entry) => typeof entry !== 'string');
    const accepted = judged.filter(({ verdict }) => verdict.complaint === undefined);
    if (accepted.length === 0)
      this.#passOver(uri, entries.find((entry) => typeof entry === 'string') ?? reasonOf(judged[0]?.verdict));
    else tally.accepted++;
    if (accepted.some(({ verdict }) => verdict.shims.some(({ drop }) => drop))) tally.partly++;
    if (judged.length === 0) return;
    const lacking = isForNewer(workspace, this.#options.version)
      ? NEWER_DIRECTIVES.map((drop) => ({ drop }))
      : [];
    for (const change of this.#changesOf(workspace, uri, asked)) {
      for (const entry of judged) this.#after(files, entry, [...entry.verdict.shims, ...lacking], change);
    }
  }

  /** What nginx says of a file as it is; why it is not asked where it is not. */
  #before(workspace: Workspace, files: Files, uri: string): Entry | string {
    const document = workspace.document(uri);
    if (document?.kind !== 'nginx') return 'not nginx';
    const parts = [...reachable(files, uri).values()];
    if (parts.some(({ tree }) => tree.template)) return 'template';
    if (document.tree.context === 'stream' || document.tree.context === 'mail') return 'no HTTP';
    const tried = WRAPS[document.tree.context].map((wrap) => ({
      uri,
      wrap,
      verdict: this.#ask(files, uri, wrap),
    }));
    return tried.find(({ verdict }) => verdict.complaint === undefined) ?? tried[0] ?? 'nothing to try';
  }

  #after(files: Files, entry: Entry, shims: readonly Shim[], { texts, what }: Change): void {
    const tally = this.#tally;
    const { complaint } = entry.verdict;
    const verdict = this.#ask(withTexts(files, texts), entry.uri, entry.wrap, shims);
    if (complaint !== undefined) {
      if (verdict.complaint === undefined) tally.mended++;
      return;
    }
    tally.fixes++;
    if (verdict.complaint === undefined) tally.fixesAccepted++;
    else tally.failures.push(`${what}: ${verdict.complaint}`);
  }

  #ask(files: Files, uri: string, wrap: Wrap, allowed?: readonly Shim[]): Verdict {
    const { prefix } = this.#options;
    const configWith = (shims: readonly Shim[]) => render(files, uri, { prefix, wrap, shims });
    const key = JSON.stringify([configWith([]), allowed]);
    const known = this.#verdicts.get(key);
    if (known) return known;
    const verdict = judgeWithShims(prefix, configWith, allowed);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  /** The texts that each fix of a file leads to, and all safe ones together. */
  #changesOf(workspace: Workspace, uri: string, asked: Asked): readonly Change[] {
    const { findings } = workspace.check(uri);
    const single = findings.flatMap((finding) => this.#fixesOf(workspace, finding, asked));
    const all = fixAll(workspace, uri);
    if (all.fixed === 0) return single;
    const what = `${asked.name}: all safe fixes in ${uri}`;
    return [...single, { texts: new Map([[uri, all.text]]), what }];
  }

  #fixesOf(workspace: Workspace, finding: Finding, { name, own }: Asked): readonly Change[] {
    const { rule, place, uri } = finding;
    const count = this.#tried.get(rule) ?? 0;
    if (rule !== own && count >= (this.#options.perRule ?? Infinity)) return [];
    const fixes = fixesFor(workspace, finding);
    if (fixes.length > 0) this.#tried.set(rule, count + 1);
    return fixes.flatMap((fix) => {
      const texts = textsAfter(workspace, uri, fix);
      return texts ? [{ texts, what: `${name}: "${fix.title}" of ${rule} at ${place} in ${uri}` }] : [];
    });
  }

  #passOver(uri: string, reason: string): void {
    const [kind = ''] = reason.split(':');
    this.#tally.passedOver.set(kind, (this.#tally.passedOver.get(kind) ?? 0) + 1);
    this.#options.onPassedOver?.(uri, reason);
  }
}

/** The blocks that a file may stand in, the likeliest first. */
const WRAPS: Readonly<Record<Document<'nginx'>['tree']['context'], readonly Wrap[]>> = {
  main: ['none'],
  http: ['http'],
  server: ['server', 'location'],
  unknown: ['server', 'http', 'location'],
  stream: [],
  mail: [],
};

function reasonOf(verdict: Verdict | undefined): string {
  const complaint = verdict?.complaint ?? '';
  return /unknown directive/.test(complaint)
    ? `needs what this nginx lacks: ${complaint}`
    : `not accepted as it is: ${complaint}`;
}

/** The nginx files of a workspace that rules judge. */
function filesOf(workspace: Workspace): Files {
  const uris = workspace.uris().filter((uri) => {
    const document = workspace.document(uri);
    return document?.kind === 'nginx' && !document.notAnalysed;
  });
  return { uris, textOf: (uri) => workspace.textOf(uri) };
}

function withTexts(files: Files, texts: ReadonlyMap<string, string>): Files {
  return {
    uris: [...new Set([...files.uris, ...texts.keys()])],
    textOf: (uri) => texts.get(uri) ?? files.textOf(uri),
  };
}

/** For each file that others include the outermost of those, two at most. */
function includersIn(files: Files): ReadonlyMap<string, readonly string[]> {
  const reach = new Map(files.uris.map((uri) => [uri, [...reachable(files, uri).keys()].slice(1)]));
  const inner = new Set([...reach.values()].flat());
  const found = new Map<string, string[]>();
  for (const [uri, included] of reach) {
    if (inner.has(uri)) continue;
    for (const file of included) found.set(file, [...(found.get(file) ?? []), uri].slice(0, 2));
  }
  return found;
}

interface Change {
  readonly texts: ReadonlyMap<string, string>;
  readonly what: string;
}

/** Whether the workspace says that its nginx is newer than the one at hand: then fixes may write what that one does not know. */
function isForNewer(workspace: Workspace, version: readonly number[]): boolean {
  const told = workspace
    .uris()
    .flatMap((uri) => [
      ...(workspace.textOf(uri) ?? '').matchAll(/\bnginx(?:-unprivileged)?:\s*["']?(\d+(?:\.\d+)+)/g),
    ])
    .map(([, text = '']) => text.split('.').map(Number));
  return told.some((own) => isNewer(own, version));
}

function isNewer(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((part, i) => part !== b[i]);
  return index >= 0 && (a[index] ?? 0) > (b[index] ?? 0);
}
