import { imageOf, userOf, wordsOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService, EffectiveEntry } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import type { Context, Fix } from '../../core/rule.ts';
import { isJob } from './absence.ts';
import { fixOf, removeEntry } from './fixes.ts';
import { isMonitoringImage } from './host-paths.ts';
import { imageUser, type RuntimeUser } from './user.ts';

/** `user: root` of a service, and the user that its image would have without it. */
export interface RootEntry {
  readonly entry: EffectiveEntry;
  readonly image: RuntimeUser;
  /** Whether the Dockerfile that the service builds ends with a `USER` of its own, which the entry undoes. */
  readonly overrides: boolean;
}

/** Programs that change owners or hand over to another user, for which a service has to start as root. */
const NEEDS_ROOT = /\b(?:chown|chmod|setfacl|install -[od]|gosu|su-exec|runuser|setpriv)\b/;

/**
 * The entry that tells a service to run as root. Undefined for jobs, for agents that read the host, for commands that need root to
 * change owners or the user, and for images that hand over to another user themselves.
 */
export function rootEntryOf(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): RootEntry | undefined {
  const entry = service.effective.entries.get('user');
  if (!entry || userOf(service).state !== 'root') return undefined;
  if (isMonitoringImage(imageOf(service) ?? '') || isJob(service, document.tree)) return undefined;
  const words = [...(wordsOf(service, 'entrypoint') ?? []), ...(wordsOf(service, 'command') ?? [])];
  if (words.some(({ text }) => NEEDS_ROOT.test(text))) return undefined;
  const image = imageUser(document, context, service);
  if (image.state === 'steps-down') return undefined;
  const overrides = image.state === 'non-root' && image.from === 'dockerfile' && image.explicit === true;
  return { entry, image, overrides };
}

/** Deletes the entry, so that the image's own user is in force. */
export function deleteUser(text: string, entry: EffectiveEntry): Fix | undefined {
  return fixOf(removeEntry(text, entry), {
    title: 'Delete user: the image has one of its own',
    safety: 'review',
    risk: 'Files and volumes that the service writes must belong to that user.',
  });
}
