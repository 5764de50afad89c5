import type { Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

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
  readonly user: { readonly state: 'root' | 'non-root' | 'unknown'; readonly value?: string; readonly span?: Span };
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
  extract: (): readonly DockerfileStagesFact[] => [],
});
