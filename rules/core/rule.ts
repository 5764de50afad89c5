import type * as z from 'zod';
import type { Document, Kind, Span } from '../../syntaxes/document.ts';
import type { FactReader } from './facts.ts';

/** How bad the smell is. One for each rule id, never branched: split the rule instead. */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** From the worst to the mildest. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

/** How often a finding is right. The recommended profile hides `low`. */
export type Confidence = 'high' | 'medium' | 'low';

/** `safe`: the running system keeps working as it did. Only safe fixes run on save and with `--fix`. */
export type Safety = 'safe' | 'review';

/** Whether a file describes production or a developer's machine, judged by its name and the configuration. */
export type Environment = 'prod' | 'dev';

/** A replacement of one span by one text. Edits of one fix do not overlap. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
  /**
   * The file to change, where it is not the document that the finding is in. One that is not there is made: its edits insert at 0.
   * A fix for a file that is there unread is not offered.
   */
  readonly uri?: string;
}

export interface Fix {
  /** A verb with the value: "Set mode to 0400". */
  readonly title: string;
  readonly safety: Safety;
  readonly edits: readonly Edit[];
  /** What the change may break, as a sentence. Every `review` fix has one. */
  readonly risk?: string;
  /** The command that proves that the change works, `nginx -t`. */
  readonly verify?: string;
}

/** Another place that has to do with the finding, in this or another file. */
export interface Related {
  readonly uri: string;
  readonly span: Span;
  readonly message: string;
}

/**
 * Marks an absence smell that is true of nearly every service or server. Findings with one key are shown as one diagnostic
 * in an editor; the command line, SARIF and the report keep them apart.
 */
export interface Rollup {
  /** The same for all findings that belong together: `services.web`. */
  readonly key: string;
  /** What the group is about, for the title "Harden this service". */
  readonly noun: 'service' | 'server';
  /** Its name in a message: "`web`". */
  readonly subject: string;
  /** What is missing, in a word or two: "cap_drop". */
  readonly item: string;
}

/** What a rule says when it finds its smell. */
export interface Report {
  /** Exact and short: the value, the key, the directive's name. */
  readonly span: Span;
  /** One sentence, the thing and its consequence, at most 160 characters, never with a secret's value. */
  readonly message: string;
  /**
   * Where the smell is in symbols, stable under edits elsewhere: `services.web.secrets[key].mode`. Baselines, fingerprints and
   * code actions name a finding by rule and place, so no two findings of a rule in one file share it.
   */
  readonly place: string;
  readonly related?: readonly Related[];
  readonly rollup?: Rollup;
  /** Findings, as `<rule> <place>`, that keep quiet because this one says more: mending this one may bring them up. */
  readonly covers?: readonly string[];
  /** Builds the fixes, the preferred one first. Called only when someone asks for them. */
  readonly fixes?: () => readonly (Fix | undefined)[];
}

/** Versions of the software that will read the files, where known; they gate edits. */
export interface Versions {
  /** `[1, 25, 1]`. Unknown means: write nothing that 1.18 does not know. */
  readonly nginx?: readonly number[];
}

/** What a rule sees besides its document. Reading facts is recorded, so that the rule runs again when they change. */
export interface Context<Options = unknown> {
  readonly options: Options;
  /** The document's path below its workspace folder, decoded: what names of files and folders say is judged by it. */
  readonly path: string;
  readonly environment: Environment;
  readonly versions: Versions;
  readonly facts: FactReader;
  report(report: Report): void;
}

export interface RuleDocs {
  /** Why the smell matters: what an attacker or an outage makes of it. Markdown, one or two short paragraphs. */
  readonly why: string;
  /** How to mend it, and what to look out for. Markdown. */
  readonly fix: string;
  /** Where the rule is wrong or knowingly silent. Markdown. */
  readonly falsePositives?: string;
  /** CWE numbers, https://cwe.mitre.org. */
  readonly cwe?: readonly number[];
  /** Controls of a benchmark: "CIS Docker 1.6.0 4.1". */
  readonly controls?: readonly string[];
  /** Where the facts come from: URLs of specifications and manuals. */
  readonly references: readonly string[];
}

/** What is known of a rule without running it; also of the checks that the engine makes itself. */
export interface RuleMeta {
  /** `<family>/<smell>`, the file's path below `rules/`; names the smell, so that "ignore <id>" reads well. */
  readonly id: string;
  /** The smell in a few words, without a full stop: "Secret is readable by every user in the container". */
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** The version of hardlint that brought the rule. */
  readonly since: string;
  readonly docs: RuleDocs;
}

/** Files of an example by path; the first is the document that the rule is run on. */
export type ExampleFiles = Readonly<Record<string, string>>;

/** A text with the smell. «…» marks each span that is reported, in the first file. */
export interface BadExample {
  /** What this example shows, as a phrase; a test's title and a caption in the docs. */
  readonly name: string;
  readonly files: ExampleFiles;
  /** Permission bits of files on the disk, by path, for rules that look at them. */
  readonly modes?: Readonly<Record<string, number>>;
  /**
   * The first file after the first fix that is offered for the first finding. Absent where no fix is offered, which the test
   * asserts too. For a fix that changes other files: those that it changes, by path.
   */
  readonly fixed?: string | ExampleFiles;
  /** Titles of all fixes that are offered for the first finding, in order, where there are more than one. */
  readonly offers?: readonly string[];
}

/** A text without the smell, most of all the traps: what looks like it and is right. */
export interface GoodExample {
  readonly name: string;
  readonly files: ExampleFiles;
  readonly modes?: Readonly<Record<string, number>>;
}

/** Options of a rule. */
export interface RuleOptions<Options> {
  /** What holds where the configuration says nothing; the schema's defaults. */
  readonly defaults: Options;
  /** Called only when a configuration is read: loading and building schemas takes longer than checking a small file. */
  schema(): z.ZodType<Options>;
}

/** A rule: one file, with its documentation and its tests. */
export interface Rule<K extends Kind = Kind, Options = unknown> extends RuleMeta {
  readonly kinds: readonly K[];
  /** Where the rule is on: `recommended` (the default) or only in `strict`. */
  readonly profile?: 'recommended' | 'strict';
  /** `off`: the smell is normal on a developer's machine, so files of the dev environment are not reported. */
  readonly dev?: 'off';
  /**
   * What a text has to have for the smell to be in it, a key or a word that is written in any case: texts without it are passed
   * over, which saves most of the time that a rule takes. Neither global nor sticky. Values do not count: they may come from
   * another file, through a variable.
   */
  readonly mentions?: RegExp;
  /** Options of the rule and their defaults; every field has one. */
  readonly options?: RuleOptions<Options>;
  readonly bad: readonly BadExample[];
  readonly good: readonly GoodExample[];
  /** Looks for the smell in one document. Reports on that document only; may throw, which mutes it for this version of the file. */
  check(document: Document<K>, context: Context<Options>): void;
}

/** Gives a rule its types from its kinds and options. */
export function defineRule<K extends Kind, Options = undefined>(rule: Rule<K, Options>): Rule<K, Options> {
  return rule;
}
