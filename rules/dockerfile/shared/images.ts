import { stageNamed } from '../../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import { expand } from '../../../syntaxes/dockerfile/variables.ts';
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
    ...fromImage(tree, stage),
    ...stage.instructions.flatMap((instruction) => copiedImages(tree, stage, instruction)),
  ]);
}

/** Tags that move to whatever was pushed last. */
export function isMovingTag(tag: string): boolean {
  return tag === 'latest';
}

function fromImage(tree: DockerfileTree, stage: Stage): ExternalImage[] {
  const base = stage.base ?? baseBehindRegistry(tree, stage);
  const image = base === undefined ? undefined : parseImage(base);
  if (!image || !stage.image) return [];
  return [{ image, span: stage.image.span, place: `${stagePlace(stage)}.FROM`, isContext: false }];
}

/** `${REGISTRY}/node:latest`: a registry that is not known hides neither the name nor the tag. */
function baseBehindRegistry(tree: DockerfileTree, stage: Stage): string | undefined {
  const written =
    stage.parent === undefined ? /^[^/]*\$[^/]*\/(.*)$/.exec(stage.image?.text ?? '')?.[1] : undefined;
  const name = written && expand(written, tree.globalArgs, tree.escape);
  return name && /^[\w.-]+(?:\/[\w.-]+)*(?:[:@][\w.:-]+)*$/.test(name) ? `…/${name}` : undefined;
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
