import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { buildOf, imageOf, userOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import { dockerfileSyntax } from '../../../syntaxes/dockerfile/syntax.ts';
import type { Document, Span } from '../../../syntaxes/document.ts';
import { parseImage } from '../../core/image-reference.ts';
import type { Context, Related } from '../../core/rule.ts';
import { imageUser as familyUser } from '../../data/image-users.ts';
import { type KnownImage, knownImage } from '../../data/images.ts';
import { changesUserIn } from '../../dockerfile/shared/start-scripts.ts';
import {
  type DockerfileStagesFact,
  dockerfileStagesFacts,
  type StageFact,
  stagesOf,
  withArguments,
} from '../../facts/dockerfile-stages.ts';

/** The user that a service's process has, as far as the workspace tells. */
export interface RuntimeUser {
  readonly state: 'root' | 'non-root' | 'steps-down' | 'unknown';
  /** The numeric id, where it is known. */
  readonly uid?: string;
  /** What says so. */
  readonly from: 'compose' | 'dockerfile' | 'image' | 'nothing';
  /** Whether a `USER` of the Dockerfile says so, not its base image. */
  readonly explicit?: true;
  readonly related?: Related;
  /** A user to run it as instead of root, ready to be written. */
  readonly runAs?: string;
}

/** Asks the service's `user`, then the Dockerfile that it is built from, then what is known of its image. */
export function runtimeUser(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): RuntimeUser {
  const own = userOf(service);
  if (own.state !== 'unset')
    return { state: own.state, from: 'compose', ...(own.uid !== undefined && { uid: own.uid }) };
  return imageUser(document, context, service);
}

/** The user that the service's image has by itself. */
export function imageUser(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): RuntimeUser {
  if (!buildOf(service, document.uri)) return fromImage(imageOf(service));
  const built = builtStage(document, context, service);
  return built ? fromStage(built) : { state: 'unknown', from: 'nothing' };
}

/** The stage of a Dockerfile that a service is built from. */
export interface BuiltStage {
  readonly stage: StageFact;
  /** A place in the Dockerfile; for one that stands in the Compose file, where that begins. */
  readonly at: (span: Span) => Pick<Related, 'uri' | 'span'>;
}

/** The stage that a service is built from, where its Dockerfile is in the workspace or in the Compose file. */
export function builtStage(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): BuiltStage | undefined {
  const build = buildOf(service, document.uri);
  if (!build || build.target === null) return undefined;
  const { inlineText, dockerfileUri: uri } = build;
  const [fact] = inlineText
    ? inlineStages(inlineText.value)
    : uri
      ? context.facts.of(dockerfileStagesFacts, uri)
      : [];
  const target = build.target?.toLowerCase();
  const stage =
    target === undefined
      ? fact?.final
      : fact?.stages.find((each) => each.name === target || String(each.index) === target);
  if (!stage) return undefined;
  const at = (span: Span) =>
    inlineText ? { uri: document.uri, span: inlineText.span } : { uri: uri ?? document.uri, span };
  const withArgs = withArguments(stage, build.args ?? new Map());
  const contexts = build.contextUri === null ? [] : [build.contextUri];
  const stepsDown = changesUserIn(context.facts, contexts, stage.scripts ?? []) === true;
  return { stage: stepsDown ? { ...withArgs, stepsDown } : withArgs, at };
}

function inlineStages(text: string): readonly DockerfileStagesFact[] {
  return stagesOf(dockerfileSyntax.parse('', interpolate(text).pattern));
}

function fromStage({ stage, at }: BuiltStage): RuntimeUser {
  const { state, value, span } = stage.user;
  const base = known(stage.base ?? undefined);
  if (state === 'root' && (stage.stepsDown || (!stage.userIsExplicit && base?.user === 'steps-down')))
    return { state: 'steps-down', from: 'dockerfile' };
  if (stage.userIsExplicit || state !== 'unknown') {
    const uid = /^\d+/.exec(value ?? '')?.[0];
    const related: Related = {
      ...at(span ?? stage.span),
      message: stage.userIsExplicit
        ? `The image's user is set here: \`${value ?? ''}\`.`
        : 'This stage sets no `USER`.',
    };
    const runAs = stage.userIsExplicit ? undefined : base?.runAs;
    return {
      state,
      from: 'dockerfile',
      related,
      ...(stage.userIsExplicit && { explicit: true }),
      ...(uid !== undefined && { uid }),
      ...(runAs !== undefined && { runAs }),
    };
  }
  if (!base) return { state: 'unknown', from: 'nothing' };
  const related: Related = {
    ...at(stage.span),
    message: `This stage sets no \`USER\`, and its base \`${stage.base}\` neither.`,
  };
  return {
    state: base.user,
    from: 'dockerfile',
    related,
    ...(base.runAs !== undefined && { runAs: base.runAs }),
  };
}

function fromImage(image: string | undefined): RuntimeUser {
  const found = known(image);
  if (!found) return { state: 'unknown', from: 'nothing' };
  return {
    state: found.user,
    from: 'image',
    ...(found.uid !== undefined && { uid: found.uid }),
    ...(found.runAs !== undefined && { runAs: found.runAs }),
  };
}

function known(image: string | undefined): KnownImage | undefined {
  const reference = image === undefined ? undefined : parseImage(image);
  if (!reference) return undefined;
  const family = familyUser(reference);
  return (
    knownImage(reference.name, reference.tag) ??
    (family && { user: family.state, ...(family.uid !== undefined && { uid: family.uid }) })
  );
}
