import { buildOf, imageOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { parseImage } from '../../core/image-reference.ts';
import type { Context, Fix, Related } from '../../core/rule.ts';
import { bringsNoHealthcheck, knownImage } from '../../data/images.ts';
import { addServiceKey, fixOf } from './fixes.ts';
import { builtStage } from './user.ts';

/** Whether it is known that the image brings no healthcheck. */
export function imageLacksCheck(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): { readonly missing: boolean; readonly related?: Related } {
  if (buildOf(service, document.uri)) {
    const built = builtStage(document, context, service);
    if (!built || built.stage.healthcheck === true) return { missing: false };
    const { stage, at } = built;
    const message = 'The stage that is built has no `HEALTHCHECK`.';
    const base = stage.healthcheck === false || lacksCheck(stage.base ?? '');
    return base ? { missing: true, related: { ...at(stage.span), message } } : { missing: false };
  }
  return { missing: lacksCheck(imageOf(service) ?? '') };
}

function lacksCheck(image: string): boolean {
  const reference = parseImage(image);
  return reference !== undefined && bringsNoHealthcheck(reference.name);
}

/** Adds the healthcheck that is known for a service's image. */
export function healthcheckFix(document: Document<'compose'>, service: ComposeService): Fix | undefined {
  const image = service.effective.entries.has('build') ? undefined : parseImage(imageOf(service) ?? '');
  const test = image && knownImage(image.name, image.tag)?.healthcheck;
  // Another entrypoint may run something else than the image is for.
  if (!test || service.effective.entries.has('healthcheck') || service.effective.entries.has('entrypoint'))
    return undefined;
  const times = ['interval: 30s', 'timeout: 5s', 'retries: 3', 'start_period: 30s'];
  const edit = addServiceKey(document.text, service, {
    key: 'healthcheck',
    block: [`test: [${test}]`, ...times],
    flow: `{ test: [${test}], ${times.join(', ')} }`,
  });
  return fixOf(edit, {
    title: 'Add the healthcheck of this image',
    safety: 'review',
    risk: 'Services that wait for `service_healthy` now wait for it; a changed port or a required login may need another command.',
  });
}
