import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';
import type { AnyDocument, Kind, Syntax } from '../../syntaxes/document.ts';
import { syntaxFor } from '../../syntaxes/registry.ts';
import type { LiveFinding } from './check.ts';
import { Claims } from './claims.ts';
import { type ConfigOptions, Configuration, type FileSettings } from './config.ts';
import { DocumentCache } from './document-cache.ts';
import { ENGINE_RULES } from './engine-rules.ts';
import { extractFacts } from './extract.ts';
import { FactStore, type FileFacts } from './fact-store.ts';
import { byPosition, type Finding, type MutedRule, type SuppressedFinding } from './finding.ts';
import { Linker } from './link.ts';
import { configFindings, syntaxFindings } from './own-findings.ts';
import { Reads } from './reads.ts';
import { Runner, type Runs } from './runner.ts';
import { suppress } from './suppress.ts';
import { EmbeddedDocuments, problemsWithin } from './units.ts';

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
  /** The names of the documents that stand in it; absent where there are none. */
  embedded?: readonly string[];
  runs?: Runs;
  result?: { readonly settings: FileSettings; readonly today: string; readonly value: FileResult };
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
  readonly #runner: Runner;
  readonly #claims: Claims;
  readonly #embedded: EmbeddedDocuments;
  readonly #knownRules: ReadonlySet<string>;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#configuration = new Configuration(options);
    this.#facts = new FactStore(options.extractors.map((extractor) => extractor.key));
    this.#documents = new DocumentCache(options.cacheBudget ?? 24_000_000);
    this.#claims = new Claims(options.extractors);
    this.#embedded = new EmbeddedDocuments(options.syntaxes);
    const linker = new Linker(options.extractors, this.#facts);
    this.#runner = new Runner(options.roots, this.#facts, linker, this.#embedded);
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

  /** Files that others say the kind of, which exist and whose text nobody has given yet. */
  missingClaims(): readonly string[] {
    return [...this.#claims.claimed()].filter((uri) => this.#facts.hasFile(uri) && !this.#files.has(uri));
  }

  /** Files whose permissions rules want to know. */
  wantedModes(): readonly string[] {
    const asking = this.#options.extractors.filter((extractor) => extractor.modes);
    const reader = this.#facts.reader(new Reads());
    const wanted = asking.flatMap((extractor) =>
      reader.all(extractor.key).flatMap(({ fact }) => extractor.modes?.(fact) ?? []),
    );
    return [...new Set(wanted)];
  }

  /** Takes the permission bits of files, as the disk has them. True where findings may differ now. */
  setModes(modes: ReadonlyMap<string, number | undefined>): boolean {
    return [...modes].map(([uri, mode]) => this.#facts.setMode(uri, mode)).includes(true);
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
    return document && !document.notAnalysed ? this.#runner.live(document, this.settingsFor(uri), rule) : [];
  }

  /**
   * How a file would be with other texts in it and in others, some of which may not be there yet: its document and all findings,
   * nothing suppressed. Nothing is kept.
   */
  preview(texts: ReadonlyMap<string, string>): ReadonlyMap<string, Preview> {
    const documents = new Map<string, AnyDocument>();
    const overlay = new Map<string, FileFacts>();
    for (const [uri, text] of texts) {
      const document = this.#syntaxOf(uri, text)?.parse(uri, text) as AnyDocument | undefined;
      for (const inner of this.#files.get(uri)?.embedded ?? []) overlay.set(inner, new Map());
      if (!document) overlay.set(uri, new Map());
      else for (const [name, facts] of this.#factsOf(document)) overlay.set(name, facts);
      if (document) documents.set(uri, document);
    }
    const previews = new Map<string, Preview>();
    for (const [uri, document] of documents) {
      const facts = this.#facts.reader(new Reads(), overlay);
      const findings = document.notAnalysed
        ? []
        : this.#runner.runWith(document, this.settingsFor(uri), facts);
      previews.set(uri, { document, findings });
    }
    return previews;
  }

  #updateOne({ uri, text }: FileChange): boolean {
    const old = this.#files.get(uri);
    if (old && old.text === text) return false;
    if (text === undefined) {
      this.#documents.delete(uri);
      this.#files.delete(uri);
      this.#configuration.set(uri, undefined);
      for (const inner of old?.embedded ?? []) this.#facts.setFacts(inner, new Map());
      const changed = this.#facts.removeFile(uri);
      return this.#claimsChanged(this.#claims.update(uri, undefined)) || changed;
    }
    const isNew = this.#facts.addFile(uri);
    if (this.#configuration.isConfig(uri)) {
      this.#documents.delete(uri);
      this.#files.set(uri, { text, syntax: undefined });
      this.#configuration.set(uri, text);
      return true;
    }
    return this.#read(uri, text) || isNew;
  }

  /** Reads a file's text as what it is; true where a fact differs. */
  #read(uri: string, text: string): boolean {
    const old = this.#files.get(uri);
    this.#documents.delete(uri);
    const state: FileState = { text, syntax: this.#syntaxOf(uri, text) };
    this.#files.set(uri, state);
    const document = this.document(uri);
    const facts = document ? this.#factsOf(document) : new Map([[uri, new Map()]]);
    const inner = [...facts.keys()].filter((name) => name !== uri);
    if (inner.length > 0) state.embedded = inner;
    for (const gone of old?.embedded ?? []) if (!facts.has(gone)) facts.set(gone, new Map());
    const changed = [...facts].map(([name, own]) => this.#facts.setFacts(name, own)).includes(true);
    return this.#claimsChanged(this.#claims.update(uri, facts.get(uri))) || changed;
  }

  /**
   * What a file is by itself goes before what others say of it, and of several kinds the first one counts: so files that name each
   * other in a circle are of one kind each, whichever of them was read first.
   */
  #syntaxOf(uri: string, text: string): Syntax | undefined {
    const { syntaxes } = this.#options;
    const detected = syntaxFor(syntaxes, uri, text);
    if (detected) return detected;
    const claimed = this.#claims.kindsOf(uri);
    return syntaxes.find(({ kind }) => claimed.has(kind));
  }

  /** Reads files again that are of another kind now. */
  #claimsChanged(uris: readonly string[]): boolean {
    return uris
      .map((uri) => {
        const state = this.#files.get(uri);
        if (!state || this.#configuration.isConfig(uri)) return false;
        return this.#syntaxOf(uri, state.text) !== state.syntax && this.#read(uri, state.text);
      })
      .includes(true);
  }

  /** The facts of a document and of those that stand in it, by URI. */
  #factsOf(document: AnyDocument): Map<string, FileFacts> {
    const { extractors } = this.#options;
    const inner = this.#embedded.of(document).map((within) => within.document);
    return new Map([document, ...inner].map((each) => [each.uri, extractFacts(extractors, each)]));
  }

  #allFresh(state: FileState): boolean {
    return state.runs === undefined || this.#runner.isFresh(state.runs);
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
    const result = this.#runner.run(document, settings, state.runs);
    state.runs = result;
    const runs = result.list.filter((run) => mode === 'whole' || (!result.isLinked && run.reads.isEmpty));
    const problems = [...document.problems, ...problemsWithin(this.#embedded.of(document))];
    const found = [...syntaxFindings({ uri, problems }), ...runs.flatMap((run) => run.findings)];
    const { findings, suppressed } = suppress(found, {
      uri,
      text: state.text,
      today,
      knownRules: this.#knownRules,
      ranRules: mode === 'alone' ? new Set() : this.#runner.ran(settings),
    });
    return {
      uri,
      kind,
      findings: [...findings].sort(byPosition),
      suppressed,
      muted: runs.flatMap((run) => run.muted ?? []),
    };
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
