import {
  type CancellationToken,
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  CodeActionTriggerKind,
  type Diagnostic,
} from 'vscode-languageserver';
import { normaliseUri } from '../../syntaxes/uri.ts';
import type { VerifiedFix } from '../engine/finding.ts';
import { hardenFix } from '../engine/harden.ts';
import { type FindingGroup, groupFindings } from '../engine/rollup.ts';
import { EXPLAIN_COMMAND, FIX_ALL_KIND, HARDEN_KIND } from './client-features.ts';
import { type Context, giveWay, guarded } from './context.ts';
import { fixAllEdit, fixAllOfFile, fixAllOfRule } from './fix-all.ts';
import { hardenAreaActions, hardenedArea } from './harden-area.ts';
import { suppressActions } from './suppress-actions.ts';
import { findingIdsOf, toDiagnostic, toSpan } from './to-lsp.ts';
import { fixesToEdit } from './workspace-edit.ts';

/** Each group costs a check of the file for each of its fixes; nobody reads a list of more. */
const MAX_GROUPS = 20;

/** How much of a risk fits into a title. */
const MAX_RISK = 70;

/**
 * Offers what can be done about the findings at a place. Nothing is remembered from one request to the next: a finding is named by
 * its rule and place, and looked up in what the file says now.
 */
export function registerCodeActions(context: Context): void {
  context.connection.onCodeAction((params, token) =>
    guarded(context, 'Code actions', [], () => codeActions(context, params, token)),
  );
  context.connection.onCodeActionResolve((action, token) =>
    guarded(context, 'Resolving a code action', action, () => resolved(context, action, token)),
  );
}

/** An action with its edit, which is made only when someone has chosen it. */
async function resolved(context: Context, action: CodeAction, token: CancellationToken): Promise<CodeAction> {
  const hardened = await hardenedArea(context, action, token);
  if (hardened) return hardened;
  const edit = fixAllEdit(context, action);
  return edit ? { ...action, edit } : action;
}

async function codeActions(
  context: Context,
  params: CodeActionParams,
  token: CancellationToken,
): Promise<CodeAction[]> {
  if (!context.client.codeActionLiterals) return [];
  const uri = normaliseUri(params.textDocument.uri);
  const { only } = params.context;
  const fixing: CodeAction[] = [];
  const other: CodeAction[] = [];
  if (isWanted(only, CodeActionKind.QuickFix)) {
    for (const group of groupsAt(context, uri, params)) {
      const diagnostics = diagnosticsOf(context, group, params.context.diagnostics);
      const ofGroup = (action: CodeAction) => ({ ...action, diagnostics });
      fixing.push(...(await fixActions(context, uri, group, token)).map(ofGroup));
      other.push(...suppressActions(context, uri, group).map(ofGroup));
      other.push(...explainActions(context, group).map(ofGroup));
      await giveWay();
      if (token.isCancellationRequested) return [];
    }
  }
  if (isWanted(only, HARDEN_KIND) && !isUnasked(params)) {
    fixing.push(...(await hardenAreaActions(context, uri, params.range, token)));
  }
  if (isWanted(only, FIX_ALL_KIND)) other.push(...fixAllOfFile(context, uri));
  return [...fixing, ...other];
}

/** All kinds are wanted where none is named; a kind holds all kinds below it. */
function isWanted(only: readonly string[] | undefined, kind: string): boolean {
  return (
    only === undefined ||
    only.some((wanted) => kind === wanted || wanted === '' || kind.startsWith(`${wanted}.`))
  );
}

/** Asked by the editor itself as the cursor moves, to know whether a light bulb is due: half of all lines would have one. */
function isUnasked({ context: { only, triggerKind } }: CodeActionParams): boolean {
  return only === undefined && triggerKind === CodeActionTriggerKind.Automatic;
}

/** The groups that the range touches or that the editor names. */
function groupsAt({ session }: Context, uri: string, params: CodeActionParams): readonly FindingGroup[] {
  const wanted = toSpan(session.linesOf(uri), params.range);
  const named = new Set(
    params.context.diagnostics.flatMap(findingIdsOf).map(({ rule, place }) => `${rule} ${place}`),
  );
  return groupFindings(session.check(uri).findings)
    .filter(
      ({ span, findings }) =>
        (span.start <= wanted.end && wanted.start <= span.end) ||
        findings.some(({ rule, place }) => named.has(`${rule} ${place}`)),
    )
    .slice(0, MAX_GROUPS);
}

