import type { FactReader } from '../../rules/core/facts.ts';
import type { AnyDocument, Kind } from '../../syntaxes/document.ts';
import { appliesTo, type LiveFinding, mayHaveSmell, type RuleRun, runRule } from './check.ts';
import type { FileSettings } from './config.ts';
import { syntaxError } from './engine-rules.ts';
import { workspacePath } from './environment.ts';
import type { FactStore } from './fact-store.ts';
import type { Finding, MutedRule } from './finding.ts';
import type { Linker } from './link.ts';
import { Reads } from './reads.ts';
import { type EmbeddedDocuments, inHolder, type Unit } from './units.ts';

type EnabledRule = FileSettings['rules'][number];

/** What one rule came to on one file, and what it has read of others. */
export interface Run {
  readonly reads: Reads;
  readonly findings: readonly Finding[];
  readonly muted?: MutedRule;
}

/** Results of all rules that apply to a file, in their order. */
export interface Runs {
  readonly settings: FileSettings;
  readonly list: readonly Run[];
  /** What was read of other files to complete the document. */
  readonly link: Reads;
  /** Whether other files gave something to the document. */
  readonly isLinked: boolean;
}

/** What most rules come to on most files; one for all, since a large workspace has a million of them. */
const QUIET: Run = { reads: new Reads(), findings: [] };

/** What a file is called. */
interface FileName {
  readonly uri: string;
  /** Below its workspace folder. */
  readonly path: string;
}

/** What depends on the settings alone. */
interface RuleSet {
  readonly ran: ReadonlySet<string>;
  readonly byKind: Map<Kind, readonly EnabledRule[]>;
}

/** Runs the rules of a file on its document and on those that stand in it, completed with what other files give to it. */
export class Runner {
  readonly #roots: readonly string[];
  readonly #facts: FactStore;
  readonly #linker: Linker;
  readonly #embedded: EmbeddedDocuments;
  readonly #ruleSets = new WeakMap<FileSettings, RuleSet>();

  constructor(roots: readonly string[], facts: FactStore, linker: Linker, embedded: EmbeddedDocuments) {
    this.#roots = roots;
    this.#facts = facts;
    this.#linker = linker;
    this.#embedded = embedded;
  }

  isFresh({ link, list }: Runs): boolean {
    return link.isFresh(this.#facts) && list.every((run) => run.reads.isFresh(this.#facts));
  }

  /** Runs what `old` does not hold any more. */
  run(document: AnyDocument, settings: FileSettings, old: Runs | undefined): Runs {
    const known = old?.settings === settings && old.link.isFresh(this.#facts) ? old.list : [];
    const linked = this.#linker.link(document);
    const at = this.#at(document);
    const list = this.#unitsOf(document, linked.document)
      .flatMap((unit) => this.#rulesFor(settings, unit.document).map((enabled) => ({ unit, enabled })))
      .map(({ unit, enabled }, index) => this.#run(known[index], unit, at, enabled, settings));
    return { settings, list, link: linked.reads, isLinked: linked.document !== document };
  }

  /** Runs one rule and gives its findings with their fixes. */
  live(document: AnyDocument, settings: FileSettings, rule: string): readonly LiveFinding[] {
    const enabled = settings.rules.find((candidate) => candidate.rule.id === rule);
    if (!enabled) return [];
    const reader = this.#facts.reader(new Reads());
    const facts = () => reader;
    const at = this.#at(document);
    return this.#unitsOf(document, this.#linker.link(document).document)
      .filter((unit) => appliesTo(enabled, unit.document))
      .flatMap((unit) => this.#runOn(unit, at, enabled, settings, facts).findings);
  }

  /** Runs all rules with facts that may not be those of the workspace; nothing is kept. */
  runWith(document: AnyDocument, settings: FileSettings, facts: FactReader): readonly LiveFinding[] {
    const at = this.#at(document);
    return this.#unitsOf(document, this.#linker.linkWith(document, facts)).flatMap((unit) =>
      this.#rulesFor(settings, unit.document).flatMap(
        (enabled) => this.#runOn(unit, at, enabled, settings, () => facts).findings,
      ),
    );
  }

  /** The ids of what runs with these settings. */
  ran(settings: FileSettings): ReadonlySet<string> {
    return this.#ruleSet(settings).ran;
  }

  #ruleSet(settings: FileSettings): RuleSet {
    const known = this.#ruleSets.get(settings);
    if (known) return known;
    const ran = new Set([syntaxError.id, ...settings.rules.map(({ rule }) => rule.id)]);
    const made: RuleSet = { ran, byKind: new Map() };
    this.#ruleSets.set(settings, made);
    return made;
  }

  #rulesFor(settings: FileSettings, document: AnyDocument): readonly EnabledRule[] {
    const { byKind } = this.#ruleSet(settings);
    const known = byKind.get(document.kind);
    if (known) return known;
    const rules = settings.rules.filter((enabled) => appliesTo(enabled, document));
    byKind.set(document.kind, rules);
    return rules;
  }

  #at({ uri }: AnyDocument): FileName {
    return { uri, path: workspacePath(this.#roots, uri) };
  }

  #unitsOf(document: AnyDocument, linked: AnyDocument): readonly Unit[] {
    const inner = this.#embedded.of(document);
    return [
      { document: linked, inner },
      ...inner.map((within) => ({ document: within.document, within, inner })),
    ];
  }

  #run(known: Run | undefined, unit: Unit, at: FileName, enabled: EnabledRule, settings: FileSettings): Run {
    if (known?.reads.isFresh(this.#facts)) return known;
    if (!mayHaveSmell(enabled, unit.document)) return QUIET;
    const reads = new Reads();
    let reader: FactReader | undefined;
    const facts = (): FactReader => {
      reader ??= this.#facts.reader(reads);
      return reader;
    };
    const { findings, muted } = this.#runOn(unit, at, enabled, settings, facts);
    if (reads.isEmpty && findings.length === 0 && !muted) return QUIET;
    return { reads, findings: findings.map((live) => live.finding), ...(muted && { muted }) };
  }

  /** Runs a rule on a file's document or on one that stands in it; its findings are those of the file. */
  #runOn(
    unit: Unit,
    at: FileName,
    enabled: EnabledRule,
    settings: FileSettings,
    facts: () => FactReader,
  ): RuleRun {
    const run = runRule(unit.document, enabled, settings, facts, at.path);
    if (run.findings.length === 0 && !run.muted) return run;
    return {
      findings: run.findings.map((live) => inHolder(live, unit, at.uri)),
      ...(run.muted && { muted: { ...run.muted, uri: at.uri } }),
    };
  }
}
