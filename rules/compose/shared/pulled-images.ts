import { UNKNOWN } from '../../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeTree } from '../../../syntaxes/compose/tree.ts';
import { type ComposeService, type EffectiveEntry, scalarAt } from '../../../syntaxes/compose/tree.ts';
import type { YamlScalar } from '../../../syntaxes/yaml/tree.ts';
import { type ImageReference, parseImage } from '../../core/image-reference.ts';
import { eachOrigin, type Origin } from './origin.ts';

/** Tags that are moved to each new version by their nature. */
const MOVING =
  /^(?:latest|stable|edge|main|master|trunk|develop|development|dev|nightly|unstable|canary|next|rolling|current|head|snapshot|preview|beta|alpha|rc|testing|mainline|lts|release)$|^latest-|-latest$/i;

/** An image that a service pulls. */
export interface PulledImage {
  readonly scalar: YamlScalar;
  readonly entry: EffectiveEntry | undefined;
  /** With `…` for what is not known. */
  readonly reference: ImageReference;
  /** Whether the registry, or a part of the path, is not known. */
  readonly isBehindVariable: boolean;
}

/**
 * The images that the services pull, once for each place. Images that are built here are left out: `image` then names the
 * result. So are those whose name or tag is not known.
 */
export function pulledImages(tree: ComposeTree): Iterable<Origin<PulledImage>> {
  const built = new Set(
    [...tree.services, ...tree.project.services.values()]
      .filter(isBuilt)
      .map((service) => withTag(imageOf(service) ?? service.name)),
  );
  return eachOrigin(
    tree,
    (service) => pulled(service, built),
    ({ scalar }) => scalar.span.start,
  );
}

/** Whether a tag is another version tomorrow. */
export function isMovingTag(tag: string): boolean {
  return MOVING.test(tag);
}

function pulled(service: ComposeService, built: ReadonlySet<string>): readonly PulledImage[] {
  const scalar = scalarAt(service.effective, 'image');
  const image = imageOf(service);
  if (
    !scalar ||
    image === undefined ||
    // A registry in a variable hides neither the name nor the tag.
    image.slice(image.lastIndexOf('/') + 1).includes(UNKNOWN) ||
    built.has(withTag(image)) ||
    isBuilt(service)
  )
    return [];
  const reference = parseImage(image.replaceAll(UNKNOWN, '…'));
  if (!reference || reference.name === 'scratch') return [];
  const isBehindVariable = image.includes(UNKNOWN);
  return [{ scalar, entry: service.effective.entries.get('image'), reference, isBehindVariable }];
}

function isBuilt({ effective }: ComposeService): boolean {
  return effective.entries.has('build') || scalarAt(effective, 'pull_policy')?.value === 'build';
}

function withTag(image: string): string {
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}