/** The editor's own diagnostics of a group, or the group's where it has none. */
function diagnosticsOf(
  { session, client }: Context,
  group: FindingGroup,
  given: readonly Diagnostic[],
): Diagnostic[] {
  const [worst] = group.findings;
  const own = given.filter((diagnostic) =>
    findingIdsOf(diagnostic).some(({ rule, place }) => rule === worst.rule && place === worst.place),
  );
  return own.length > 0 ? own : [toDiagnostic(session, client, group)];
}

async function fixActions(
  context: Context,
  uri: string,
  group: FindingGroup,
  token: CancellationToken,
): Promise<CodeAction[]> {
  return group.rollup
    ? hardenActions(context, uri, group, group.rollup.noun, token)
    : singleActions(context, uri, group);
}

/** The fixes of one finding, the safe ones first, and the same for all findings of its rule. */
function singleActions(context: Context, uri: string, { findings: [finding] }: FindingGroup): CodeAction[] {
  const fixes = safeFirst(context.fixes.fixesOf(finding));
  return [
    ...fixes.map((fix, index) => ({
      ...fixAction(context, uri, fix),
      ...(index === 0 && fix.safety === 'safe' && { isPreferred: true }),
    })),
    ...fixAllOfRule(context, uri, finding, fixes),
  ];
}

/** One action for the whole service or server, one for its safe part where that differs, and one for each key. */
async function hardenActions(
  context: Context,
  uri: string,
  group: FindingGroup,
  noun: string,
  token: CancellationToken,
): Promise<CodeAction[]> {
  const parts = await context.fixes.preferred(uri, group.findings, token);
  if (!parts) return [];
  const safe = parts.filter(({ fix }) => fix.safety === 'safe');
  const whole = hardenFix(context.session.workspace, uri, `Harden this ${noun}`, parts);
  const gentle =
    whole?.safety === 'review'
      ? hardenFix(context.session.workspace, uri, `Harden this ${noun}, safe fixes only`, safe)
      : undefined;
  const preferred = whole?.safety === 'safe' ? whole : gentle;
  const together = [whole, gentle].flatMap((fix) => fix ?? []);
  return [
    ...together.map((fix) => ({
      title: titleOf(fix),
      kind: CodeActionKind.QuickFix,
      edit: fixesToEdit(
        context.session,
        context.client,
        uri,
        fix.parts.map((part) => part.fix),
      ),
      ...(fix === preferred && { isPreferred: true }),
    })),
    ...parts.map(({ fix }) => fixAction(context, uri, fix)),
  ];
}

function fixAction({ session, client }: Context, uri: string, fix: VerifiedFix): CodeAction {
  return {
    title: titleOf(fix),
    kind: CodeActionKind.QuickFix,
    edit: fixesToEdit(session, client, uri, [fix]),
  };
}

/** "Drop all capabilities (review: the service may need some)". */
function withRisk(title: string, risk: string | undefined): string {
  return risk === undefined ? `${title} (review)` : `${title} (review: ${shortened(risk)})`;
}

function titleOf({ title, safety, risk }: VerifiedFix): string {
  // Menus show titles as they are, so the marks of code would only be in the way.
  return (safety === 'safe' ? title : withRisk(title, risk)).replaceAll('`', '');
}

function shortened(risk: string): string {
  const [sentence = ''] = risk.split(/(?<=\.)\s/);
  const text = sentence.replace(/\.$/, '');
  if (text.length <= MAX_RISK) return text;
  return `${text.slice(0, text.lastIndexOf(' ', MAX_RISK - 1))} …`;
}

function safeFirst(fixes: readonly VerifiedFix[]): readonly VerifiedFix[] {
  return [...fixes.filter((fix) => fix.safety === 'safe'), ...fixes.filter((fix) => fix.safety === 'review')];
}

function explainActions({ client }: Context, { findings: [{ rule }] }: FindingGroup): CodeAction[] {
  if (!client.commands.has(EXPLAIN_COMMAND)) return [];
  const title = `Explain ${rule}`;
  return [
    {
      title,
      kind: CodeActionKind.QuickFix,
      command: { title, command: EXPLAIN_COMMAND, arguments: [rule] },
    },
  ];
}
