import { pathOf } from '../../syntaxes/uri.ts';
import { type Context, quietly } from './context.ts';
import { STATUS_NOTIFICATION, type StatusParams } from './protocol.ts';

/** Tells hardlint's own client what its status item shows for a document that was just checked. */
export function sendStatus(
  { connection, client, session }: Context,
  uri: string,
  milliseconds: number,
): void {
  if (!client.isOwn) return;
  const { notAnalysed, muted } = session.check(uri);
  const settings = session.workspace.settingsFor(uri);
  const kind = session.workspace.document(uri)?.kind;
  const status: StatusParams = {
    uri: session.documents.clientUri(uri),
    rules: kind === undefined ? 0 : settings.rules.filter(({ rule }) => rule.kinds.includes(kind)).length,
    configuration: settings.sources.map(pathOf),
    milliseconds: Math.round(milliseconds * 10) / 10,
    ...(notAnalysed !== undefined && { notAnalysed }),
    muted: muted.map(({ rule }) => rule),
  };
  void quietly(() => connection.sendNotification(STATUS_NOTIFICATION, status));
}
