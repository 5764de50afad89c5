import type { Edit } from '../../rules/core/rule.ts';
import type { AnyDocument, Kind, Span } from '../../syntaxes/document.ts';
import { indentAt, lineEndingOf, lineStartAt } from '../../syntaxes/lines.ts';
import type { YamlNode } from '../../syntaxes/yaml/tree.ts';
import { applyEdits } from './edits.ts';
import { ENGINE_RULES } from './engine-rules.ts';
import type { Finding } from './finding.ts';
import { REASON_PLACEHOLDER, suppress, suppressionComment } from './suppress.ts';
import type { Workspace } from './workspace.ts';

/** A comment to insert that keeps findings quiet. */
export interface SuppressionEdit {
  readonly edit: Edit;
  /** Where the reason stands in the inserted text, so that an editor can select it. */
  readonly reason: Span;
}

/**
 * Comments that keep findings of one file quiet, as long as nothing in the workspace changes. Each place is tried before a comment
 * is offered there: the file must parse as before and rules must say the same of it. A comment inside a multi-line string, say, is
 * no comment.
 */
export class SuppressionEdits {
  readonly #workspace: Workspace;
  readonly #uri: string;
  readonly #tried = new Map<number, boolean>();

  constructor(workspace: Workspace, uri: string) {
    this.#workspace = workspace;
    this.#uri = uri;
  }

  /** A comment above the line of the findings, or at the file's top for the whole file; undefined where neither works. */
  editFor(findings: readonly [Finding, ...Finding[]], scope: 'line' | 'file'): SuppressionEdit | undefined {
    const document = this.#workspace.document(this.#uri);
    if (!document) return undefined;
    const { text, kind } = document;
    const [{ span }] = findings;
    const at = scope === 'file' ? topOf(text, kind) : startOfLine(text, span.start);
    const indent = scope === 'file' ? '' : indentAt(text, span.start);
    const marker = markerOf(kind);
    if (isInsideText(document, at) || !this.#isSound(document, at, `${indent}${marker} a comment`))
      return undefined;
    const rules = [...new Set(findings.map((finding) => finding.rule))];
    const comment = indent + suppressionComment({ rules, reason: REASON_PLACEHOLDER, scope, marker });
    const edit = { span: { start: at, end: at }, text: comment + lineEndingOf(text) };
    if (!keepsQuiet(text, findings, edit)) return undefined;
    return { edit, reason: { start: comment.length - REASON_PLACEHOLDER.length, end: comment.length } };
  }

  #isSound(document: AnyDocument, at: number, comment: string): boolean {
    const known = this.#tried.get(at);
    if (known !== undefined) return known;
    const edit = { span: { start: at, end: at }, text: comment + lineEndingOf(document.text) };
    const text = applyEdits(document.text, [edit]) ?? '';
    const after = this.#workspace.preview(new Map([[this.#uri, text]])).get(this.#uri);
    const sound =
      after !== undefined &&
      after.document.notAnalysed === undefined &&
      after.document.problems.length <= document.problems.length &&
      sameKeys(
        this.#workspace.rawFindings(this.#uri).filter((finding) => !isEngineRule(finding.rule)),
        after.findings.map((live) => live.finding),
      );
    this.#tried.set(at, sound);
    return sound;
  }
}

/** Whether the engine reports this by itself; a comment does not keep it quiet. */
export function isEngineRule(rule: string): boolean {
  return ENGINE_RULES.some((own) => own.id === rule);
}

/** Whether a line that starts here is part of a text that goes over several lines: there, nothing is a comment. */
function isInsideText({ tree }: AnyDocument, at: number): boolean {
  if (!('file' in tree)) return false;
  const isInside = (node: YamlNode | undefined): boolean => {
    if (!node || node.span.end <= at || node.span.start >= at) return false;
    if (node.type === 'map') return node.pairs.some((pair) => isInside(pair.key) || isInside(pair.value));
    return node.type === 'seq' ? node.items.some(isInside) : node.type === 'scalar';
  };
  return tree.file.documents.some(({ root }) => isInside(root));
}

function markerOf(kind: Kind): '#' | '//' {
  return kind === 'script' ? '//' : '#';
}

/** Behind the byte order mark, on the first line of a text that has one. */
function startOfLine(text: string, offset: number): number {
  const start = lineStartAt(text, offset);
  return start === 0 && text.startsWith('\ufeff') ? 1 : start;
}

/** Behind what must be a file's first line: a byte order mark, a shebang, parser directives of a Dockerfile. */
function topOf(text: string, kind: Kind): number {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  const first =
    kind === 'dockerfile' ? /#[ \t]*(?:syntax|escape|check)[ \t]*=.*(?:\r?\n|$)/iy : /#!.*(?:\r?\n|$)/y;
  for (first.lastIndex = at; first.test(text); first.lastIndex = at) at = first.lastIndex;
  return at > 1 && !/[\r\n]/.test(text[at - 1] ?? '') ? 0 : at;
}

/** Whether `suppress` reads the comment as it is meant, once a reason stands in it. */
function keepsQuiet(text: string, findings: readonly Finding[], { span, text: asked }: Edit): boolean {
  const added = asked.replace(REASON_PLACEHOLDER, 'a reason');
  const moved = findings.map((finding) => ({
    ...finding,
    span: { start: finding.span.start + added.length, end: finding.span.end + added.length },
  }));
  const nobody: ReadonlySet<string> = new Set();
  const options = { uri: '', today: '', knownRules: nobody, ranRules: nobody };
  const after = text.slice(0, span.start) + added + text.slice(span.start);
  return suppress(moved, { ...options, text: after }).suppressed.length === findings.length;
}

function sameKeys(before: readonly Finding[], after: readonly Finding[]): boolean {
  const keys = (findings: readonly Finding[]) => findings.map(({ rule, place }) => `${rule} ${place}`).sort();
  return keys(before).join('\n') === keys(after).join('\n');
}
