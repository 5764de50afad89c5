import type { RuleMeta } from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';
import { Lines } from '../../syntaxes/lines.ts';
import type { EnabledRule } from './config.ts';
import { docsUrl } from './docs-url.ts';
import { editsByFile } from './edits.ts';
import { ENGINE_RULES } from './engine-rules.ts';
import type { Finding, FindingRef, VerifiedFix } from './finding.ts';
import { fingerprintOf } from './fingerprint.ts';
import { findingKey, fixesOfFile } from './fixes-of-file.ts';
import {
  pathBelow,
  type ReportFinding,
  type ReportFix,
  type ReportMuted,
  type ReportNotAnalysed,
  type ReportPosition,
  type ReportRange,
  type ReportSuppressed,
} from './report.ts';
import type { Workspace } from './workspace.ts';

/** One file's part of a report. */
export interface FileReport {
  readonly uri: string;
  readonly findings: readonly ReportFinding[];
  readonly suppressed: readonly ReportSuppressed[];
  readonly muted: readonly ReportMuted[];
  readonly notAnalysed?: ReportNotAnalysed;
  /** Whether it is configuration of hardlint, which is checked and not counted as analysed. */
  readonly isConfig: boolean;
  /** The rules that were on. */
  readonly rules: readonly EnabledRule[];
}

export interface FileReportOptions {
  readonly workspace: Workspace;
  /** The folder that paths are relative to. */
  readonly root: string;
  /** Fixes are tried before they are listed, which takes most of the time: `none` leaves them out. */
  readonly fixes: 'verified' | 'none';
}

/** Checks one file. Callers go through `workspace.uris()` and give way in between, since a large workspace takes seconds. */
export function reportFile(uri: string, options: FileReportOptions): FileReport {
  const { workspace, root } = options;
  const result = workspace.check(uri);
  const files = new FileTexts(workspace, root);
  const fixes =
    options.fixes === 'none' ? undefined : workingFixes(uri, result.findings, { workspace, root });
  const describe = (finding: Finding): ReportFinding => ({
    rule: finding.rule,
    title: metaOf(workspace, finding.rule)?.title ?? finding.rule,
    severity: finding.severity,
    confidence: finding.confidence,
    uri: finding.uri,
    file: files.path(finding.uri),
    range: files.range(finding.uri, finding.span),
    message: finding.message,
    place: finding.place,
    fingerprint: fingerprintOf(finding.rule, files.path(finding.uri), finding.place),
    related: finding.related.map((related) => ({
      uri: related.uri,
      file: files.path(related.uri),
      range: files.range(related.uri, related.span),
      message: related.message,
    })),
    fixes: fixes?.get(findingKey(finding)) ?? [],
    docs: docsUrl(finding.rule),
  });
  return {
    uri,
    findings: result.findings.map(describe),
    suppressed: result.suppressed.map(({ finding, reason, until }) => ({
      finding: describe(finding),
      reason,
      ...(until !== undefined && { until }),
    })),
    muted: result.muted.map(({ rule, error }) => ({ rule, file: files.path(uri), error })),
    ...(result.notAnalysed !== undefined && {
      // A syntax says it as a sentence, a host as a phrase; lists show both alike.
      notAnalysed: { file: files.path(uri), reason: result.notAnalysed.replace(/\.$/, '') },
    }),
    isConfig: result.kind === 'config',
    rules: workspace.settingsFor(uri).rules,
  };
}

/** The fixes that work of some findings of one file, by `findingKey`. */
export function workingFixes(
  uri: string,
  findings: readonly Pick<FindingRef, 'rule' | 'place'>[],
  { workspace, root }: Pick<FileReportOptions, 'workspace' | 'root'>,
): ReadonlyMap<string, readonly ReportFix[]> {
  const files = new FileTexts(workspace, root);
  const fixes = fixesOfFile(workspace, uri, findings);
  return new Map([...fixes].map(([key, list]) => [key, list.map((fix) => describeFix(files, uri, fix))]));
}

function describeFix(files: FileTexts, uri: string, fix: VerifiedFix): ReportFix {
  return {
    title: fix.title,
    safety: fix.safety,
    ...(fix.risk !== undefined && { risk: fix.risk }),
    ...(fix.verify !== undefined && { verify: fix.verify }),
    changes: [...editsByFile(uri, fix.edits)].map(([file, edits]) => ({
      file: files.path(file),
      edits: edits.map((edit) => ({ range: files.range(file, edit.span), text: edit.text })),
    })),
  };
}

function metaOf(workspace: Workspace, id: string): RuleMeta | undefined {
  return ENGINE_RULES.find((rule) => rule.id === id) ?? workspace.rules.find((rule) => rule.id === id);
}

/** Paths and line numbers of the files that a report names; each text's lines are counted once. */
class FileTexts {
  readonly #workspace: Workspace;
  readonly #root: string;
  readonly #lines = new Map<string, Lines>();

  constructor(workspace: Workspace, root: string) {
    this.#workspace = workspace;
    this.#root = root;
  }

  path(uri: string): string {
    return pathBelow(this.#root, uri);
  }

  range(uri: string, span: Span): ReportRange {
    const lines = this.#lines.get(uri) ?? new Lines(this.#workspace.textOf(uri) ?? '');
    this.#lines.set(uri, lines);
    const { start, end } = lines.range(span);
    return { start: fromOne(start), end: fromOne(end) };
  }
}

function fromOne({ line, column }: ReportPosition): ReportPosition {
  return { line: line + 1, column: column + 1 };
}
