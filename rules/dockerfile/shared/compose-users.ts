import { finalStage } from '../../../syntaxes/dockerfile/effective.ts';
import type { Document } from '../../../syntaxes/document.ts';
import type { Context } from '../../core/rule.ts';
import { composeServicesFacts } from '../../facts/compose-services.ts';

/** Whether Compose files build this Dockerfile's last stage, and each service that does so sets a user other than root. */
export function composeSetsUser(document: Document<'dockerfile'>, context: Context): boolean {
  const name = finalStage(document.tree)?.name;
  const services = context.facts
    .about(composeServicesFacts, document.uri)
    .map(({ fact }) => fact)
    .filter(({ build }) => !build?.target || build.target.toLowerCase() === name);
  return services.length > 0 && services.every(({ user }) => user.state === 'non-root');
}
