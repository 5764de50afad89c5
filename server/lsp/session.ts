import type { CancellationToken } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Extractor } from '../../rules/core/facts.ts';
import type { Rule } from '../../rules/core/rule.ts';
import { mayBeAnalysed } from '../../syntaxes/candidates.ts';
import type { Syntax } from '../../syntaxes/document.ts';
import { Lines } from '../../syntaxes/lines.ts';
import { basename, dirname, joinUri, normaliseUri } from '../../syntaxes/uri.ts';
import { CONFIG_NAMES, configSchema } from '../engine/config-schema.ts';
import { type FileChange, type FileResult, Workspace } from '../engine/workspace.ts';
import type { Host, NotAnalysed } from '../host/host.ts';
import { batched } from './batched.ts';
import { Disk, type ScanOptions } from './disk.ts';
import { OpenDocuments } from './open-documents.ts';
import type { ClientSettings } from './protocol.ts';

export interface SessionOptions {
  readonly host: Host;
  readonly rules: readonly Rule[];
  readonly extractors: readonly Extractor[];
  readonly syntaxes: readonly Syntax[];
  /** Today as `2027-01-31`. */
  readonly today: () => string;
}

/** What may have other findings than before: single files, or all of them. */
export type SessionChange = 'all' | readonly string[];

interface AloneResult {
  readonly text: string | undefined;
  readonly generation: number;
  readonly result: FileResult;
}

/** Edits come in bursts; whoever asks meanwhile gets the newest text at once. */
const IDLE_MS = 100;

/** How many characters of parsed text are kept as trees: those of open files and their neighbours; a tree is far larger than its text. */
const CACHE_BUDGET = 600_000;

/** How often someone who waits for the first scan looks. */
const WAIT_MS = 50;

/** For how many files the starts of lines are kept. */
const MAX_LINES = 200;

/**
 * What the server knows: the workspace as the editor sees it, where the text of an open document wins over the disk. It knows
 * nothing of LSP's messages.
 */
