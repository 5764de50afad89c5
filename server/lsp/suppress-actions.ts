import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type { Finding } from '../engine/finding.ts';
import type { FindingGroup } from '../engine/rollup.ts';
import { isEngineRule } from '../engine/suppress-edit.ts';
import type { Context } from './context.ts';
import { suppressionToEdit } from './workspace-edit.ts';

/** Comments that keep the findings of a group quiet, each with a reason to fill in: on the line, then in the whole file. */
export function suppressActions(context: Context, uri: string, group: FindingGroup): CodeAction[] {
  const findings = group.findings.filter((finding) => !isEngineRule(finding.rule));
  const [first, ...others] = findings;
  if (!first) return [];
  const together =
    others.length > 0 && group.rollup
      ? action(context, uri, [first, ...others], 'line', `Ignore all ${findings.length} here, with a reason`)
      : [];
  return [
    ...together,
    ...findings.flatMap((finding) => onLine(context, uri, finding)),
    ...(others.length > 0 ? [] : inFile(context, uri, first)),
  ];
}

function onLine(context: Context, uri: string, finding: Finding): CodeAction[] {
  return action(context, uri, [finding], 'line', `Ignore ${finding.rule} here, with a reason`);
}

function inFile(context: Context, uri: string, finding: Finding): CodeAction[] {
  return action(context, uri, [finding], 'file', `Ignore ${finding.rule} in this file, with a reason`);
}

function action(
  context: Context,
  uri: string,
  findings: readonly [Finding, ...Finding[]],
  scope: 'line' | 'file',
  title: string,
): CodeAction[] {
  const edit = context.fixes.suppressionsOf(uri).editFor(findings, scope);
  if (!edit) return [];
  return [
    {
      title,
      kind: CodeActionKind.QuickFix,
      edit: suppressionToEdit(context.session, context.client, uri, edit),
    },
  ];
}
