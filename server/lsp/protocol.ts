import type { WorkspaceEdit } from 'vscode-languageserver';

/*
 * What hardlint's server and its VS Code client say to each other besides LSP. Other editors need none of it.
 */

/** In `initializationOptions`: what the client can do beyond LSP. */
export interface InitializationOptions {
  /** Commands that the client has registered, so that code actions may name them: `hardlint.explainRule`. */
  readonly commands?: readonly string[];
  /** The settings below `hardlint.`; later changes come by `workspace/didChangeConfiguration`. */
  readonly settings?: ClientSettings;
}

/** Settings of the editor; a `.hardlint.yaml` wins over them. */
export interface ClientSettings {
  readonly enable?: boolean;
  readonly profile?: 'recommended' | 'strict';
  /** Path of a configuration file for all files, relative to the first workspace folder. */
  readonly config?: string;
  /** `open`: only open files get diagnostics; `workspace`: all files. */
  readonly diagnostics?: 'open' | 'workspace';
}

/** Request: scans the whole workspace, with work-done progress and cancellation. */
export const REPORT_REQUEST = 'hardlint/report';

export interface ReportParams {
  readonly workDoneToken?: string | number;
}

export interface ReportResult {
  /** A whole page with `{{nonce}}` and `{{csp}}` still to be filled in; rows have `data-uri`, `data-line`, `data-column`, `data-rule`, `data-place`. */
  readonly html: string;
  readonly markdown: string;
  readonly summary: Readonly<Record<'critical' | 'high' | 'medium' | 'low' | 'info', number>>;
}

/** Request: the edit of a finding's preferred safe fix; null where it has none (any more). */
export const FIX_REQUEST = 'hardlint/fix';

export interface FixParams {
  readonly uri: string;
  readonly rule: string;
  readonly place: string;
}

export type FixResult = WorkspaceEdit | null;

/** Request: a rule's documentation as Markdown; null for an unknown id. */
export const EXPLAIN_REQUEST = 'hardlint/explain';

export interface ExplainParams {
  readonly rule: string;
}

export type ExplainResult = string | null;

/** Notification: what the status item shows for the document that was looked at last. */
export const STATUS_NOTIFICATION = 'hardlint/status';

export interface StatusParams {
  readonly uri: string;
  /** Rules that are on for the document. */
  readonly rules: number;
  /** Configuration files in use, as paths. */
  readonly configuration: readonly string[];
  /** Milliseconds that the last check took. */
  readonly milliseconds: number;
  /** Why the document was not analysed. */
  readonly notAnalysed?: string;
  /** Rules that failed on the document. */
  readonly muted: readonly string[];
}
