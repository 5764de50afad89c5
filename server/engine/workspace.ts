import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';
import type { AnyDocument, Kind, Syntax } from '../../syntaxes/document.ts';
import { syntaxFor } from '../../syntaxes/registry.ts';
import { appliesTo, type LiveFinding, runRule } from './check.ts';
import { type ConfigOptions, Configuration, type FileSettings } from './config.ts';
import { DocumentCache } from './document-cache.ts';
import { ENGINE_RULES, syntaxError } from './engine-rules.ts';
import { workspacePath } from './environment.ts';
import { extractFacts } from './extract.ts';
import { FactStore, type FileFacts } from './fact-store.ts';
import { byPosition, type Finding, type MutedRule, type SuppressedFinding } from './finding.ts';
import { Linker } from './link.ts';
import { configFindings, syntaxFindings } from './own-findings.ts';
import { Reads } from './reads.ts';
import { suppress } from './suppress.ts';

export interface WorkspaceOptions extends ConfigOptions {
  readonly syntaxes: readonly Syntax[];
  readonly extractors: readonly Extractor[];
  /** Today as `2027-01-31`: what a suppression's date is compared with. */
  readonly today: () => string;
  /** How many characters of parsed text are kept as trees; the rest is parsed again when it is needed. */
  readonly cacheBudget?: number;
}

/** A file that someone has read. `undefined` as text: it is gone. */
export interface FileChange {
  readonly uri: string;
  readonly text: string | undefined;
}

export interface FileResult {
  readonly uri: string;
  readonly kind: Kind | 'config';
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  readonly muted: readonly MutedRule[];
  /** Why no rule ran on the file. */
  readonly notAnalysed?: string;
}

interface FileState {
  readonly text: string;
  readonly syntax: Syntax | undefined;
  /** Results of the rules that apply, in their order, with what each has read. */
  runs?: { readonly settings: FileSettings; readonly list: Run[]; readonly link: Reads };
  result?: { readonly settings: FileSettings; readonly today: string; readonly value: FileResult };
}

interface Run {
  readonly reads: Reads;
  readonly findings: readonly Finding[];
  readonly muted?: MutedRule;
}

/** What most rules come to on most files; one for all, since a large workspace has a million of them. */
const QUIET: Run = { reads: new Reads(), findings: [] };

/** What depends on the settings alone. */
interface RuleSet {
  readonly ran: ReadonlySet<string>;
  readonly byKind: Map<Kind, readonly FileSettings['rules'][number][]>;
}

/**
 * All files of a workspace with what is known of them. It does no I/O: whoever owns it says which files there are and what is
 * in them, and asks for findings. Results are kept until something that they were made from differs.
 */
