import { normaliseUri } from '../../syntaxes/uri.ts';
import { ruleMarkdown } from '../engine/rule-markdown.ts';
import { isRecord } from './client-features.ts';
import { type Context, guarded } from './context.ts';
import { ruleById } from './hover.ts';
import { EXPLAIN_REQUEST, type ExplainResult, FIX_REQUEST, type FixResult } from './protocol.ts';
import { fixesToEdit } from './workspace-edit.ts';

/** Answers hardlint's own client: the fix of a report's row, and a rule's documentation. */
export function registerRequests(context: Context): void {
  const { connection, session } = context;
  connection.onRequest(FIX_REQUEST, (params: unknown) =>
    guarded<FixResult>(context, 'Fix', null, () => fixOf(context, params)),
  );
  connection.onRequest(EXPLAIN_REQUEST, (params: unknown) =>
    guarded<ExplainResult>(context, 'Explain', null, () => {
      if (!isRecord(params) || typeof params.rule !== 'string') return null;
      const rule = ruleById(session, params.rule);
      return rule ? ruleMarkdown(rule) : null;
    }),
  );
}

function fixOf({ session, client, fixes }: Context, params: unknown): FixResult {
  if (!isRecord(params) || typeof params.uri !== 'string') return null;
  const uri = normaliseUri(params.uri);
  const finding = session
    .check(uri)
    .findings.find(({ rule, place }) => rule === params.rule && place === params.place);
  const fix = finding && fixes.fixesOf(finding).find((candidate) => candidate.safety === 'safe');
  return fix ? fixesToEdit(session, client, uri, [fix]) : null;
}
