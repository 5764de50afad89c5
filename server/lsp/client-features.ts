import {
  type ClientCapabilities,
  CodeActionKind,
  MarkupKind,
  ResourceOperationKind,
} from 'vscode-languageserver';
import type { ClientSettings, InitializationOptions } from './protocol.ts';

/** What the editor can do, as far as it makes a difference here. */
export interface ClientFeatures {
  /** It asks for diagnostics; all others are sent them. */
  readonly pullsDiagnostics: boolean;
  readonly refreshesDiagnostics: boolean;
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  readonly diagnosticData: boolean;
  readonly codeActionLiterals: boolean;
  /** It fills in the edit of a code action when someone chooses it. */
  readonly resolvesEdits: boolean;
  readonly documentChanges: boolean;
  readonly changeAnnotations: boolean;
  /** A change may make new files. */
  readonly createsFiles: boolean;
  readonly snippetEdits: boolean;
  readonly markdownHover: boolean;
  readonly workDoneProgress: boolean;
  readonly watchesFiles: boolean;
  readonly configuration: boolean;
  readonly registersConfiguration: boolean;
  readonly workspaceFolders: boolean;
  /** Commands beyond LSP that it has registered. */
  readonly commands: ReadonlySet<string>;
  /** Whether it is hardlint's own client, which listens to `hardlint/status`. */
  readonly isOwn: boolean;
}

/** Reads the capabilities. Nothing is taken for granted: what a client sends may be anything. */
export function clientFeatures(capabilities: ClientCapabilities, options: unknown): ClientFeatures {
  const { workspace, textDocument, window } = capabilities;
  const action = textDocument?.codeAction;
  const pull = textDocument?.diagnostic;
  const published = textDocument?.publishDiagnostics;
  const edit = workspace?.workspaceEdit;
  const { commands } = initializationOptions(options);
  return {
    pullsDiagnostics: pull !== undefined,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    relatedInformation: pull?.relatedInformation === true || published?.relatedInformation === true,
    codeDescription: pull?.codeDescriptionSupport === true || published?.codeDescriptionSupport === true,
    diagnosticData: pull?.dataSupport === true || published?.dataSupport === true,
    codeActionLiterals: action?.codeActionLiteralSupport !== undefined,
    resolvesEdits: action?.dataSupport === true && includes(action.resolveSupport?.properties, 'edit'),
    documentChanges: edit?.documentChanges === true,
    changeAnnotations: edit?.documentChanges === true && edit.changeAnnotationSupport !== undefined,
    createsFiles:
      edit?.documentChanges === true && includes(edit.resourceOperations, ResourceOperationKind.Create),
    snippetEdits: edit?.documentChanges === true && edit.snippetEditSupport === true,
    markdownHover: includes(textDocument?.hover?.contentFormat, MarkupKind.Markdown),
    workDoneProgress: window?.workDoneProgress === true,
    watchesFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    configuration: workspace?.configuration === true,
    registersConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    commands: new Set(commands),
    isOwn: commands !== undefined,
  };
}

/** `initializationOptions`, with only what has the right type. */
export function initializationOptions(value: unknown): InitializationOptions {
  if (!isRecord(value)) return {};
  const { commands } = value;
  return {
    ...(Array.isArray(commands) && { commands: commands.filter((name) => typeof name === 'string') }),
    ...(isRecord(value.settings) && { settings: clientSettings(value.settings) }),
  };
}

/** Settings, with only what has the right type. */
export function clientSettings(value: unknown): ClientSettings {
  if (!isRecord(value)) return {};
  const { enable, profile, config, diagnostics } = value;
  return {
    ...(typeof enable === 'boolean' && { enable }),
    ...((profile === 'recommended' || profile === 'strict') && { profile }),
    ...(typeof config === 'string' && config !== '' && { config }),
    ...((diagnostics === 'open' || diagnostics === 'workspace') && { diagnostics }),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The kind of the action that applies all safe fixes of a file: "fix on save" asks for it. */
export const FIX_ALL_KIND = `${CodeActionKind.SourceFixAll}.hardlint`;

/** The kind of the action that hardens a whole service, image or server as one refactoring. */
export const HARDEN_KIND = `${CodeActionKind.RefactorRewrite}.hardlint`;

/** A command of hardlint's own client: opens a rule's documentation. */
export const EXPLAIN_COMMAND = 'hardlint.explainRule';

function includes(list: readonly string[] | undefined, item: string): boolean {
  return Array.isArray(list) && list.includes(item);
}