export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #configuration: Configuration;
  readonly #facts: FactStore;
  readonly #files = new Map<string, FileState>();
  readonly #documents: DocumentCache;
  readonly #linker: Linker;
  readonly #knownRules: ReadonlySet<string>;
  readonly #ruleSets = new WeakMap<FileSettings, RuleSet>();

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#configuration = new Configuration(options);
    this.#facts = new FactStore(options.extractors.map((extractor) => extractor.key));
    this.#documents = new DocumentCache(options.cacheBudget ?? 24_000_000);
    this.#linker = new Linker(options.extractors, this.#facts);
    this.#knownRules = new Set([...options.rules, ...ENGINE_RULES].map((rule) => rule.id));
  }

  get rules(): readonly Rule[] {
    return this.#options.rules;
  }

  get roots(): readonly string[] {
    return this.#options.roots;
  }

  /** Makes files known by name alone (images, binaries, files of no kind), so that rules can ask whether they exist. */
  addNames(uris: readonly string[]): boolean {
    return uris.map((uri) => this.#facts.addFile(uri)).some((changed) => changed);
  }

  /**
   * Takes new texts. True where other files' findings may differ now: a fact, a file's existence or the configuration changed.
   */
  update(changes: readonly FileChange[]): boolean {
    return changes.map((change) => this.#updateOne(change)).some((changed) => changed);
  }

  /** Configuration files that others extend and whose text nobody has given yet. */
  missingConfigs(): readonly string[] {
    return this.#configuration.missing();
  }

  /** All files of a known kind, and the configuration files, sorted. */
  uris(): readonly string[] {
    return [...this.#files.keys()].filter((uri) => this.isAnalysed(uri)).sort();
  }

  /** Whether a file is of a known kind or configuration. */
  isAnalysed(uri: string): boolean {
    return (
      this.#files.get(uri)?.syntax !== undefined ||
      (this.#files.has(uri) && this.#configuration.isConfig(uri))
    );
  }

  /** Whether a file is configuration of hardlint: by its name, or since another one extends it. */
  isConfig(uri: string): boolean {
    return this.#configuration.isConfig(uri);
  }

  /** Whether there is such a file, as far as anyone has said; its text may be unknown. */
  hasFile(uri: string): boolean {
    return this.#facts.hasFile(uri);
  }

  textOf(uri: string): string | undefined {
    return this.#files.get(uri)?.text;
  }

  settingsFor(uri: string): FileSettings {
    return this.#configuration.settingsFor(uri);
  }

  /** The parsed file; undefined for a file that is unknown or of no kind. */
  document(uri: string): AnyDocument | undefined {
    const state = this.#files.get(uri);
    if (!state?.syntax) return undefined;
    const { syntax, text } = state;
    return this.#documents.get(uri, () => syntax.parse(uri, text) as AnyDocument, text.length);
  }

  /** The findings of one file. Only what is stale is computed. */
  check(uri: string): FileResult {
    const state = this.#files.get(uri);
    if (!state) return { uri, kind: 'config', findings: [], suppressed: [], muted: [] };
    if (this.#configuration.isConfig(uri)) return this.#configResult(uri);
    const settings = this.settingsFor(uri);
    const today = this.#options.today();
    const known = state.result;
    if (known?.settings === settings && known.today === today && this.#allFresh(state)) return known.value;
    const value = this.#checkFile(uri, state, settings, today);
    state.result = { settings, today, value };
    return value;
  }

  /**
   * The findings of one file in which no other file has a say: what can be told before all files are known. Rules that asked for
   * facts are passed over, since what they did not find may only not have been read yet.
   */
  checkAlone(uri: string): FileResult {
    const state = this.#files.get(uri);
    if (!state || this.#configuration.isConfig(uri)) return this.check(uri);
    return this.#checkFile(uri, state, this.settingsFor(uri), this.#options.today(), 'alone');
  }

  /** All findings of one file that rules have reported, those with them that comments keep quiet. */
  rawFindings(uri: string): readonly Finding[] {
    const { findings, suppressed } = this.check(uri);
    return [...findings, ...suppressed.map((quiet) => quiet.finding)];
  }

  /** Runs one rule again and gives its findings with their fixes, not verified. */
  liveFindings(uri: string, rule: string): readonly LiveFinding[] {
    const document = this.document(uri);
    const settings = this.settingsFor(uri);
    const enabled = settings.rules.find((candidate) => candidate.rule.id === rule);
    if (!document || document.notAnalysed || !enabled || !appliesTo(enabled, document)) return [];
    const linked = this.#linker.link(document).document;
    return runRule(linked, enabled, settings, this.#facts.reader(new Reads()), this.#pathOf(uri)).findings;
  }

  /**
   * How a file would be with other texts in it and in others, some of which may not be there yet: its document and all findings,
   * nothing suppressed. Nothing is kept.
   */
  preview(texts: ReadonlyMap<string, string>): ReadonlyMap<string, Preview> {
    const documents = new Map<string, AnyDocument>();
    const overlay = new Map<string, FileFacts>();
    for (const [uri, text] of texts) {
      const document = syntaxFor(this.#options.syntaxes, uri, text)?.parse(uri, text) as
        | AnyDocument
        | undefined;
      overlay.set(uri, document ? extractFacts(this.#options.extractors, document) : new Map());
      if (document) documents.set(uri, document);
    }
    const previews = new Map<string, Preview>();
    for (const [uri, document] of documents) {
      const settings = this.settingsFor(uri);
      const facts = this.#facts.reader(new Reads(), overlay);
      const runs = document.notAnalysed
        ? []
        : settings.rules.filter((enabled) => appliesTo(enabled, document));
      const path = this.#pathOf(uri);
      const linked = this.#linker.linkWith(document, facts);
      previews.set(uri, {
        document,
        findings: runs.flatMap((enabled) => runRule(linked, enabled, settings, facts, path).findings),
      });
    }
    return previews;
  }

  #updateOne({ uri, text }: FileChange): boolean {
    const old = this.#files.get(uri);
    if (old && old.text === text) return false;
    this.#documents.delete(uri);
    if (text === undefined) {
      this.#files.delete(uri);
      this.#configuration.set(uri, undefined);
      return this.#facts.removeFile(uri);
    }
    const isNew = this.#facts.addFile(uri);
    if (this.#configuration.isConfig(uri)) {
      this.#files.set(uri, { text, syntax: undefined });
      this.#configuration.set(uri, text);
      return true;
    }
    const syntax = syntaxFor(this.#options.syntaxes, uri, text);
    this.#files.set(uri, { text, syntax });
    const document = this.document(uri);
    return (
      this.#facts.setFacts(uri, document ? extractFacts(this.#options.extractors, document) : new Map()) ||
      isNew
    );
  }

  #allFresh(state: FileState): boolean {
    const { runs } = state;
    if (!runs) return true;
    return runs.link.isFresh(this.#facts) && runs.list.every((run) => run.reads.isFresh(this.#facts));
  }

  #checkFile(
    uri: string,
    state: FileState,
    settings: FileSettings,
    today: string,
    mode: 'whole' | 'alone' = 'whole',
  ): FileResult {
    const kind = state.syntax?.kind ?? 'config';
    const nothing: FileResult = { uri, kind, findings: [], suppressed: [], muted: [] };
    if (settings.ignored) return { ...nothing, notAnalysed: 'ignored by the configuration' };
    const document = this.document(uri);
    if (!document) return nothing;
    if (document.notAnalysed) {
      // A text that is broken from its start may look like a fragment: what is broken is said all the same.
      return { ...nothing, findings: syntaxFindings(document), notAnalysed: document.notAnalysed };
    }
    const path = this.#pathOf(uri);
    const old = state.runs;
    const known = old?.settings === settings && old.link.isFresh(this.#facts) ? old.list : [];
    const linked = this.#linker.link(document);
    const list = this.#rulesFor(settings, document).map((enabled, index) =>
      this.#run(known[index], linked.document, enabled, settings, path),
    );
    state.runs = { settings, list, link: linked.reads };
    const isAlone = linked.document === document;
    const runs = list.filter((run) => mode === 'whole' || (isAlone && run.reads.isEmpty));
    const found = [...syntaxFindings(document), ...runs.flatMap((run) => run.findings)];
    const { findings, suppressed } = suppress(found, {
      uri,
      text: state.text,
      today,
      knownRules: this.#knownRules,
      ranRules: mode === 'alone' ? new Set() : this.#ruleSet(settings).ran,
    });
    return {
      uri,
      kind,
      findings: [...findings].sort(byPosition),
      suppressed,
      muted: runs.flatMap((run) => run.muted ?? []),
    };
  }

  #ruleSet(settings: FileSettings): RuleSet {
    const known = this.#ruleSets.get(settings);
    if (known) return known;
    const ran = new Set([syntaxError.id, ...settings.rules.map(({ rule }) => rule.id)]);
    const made: RuleSet = { ran, byKind: new Map() };
    this.#ruleSets.set(settings, made);
    return made;
  }

  #rulesFor(settings: FileSettings, document: AnyDocument): readonly FileSettings['rules'][number][] {
    const { byKind } = this.#ruleSet(settings);
    const known = byKind.get(document.kind);
    if (known) return known;
    const rules = settings.rules.filter((enabled) => appliesTo(enabled, document));
    byKind.set(document.kind, rules);
    return rules;
  }

  #run(
    known: Run | undefined,
    document: AnyDocument,
    enabled: FileSettings['rules'][number],
    settings: FileSettings,
    path: string,
  ): Run {
    if (known?.reads.isFresh(this.#facts)) return known;
    const reads = new Reads();
    const { findings, muted } = runRule(document, enabled, settings, this.#facts.reader(reads), path);
    if (reads.isEmpty && findings.length === 0 && !muted) return QUIET;
    return { reads, findings: findings.map((live) => live.finding), ...(muted && { muted }) };
  }

  #pathOf(uri: string): string {
    return workspacePath(this.#options.roots, uri);
  }

  #configResult(uri: string): FileResult {
    const findings = configFindings(uri, this.#configuration.problems(uri));
    return { uri, kind: 'config', findings: findings.sort(byPosition), suppressed: [], muted: [] };
  }
}

/** What a file would be with another text. */
export interface Preview {
  readonly document: AnyDocument;
  readonly findings: readonly LiveFinding[];
}