export class Session {
  readonly documents = new OpenDocuments();
  readonly #options: SessionOptions;
  readonly #listeners: ((change: SessionChange) => void)[] = [];
  readonly #lines = new Map<string, { readonly text: string; readonly lines: Lines }>();
  /** Folders whose configuration, and configurations that others extend, have been looked for. */
  readonly #probed = new Set<string>();
  /** Results from before the first scan was done. */
  readonly #alone = new Map<string, AloneResult>();
  readonly #flushSoon = batched(IDLE_MS, () => this.flush());
  #roots: readonly string[] = [];
  #settings: ClientSettings = {};
  #disk: Disk;
  #workspace: Workspace;
  /** Whether all files have been read: before that, nobody knows what is absent. */
  #complete = false;
  #hasScanned = false;
  #generation = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#disk = new Disk(options.host);
    this.#workspace = this.#createWorkspace();
  }

  /** The engine's workspace, up to date with every edit. A change of settings or folders makes a new one. */
  get workspace(): Workspace {
    this.flush();
    return this.#workspace;
  }

  get roots(): readonly string[] {
    return this.#roots;
  }

  get today(): string {
    return this.#options.today();
  }

  get settings(): ClientSettings {
    return this.#settings;
  }

  /** Files that the last scan could not look into. */
  get skipped(): readonly NotAnalysed[] {
    return this.#disk.skipped;
  }

  /** Whether all files have been read, so that what is unknown is absent. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /** Differs after every change that may concern more than the file that was edited. */
  get generation(): number {
    return this.#generation;
  }

  onChange(listener: (change: SessionChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes settings and folders. True where the workspace has to be scanned again. */
  configure(settings: ClientSettings, folders: readonly string[]): boolean {
    const roots = folders.map((folder) => normaliseUri(folder).replace(/(?<=[^/])\/$/, ''));
    const before = JSON.stringify([this.#settings.profile, this.#settings.config, this.#roots]);
    const shownBefore = JSON.stringify([this.#settings.enable, this.#settings.diagnostics]);
    this.#settings = settings;
    this.#roots = roots;
    if (before !== JSON.stringify([settings.profile, settings.config, roots])) {
      this.#rebuild();
      return true;
    }
    if (shownBefore !== JSON.stringify([settings.enable, settings.diagnostics])) this.#changed('all');
    return false;
  }

  /** Takes the text of a document that is open in the editor. It reaches the workspace when someone asks, or soon. */
  setDocument(document: TextDocument): void {
    this.documents.set(document);
    this.#flushSoon();
  }

  /** From now on the file is what the disk says; nothing, where it is not part of the workspace. */
  async closeDocument(clientUri: string): Promise<void> {
    const uri = normaliseUri(clientUri);
    this.documents.delete(uri);
    this.#lines.delete(uri);
    if (await this.#belongs(uri)) await this.#reread([uri]);
    else if (!this.documents.has(uri)) this.#update([{ uri, text: undefined }]);
  }

  /** Converts between offsets and lines of a file, as the workspace has it. */
  linesOf(uri: string): Lines {
    const text = this.workspace.textOf(uri) ?? '';
    const known = this.#lines.get(uri);
    if (known?.text === text) return known.lines;
    const lines = new Lines(text);
    if (this.#lines.size >= MAX_LINES) this.#lines.clear();
    this.#lines.set(uri, { text, lines });
    return lines;
  }

  /** Gives the workspace all edits that it has not seen yet. */
  flush(): void {
    this.#update(this.documents.takeEdited());
  }

  /** The findings of a file; until all files are known, those in which no other file has a say. */
  check(uri: string): FileResult {
    const { workspace } = this;
    if (this.#settings.enable === false)
      return { uri, kind: 'config', findings: [], suppressed: [], muted: [], notAnalysed: 'hardlint is off' };
    return this.#complete ? workspace.check(uri) : this.#checkAlone(uri);
  }

  /** Reads the configuration that holds for a file, where no scan has brought it. */
  async prepare(uri: string): Promise<void> {
    if (!uri.includes('://') || (this.#complete && this.#isInside(uri))) return;
    const wanted: string[] = [];
    for (let folder = dirname(uri); !this.#probed.has(folder); folder = dirname(folder)) {
      this.#probed.add(folder);
      wanted.push(...CONFIG_NAMES.map((name) => joinUri(folder, name)));
      if (this.#roots.includes(folder) || dirname(folder) === folder) break;
    }
    await this.#reread(wanted);
  }

  /** Waits until the document is open or a scan has ended, so that there is something to say about a file that is not open. */
  async isReadable(uri: string, token: CancellationToken): Promise<void> {
    while (!this.#hasScanned && !this.documents.has(uri) && !token.isCancellationRequested) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }

  /** Reads all files from the disk. After a scan that was cancelled the workspace stays as incomplete as it was. */
  async scan(options: ScanOptions = {}): Promise<void> {
    const workspace = this.#workspace;
    const isOpen = (uri: string) => this.documents.has(uri);
    const isWhole = await this.#disk.scan(workspace, isOpen, options).finally(() => {
      this.#hasScanned ||= workspace === this.#workspace;
    });
    if (workspace !== this.#workspace) return;
    if (!isWhole) return;
    const { listed } = this.#disk;
    await this.#reread(workspace.uris().filter((uri) => !listed.has(uri)));
    this.#complete = true;
    this.#alone.clear();
    this.#changed('all');
  }

  /**
   * Takes what happened on the disk. New files are read only where a listing names them, so that ignored folders stay ignored.
   * True where the whole workspace has to be scanned again.
   */
  async filesChanged(changed: readonly string[], deleted: readonly string[]): Promise<boolean> {
    if ([...changed, ...deleted].some((uri) => basename(uri) === '.gitignore')) return true;
    const gone = this.#disk.remove(deleted.map(normaliseUri)).filter((uri) => !this.documents.has(uri));
    this.#update(gone.map((uri) => ({ uri, text: undefined })));
    const uris = changed.map(normaliseUri);
    const fresh = uris.filter((uri) => !this.#isKnown(uri) && isWorthReading(uri));
    if (fresh.length > 0 && this.#complete) {
      await this.#disk.relist(this.#roots);
      if (this.#workspace.addNames([...this.#disk.listed])) this.#changed('all');
    }
    await this.#reread(uris.filter((uri) => this.#isKnown(uri)));
    return false;
  }

  #checkAlone(uri: string): FileResult {
    const text = this.#workspace.textOf(uri);
    const known = this.#alone.get(uri);
    if (known && known.text === text && known.generation === this.#generation) return known.result;
    const result = this.#workspace.checkAlone(uri);
    this.#alone.set(uri, { text, generation: this.#generation, result });
    return result;
  }

  #rebuild(): void {
    this.#disk = new Disk(this.#options.host);
    this.#workspace = this.#createWorkspace();
    this.#complete = false;
    this.#hasScanned = false;
    this.#probed.clear();
    this.documents.markAllEdited();
    this.flush();
    this.#changed('all');
  }

  #createWorkspace(): Workspace {
    const { host: _, ...options } = this.#options;
    const { profile, config } = this.#settings;
    const [first] = this.#roots;
    return new Workspace({
      ...options,
      schema: () => configSchema(options.rules),
      roots: this.#roots,
      profile: profile ?? 'recommended',
      cacheBudget: CACHE_BUDGET,
      ...(config !== undefined && first !== undefined && { explicit: joinUri(first, config) }),
    });
  }

  #update(changes: readonly FileChange[]): void {
    if (changes.length === 0) return;
    const all = this.#workspace.update(changes);
    this.#changed(all ? 'all' : changes.map((change) => change.uri));
    // While a scan runs, it reads what others name.
    const claimed = this.#complete ? this.#workspace.missingClaims() : [];
    const missing = [...this.#workspace.missingConfigs(), ...claimed].filter((uri) => !this.#probed.has(uri));
    for (const uri of missing) this.#probed.add(uri);
    if (missing.length > 0) void this.#reread(missing);
  }

  #changed(change: SessionChange): void {
    if (change === 'all') this.#generation++;
    for (const listener of this.#listeners) listener(change);
  }

  async #reread(uris: readonly string[]): Promise<void> {
    const workspace = this.#workspace;
    const read = await this.#disk.read(uris);
    if (workspace !== this.#workspace) return;
    const news = read.filter(({ uri, text }) => !this.documents.has(uri) && workspace.textOf(uri) !== text);
    this.#update(news);
  }

  /** Whether a closed file is part of the workspace. */
  async #belongs(uri: string): Promise<boolean> {
    if (this.#isConfiguration(uri)) return true;
    if (!this.#isInside(uri)) return false;
    // Until the first scan is done, nobody knows which files are ignored.
    if (!this.#complete || this.#disk.listed.has(uri)) return true;
    await this.#disk.relist(this.#roots);
    return this.#disk.listed.has(uri);
  }

  #isInside(uri: string): boolean {
    return this.#roots.some((root) => uri.startsWith(`${root}/`));
  }

  #isKnown(uri: string): boolean {
    return this.#disk.listed.has(uri) || this.#workspace.textOf(uri) !== undefined;
  }

  #isConfiguration(uri: string): boolean {
    return this.#workspace.isAnalysed(uri) && this.#workspace.document(uri) === undefined;
  }
}

function isWorthReading(uri: string): boolean {
  return mayBeAnalysed(uri) || CONFIG_NAMES.includes(basename(uri));
}
