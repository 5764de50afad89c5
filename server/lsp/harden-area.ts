import type { CancellationToken, CodeAction, Range, WorkspaceEdit } from 'vscode-languageserver';
import { contains } from '../../syntaxes/document.ts';
import { normaliseUri } from '../../syntaxes/uri.ts';
import { type Area, areaAt, areasOf } from '../engine/area.ts';
import { bySeverity, type Finding } from '../engine/finding.ts';
import { fittingParts, type HardenPart } from '../engine/harden.ts';
import { HARDEN_KIND, isRecord } from './client-features.ts';
import type { Context } from './context.ts';
import { toSpan } from './to-lsp.ts';
import { partsToEdit } from './workspace-edit.ts';

/** Trying a fix means checking its file again; the worst findings come first, and another run takes up the rest. */
const MAX_FINDINGS = 40;

/** The part of a file that an action hardens; it travels to the editor and back, and the edit is made only when it is chosen. */
interface HardenData {
  readonly uri: string;
  /** The part's place. */
  readonly area: string;
}

/**
 * "Harden this service": the fixes of everything that is found in a service, an image or a server as one refactoring, which an
 * editor shows part by part before it makes it. Offered anywhere in the part, where at least two findings are likely to be mended.
 */
export async function hardenAreaActions(
  context: Context,
  uri: string,
  range: Range,
  token: CancellationToken,
): Promise<CodeAction[]> {
  const { session, client } = context;
  const document = session.workspace.document(uri);
  const area = document && areaAt(document, toSpan(session.linesOf(uri), range));
  if (!area || !isWorthwhile(context, findingsIn(context, uri, area), area)) return [];
  const data: HardenData = { uri, area: area.place };
  const title = `Harden this ${area.noun}`;
  if (client.resolvesEdits) return [{ title, kind: HARDEN_KIND, data }];
  const parts = await partsOf(context, uri, area, token);
  if (!parts || parts.length === 0) return [];
  // An editor without annotations cannot ask about a part, so the title says that there is something to look at.
  const asks = client.changeAnnotations || parts.every(({ fix }) => fix.safety === 'safe');
  return [
    {
      title: asks ? title : `${title} (review)`,
      kind: HARDEN_KIND,
      edit: partsToEdit(session, client, uri, parts),
    },
  ];
}

/** Fills in the edit of such an action, or says why there is none; undefined for any other action. */
export async function hardenedArea(
  context: Context,
  action: CodeAction,
  token: CancellationToken,
): Promise<CodeAction | undefined> {
  const data = hardenData(action.data);
  if (!data) return undefined;
  const { session, client } = context;
  const document = session.workspace.document(data.uri);
  const area = document && areasOf(document).find(({ place }) => place === data.area);
  const parts = area ? await partsOf(context, data.uri, area, token) : [];
  if (!parts) return action;
  if (parts.length === 0) return { ...action, disabled: { reason: 'No fix of what is found here works.' } };
  const edit: WorkspaceEdit = partsToEdit(session, client, data.uri, parts);
  return { ...action, edit };
}

/** The fixes that work together; undefined where nobody waits for them any more, or the file has changed meanwhile. */
async function partsOf(
  context: Context,
  uri: string,
  area: Area,
  token: CancellationToken,
): Promise<readonly HardenPart[] | undefined> {
  const findings = [...findingsIn(context, uri, area)].sort(bySeverity).slice(0, MAX_FINDINGS);
  const parts = await context.fixes.preferred(uri, findings, token);
  return parts && fittingParts(context.session.workspace, uri, parts);
}

function findingsIn({ session }: Context, uri: string, { span }: Area): readonly Finding[] {
  return session.check(uri).findings.filter((finding) => contains(span, finding.span));
}

/** A server is hardened as a whole only where it lacks something; all else that is wrong in it is wrong in one place. */
function isWorthwhile(context: Context, findings: readonly Finding[], { noun }: Area): boolean {
  if (noun === 'server' && !findings.some(({ rollup }) => rollup)) return false;
  let fixable = 0;
  for (const finding of findings) {
    if (context.fixes.isLikelyFixable(finding)) fixable++;
    if (fixable === 2) return true;
  }
  return false;
}

function hardenData(data: unknown): HardenData | undefined {
  if (!isRecord(data) || typeof data.uri !== 'string' || typeof data.area !== 'string') return undefined;
  return { uri: normaliseUri(data.uri), area: data.area };
}
