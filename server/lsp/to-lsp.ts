import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  type Position,
  type Range,
} from 'vscode-languageserver';
import type { Severity } from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import type { Lines } from '../../syntaxes/lines.ts';
import { docsUrl } from '../engine/docs-url.ts';
import type { Finding } from '../engine/finding.ts';
import type { FindingGroup } from '../engine/rollup.ts';
import { type ClientFeatures, isRecord } from './client-features.ts';
import type { Session } from './session.ts';

/** The name under which editors list the diagnostics. */
export const SOURCE = 'hardlint';

/** Names a finding of a document, in a diagnostic's `data`. */
export interface FindingId {
  readonly rule: string;
  readonly place: string;
}

const SEVERITY: Readonly<Record<Severity, DiagnosticSeverity>> = {
  critical: DiagnosticSeverity.Error,
  high: DiagnosticSeverity.Error,
  medium: DiagnosticSeverity.Warning,
  low: DiagnosticSeverity.Information,
  info: DiagnosticSeverity.Hint,
};

/** What an editor shows for a group of findings; its code and its link are those of the worst one. */
export function toDiagnostic(session: Session, client: ClientFeatures, group: FindingGroup): Diagnostic {
  const [worst] = group.findings;
  return {
    range: toRange(session.linesOf(worst.uri), group.span),
    severity: SEVERITY[group.severity],
    source: SOURCE,
    code: worst.rule,
    message: group.message,
    ...(client.codeDescription && { codeDescription: { href: docsUrl(worst.rule) } }),
    ...(client.relatedInformation && related(session, group.findings)),
    ...(client.diagnosticData && { data: toData(group) }),
  };
}

/** The findings that a diagnostic from the editor speaks of; none where it is not one of ours. */
export function findingIdsOf(diagnostic: Diagnostic): readonly FindingId[] {
  const data: unknown = diagnostic.data;
  if (diagnostic.source !== SOURCE || !isRecord(data)) return [];
  const others: readonly unknown[] = Array.isArray(data.others) ? data.others : [];
  return [data, ...others].flatMap((id) => (isFindingId(id) ? [{ rule: id.rule, place: id.place }] : []));
}

export function toRange(lines: Lines, span: Span): Range {
  return { start: toPosition(lines, span.start), end: toPosition(lines, span.end) };
}

/** The span of a range; positions outside the text are clamped to it. */
export function toSpan(lines: Lines, range: Range): Span {
  return { start: toOffset(lines, range.start), end: toOffset(lines, range.end) };
}

export function toOffset(lines: Lines, position: Position): number {
  return lines.offset({ line: position.line, column: position.character });
}

function toPosition(lines: Lines, offset: number): Position {
  const { line, column } = lines.position(offset);
  return { line, character: column };
}

function toData({ findings }: FindingGroup): FindingId & { readonly others?: readonly FindingId[] } {
  const [worst, ...others] = findings.map(({ rule, place }) => ({ rule, place }));
  return { ...(worst ?? findings[0]), ...(others.length > 0 && { others }) };
}

function related(
  session: Session,
  findings: readonly Finding[],
): { readonly relatedInformation?: DiagnosticRelatedInformation[] } {
  const relatedInformation = findings
    .flatMap((finding) => finding.related)
    .filter(({ uri }) => session.workspace.textOf(uri) !== undefined)
    .map(({ uri, span, message }) => ({
      location: { uri: session.documents.clientUri(uri), range: toRange(session.linesOf(uri), span) },
      message,
    }));
  return relatedInformation.length > 0 ? { relatedInformation } : {};
}

function isFindingId(value: unknown): value is FindingId {
  return isRecord(value) && typeof value.rule === 'string' && typeof value.place === 'string';
}
