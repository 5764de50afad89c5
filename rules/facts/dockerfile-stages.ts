import {
  baseImage,
  effectiveHealthcheck,
  effectiveUser,
  isRoot,
} from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Stage } from '../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';
import { parseImage } from '../core/image-reference.ts';
import { imageUser } from '../data/image-users.ts';

/** The stages of a Dockerfile as they are in effect. */
export interface DockerfileStagesFact {
  readonly final: StageFact;
  readonly stages: readonly StageFact[];
}

export interface StageFact {
  /** The name after `AS`. */
  readonly name?: string;
  readonly index: number;
  /** The image that the stage builds on, through other stages and `ARG` defaults; null where it is not known. */
  readonly base: string | null;
  readonly user: {
    readonly state: 'root' | 'non-root' | 'unknown';
    readonly value?: string;
    readonly span?: Span;
  };
  /** Whether a `USER` instruction of this Dockerfile says so, not the base image. */
  readonly userIsExplicit: boolean;
  /** Null where the base image decides and is not known. */
  readonly healthcheck: boolean | null;
  /** Of the `FROM`. */
  readonly span: Span;
}

/** One fact for each Dockerfile that has a stage. */
export const dockerfileStagesFacts: FactKey<DockerfileStagesFact> = factKey('dockerfile-stages');

export const extractor = defineExtractor({
  kind: 'dockerfile',
  key: dockerfileStagesFacts,
  extract: ({ tree }): readonly DockerfileStagesFact[] => {
    const stages = tree.stages.map((stage) => factOf(tree, stage));
    const final = stages.at(-1);
    return final ? [{ final, stages }] : [];
  },
});

function factOf(tree: DockerfileTree, stage: Stage): StageFact {
  const user = effectiveUser(tree, stage);
  return {
    ...(stage.name !== undefined && { name: stage.name }),
    index: stage.index,
    base: baseImage(tree, stage) ?? null,
    user: userFact(tree, stage),
    userIsExplicit: user.from === 'instruction',
    healthcheck: effectiveHealthcheck(tree, stage) ?? null,
    span: stage.from.span,
  };
}

function userFact(tree: DockerfileTree, stage: Stage): StageFact['user'] {
  const user = effectiveUser(tree, stage);
  if (user.from === 'instruction') {
    const span = user.word.span;
    if (user.value === undefined) return { state: 'unknown', span };
    return { state: isRoot(user.value) ? 'root' : 'non-root', value: user.value, span };
  }
  const image = user.image === undefined ? undefined : parseImage(user.image);
  const known = image && imageUser(image);
  if (known?.state === 'root') return { state: 'root' };
  if (known?.state !== 'non-root') return { state: 'unknown' };
  return { state: 'non-root', ...(known.uid !== undefined && { value: known.uid }) };
}
