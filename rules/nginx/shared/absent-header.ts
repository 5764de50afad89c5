import type { Document } from '../../../syntaxes/document.ts';
import type { Context } from '../../core/rule.ts';
import { addHeaderFixes, type FixKind, type NewHeader, serverHeaderState } from './headers.ts';
import { scopeOf } from './model.ts';
import { httpServers, isReachable, type Server, servesContent } from './server.ts';

/** A header of the response that each server with content should send. */
export interface WantedHeader {
  /** As it is written: `Referrer-Policy`. */
  readonly name: string;
  /** The message for a server, by its label. */
  readonly message: (label: string) => string;
  /** The whole directive that is added. */
  readonly line: string;
  readonly kind: FixKind;
  /** Headers that stand for it, in lower case. */
  readonly instead?: readonly string[];
  /** Whether something else in a server does its work, or may. */
  readonly satisfied?: (server: Server) => boolean;
}

/** Reports the servers of a file that serve content and for certain do not send a header; one rolled-up item each. */
export function reportAbsentHeader(
  document: Document<'nginx'>,
  context: Context,
  header: WantedHeader,
): void {
  const name = header.name.toLowerCase();
  const states = [name, ...(header.instead ?? [])];
  for (const server of httpServers(scopeOf(document, context.facts))) {
    const owner = server.scope.block?.owner;
    if (!owner || !isReachable(server) || !servesContent(server)) continue;
    if (states.some((state) => serverHeaderState(server, state) !== 'no') || header.satisfied?.(server))
      continue;
    context.report({
      span: owner.nameSpan,
      message: header.message(`\`${server.label}\``),
      place: `${server.place}.${name}`,
      rollup: { key: server.place, noun: 'server', subject: `\`${server.label}\``, item: header.name },
      fixes: () => addHeaderFixes(document, server, newHeader(header), header.kind),
    });
  }
}

function newHeader({ line }: WantedHeader): NewHeader {
  const label = line.split(' ')[1] ?? '';
  return { name: label.toLowerCase(), label, line };
}
