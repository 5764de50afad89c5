import { type CodeAction, CodeActionKind, type WorkspaceEdit } from 'vscode-languageserver';
import type { Fix, Safety } from '../../rules/core/rule.ts';
import { normaliseUri } from '../../syntaxes/uri.ts';
import { editsBetween } from '../engine/diff-edits.ts';
import type { Finding, VerifiedFix } from '../engine/finding.ts';
import { fixAll } from '../engine/fix.ts';
import { FIX_ALL_KIND, isRecord } from './client-features.ts';
import type { Context } from './context.ts';
import { fixesToEdit } from './workspace-edit.ts';

/** What a fix-all action mends; it travels to the editor and back, and the edit is made only when it is chosen. */
interface FixAllData {
  readonly uri: string;
  readonly safety: Safety;
  /** Only findings of this rule. */
  readonly rule?: string;
}

/** All safe fixes of a file: the action that "fix on save" runs. */
export function fixAllOfFile(context: Context, uri: string): CodeAction[] {
  if (context.session.check(uri).findings.length === 0) return [];
  return withEdit(context, {
    title: 'Fix all safe problems of hardlint in this file',
    kind: FIX_ALL_KIND,
    data: { uri, safety: 'safe' },
  });
}

/** The same for one rule, where there is more than one finding of it and this one can be mended. */
export function fixAllOfRule(
  context: Context,
  uri: string,
  { rule }: Finding,
  fixes: readonly VerifiedFix[],
): CodeAction[] {
  const [fix] = fixes;
  const count = context.session.check(uri).findings.filter((finding) => finding.rule === rule).length;
  if (!fix || count < 2) return [];
  const safety = fix.safety;
  return withEdit(context, {
    title: `Fix all ${rule} in this file${safety === 'review' ? ' (review)' : ''}`,
    kind: CodeActionKind.QuickFix,
    data: { uri, safety, rule },
  });
}

/** The edit of a fix-all action that someone has chosen; undefined where there is none, and for any other action. */
export function fixAllEdit(context: Context, { title, data }: CodeAction): WorkspaceEdit | undefined {
  const known = fixAllData(data);
  return known && editOf(context, title, known);
}

interface Unresolved extends CodeAction {
  readonly data: FixAllData;
}

/** An editor that cannot ask later gets the edit at once, or no action where there is none. */
function withEdit(context: Context, { data, ...action }: Unresolved): CodeAction[] {
  if (context.client.resolvesEdits) return [{ ...action, data }];
  const edit = editOf(context, action.title, data);
  return edit ? [{ ...action, edit }] : [];
}

function editOf(
  { session, client }: Context,
  title: string,
  { uri, safety, rule }: FixAllData,
): WorkspaceEdit | undefined {
  const before = session.workspace.textOf(uri);
  if (before === undefined) return undefined;
  const { text } = fixAll(session.workspace, uri, {
    safety,
    ...(rule !== undefined && { filter: (finding: Finding) => finding.rule === rule }),
  });
  if (text === before) return undefined;
  const fix: Fix = { title: title.replace(/ \(review\)$/, ''), safety, edits: editsBetween(before, text) };
  return fixesToEdit(session, client, uri, [fix]);
}

function fixAllData(data: unknown): FixAllData | undefined {
  if (!isRecord(data)) return undefined;
  const { uri, safety, rule } = data;
  if (typeof uri !== 'string' || (safety !== 'safe' && safety !== 'review')) return undefined;
  return {
    uri: normaliseUri(uri),
    safety,
    ...(typeof rule === 'string' && { rule }),
  };
}
