import { stageNamed } from '../../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../../syntaxes/document.ts';
import { type ImageReference, parseImage } from '../../core/image-reference.ts';
import { imageUser } from '../../data/image-users.ts';
import { stagePlace } from './stages.ts';

/** An image that a build pulls. */
export interface ExternalImage {
  readonly image: ImageReference;
  readonly span: Span;
  readonly place: string;
  /**
   * Whether the name may be that of a named build context (`docker build --build-context`): such a name looks like an image's,
   * and only one that is known to be an image is taken for one.
   */
  readonly isContext: boolean;
}

/** The images that `FROM`, `COPY --from` and `RUN --mount=from=` pull, each stage's own left out. */
export function externalImages(tree: DockerfileTree): readonly ExternalImage[] {
  return tree.stages.flatMap((stage) => [
    ...fromImage(stage),
    ...stage.instructions.flatMap((instruction) => copiedImages(tree, stage, instruction)),
  ]);
}

/** Tags that move to whatever was pushed last. */
export function isMovingTag(tag: string): boolean {
  return tag === 'latest';
}

function fromImage(stage: Stage): ExternalImage[] {
  const image = stage.base === undefined ? undefined : parseImage(stage.base);
  if (!image || !stage.image) return [];
  return [{ image, span: stage.image.span, place: `${stagePlace(stage)}.FROM`, isContext: false }];
}

function copiedImages(tree: DockerfileTree, stage: Stage, instruction: Instruction): ExternalImage[] {
  return instruction.flags.flatMap(({ name, value, valueSpan }) => {
    const source =
      name === 'from' ? value : name === 'mount' ? /(?:^|,)from=([^,]+)/.exec(value ?? '')?.[1] : undefined;
    if (!source || !valueSpan || source.includes('$') || stageNamed(tree, source) || /^\d+$/.test(source))
      return [];
    const image = parseImage(source);
    if (!image) return [];
    const start = valueSpan.start + (value ?? '').indexOf(source);
    const span = name === 'from' ? valueSpan : { start, end: start + source.length };
    const isContext = !/[:/@]/.test(source) && imageUser(image) === undefined;
    return [{ image, span, place: `${stagePlace(stage)}.${instruction.keyword}[${image.name}]`, isContext }];
  });
}
