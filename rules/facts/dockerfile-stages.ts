import {
  baseImage,
  type EffectiveUser,
  effectiveHealthcheck,
  effectiveUser,
  isRoot,
} from '../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Stage } from '../../syntaxes/dockerfile/tree.ts';
import {
  type Declaration,
  declarationsBefore,
  expand,
  lineage,
  variablesWith,
} from '../../syntaxes/dockerfile/variables.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';
import { parseImage } from '../core/image-reference.ts';
import { imageUser } from '../data/image-users.ts';
import { changesUser, needsRoot } from '../dockerfile/shared/runtime-user.ts';
import { startScriptPaths } from '../dockerfile/shared/start-scripts.ts';

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
  /** Whether the file says that what starts as root changes to another user, or has to be root. */
  readonly stepsDown?: true;
  /** The script that the container starts, as paths in the build context; it may change to another user. */
  readonly scripts?: readonly string[];
  /** Where the base or the user depends on variables: what is needed to find out what arguments of the build make of them. */
  readonly recipe?: StageRecipe;
  /** Null where the base image decides and is not known. */
  readonly healthcheck: boolean | null;
  /** Of the `FROM`. */
  readonly span: Span;
}

export interface StageRecipe {
  readonly escape: string;
  /** What is declared in the file's head and in the stages, up to the `USER`. */
  readonly declared: readonly Declaration[];
  /** As `FROM` has it. */
  readonly base?: string;
  /** As `USER` has it. */
  readonly user?: string;
}

/** One fact for each Dockerfile that has a stage. */
export const dockerfileStagesFacts: FactKey<DockerfileStagesFact> = factKey('dockerfile-stages');

export const extractor = defineExtractor({
  kind: 'dockerfile',
  key: dockerfileStagesFacts,
  extract: (document) => stagesOf(document),
});

/** The stages of a Dockerfile; nothing where it has none. */
export function stagesOf(document: Document<'dockerfile'>): readonly DockerfileStagesFact[] {
  const stages = document.tree.stages.map((stage) => stageFact(document, stage));
  const final = stages.at(-1);
  return final ? [{ final, stages }] : [];
}

export function stageFact(document: Document<'dockerfile'>, stage: Stage): StageFact {
  const { tree } = document;
  const user = effectiveUser(tree, stage);
  const recipe = recipeOf(tree, stage, user);
  const state = userFact(tree, stage);
  const stepsDown =
    (recipe || state.state === 'root') && (changesUser(document, stage) || needsRoot(tree, stage));
  const scripts = stepsDown === true ? [] : startScriptPaths(tree, stage);
  return {
    ...(stage.name !== undefined && { name: stage.name }),
    index: stage.index,
    base: baseImage(tree, stage) ?? null,
    user: state,
    userIsExplicit: user.from === 'instruction',
    ...(stepsDown === true && { stepsDown }),
    ...(scripts.length > 0 && { scripts }),
    ...(recipe && { recipe }),
    healthcheck: effectiveHealthcheck(tree, stage) ?? null,
    span: stage.from.span,
  };
}

/** The stage as a build with arguments makes it. */
export function withArguments(stage: StageFact, args: ReadonlyMap<string, string | null>): StageFact {
  const { recipe } = stage;
  if (!recipe || args.size === 0) return stage;
  const variables = variablesWith(recipe.declared, args, recipe.escape);
  const base =
    recipe.base === undefined ? stage.base : expand(recipe.base, variables.globals, recipe.escape) || null;
  if (!stage.userIsExplicit) return { ...stage, base, user: imageUserState(base ?? undefined) };
  if (recipe.user === undefined) return { ...stage, base };
  const user = expand(recipe.user, variables.stage, recipe.escape) || undefined;
  return { ...stage, base, user: userState(user, stage.user.span) };
}

function recipeOf(tree: DockerfileTree, stage: Stage, user: EffectiveUser): StageRecipe | undefined {
  const base = lineage(tree, stage)[0]?.image?.text;
  const word = user.from === 'instruction' ? user.word.text : undefined;
  if (!base?.includes('$') && !word?.includes('$')) return undefined;
  return {
    escape: tree.escape,
    declared: declarationsBefore(tree, stage, user.from === 'instruction' ? user.instruction : undefined),
    ...(base?.includes('$') && { base }),
    ...(word?.includes('$') && { user: word }),
  };
}

function userFact(tree: DockerfileTree, stage: Stage): StageFact['user'] {
  const user = effectiveUser(tree, stage);
  return user.from === 'instruction' ? userState(user.value, user.word.span) : imageUserState(user.image);
}

function userState(value: string | undefined, span: Span | undefined): StageFact['user'] {
  const at = span && { span };
  if (value === undefined) return { state: 'unknown', ...at };
  return { state: isRoot(value) ? 'root' : 'non-root', value, ...at };
}

function imageUserState(base: string | undefined): StageFact['user'] {
  const image = base === undefined ? undefined : parseImage(base);
  const known = image && imageUser(image);
  if (known?.state === 'root') return { state: 'root' };
  if (known?.state !== 'non-root') return { state: 'unknown' };
  return { state: 'non-root', ...(known.uid !== undefined && { value: known.uid }) };
}
