import { buildOf, imageOf, userOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { parseImage } from '../../core/image-reference.ts';
import type { Context, Related } from '../../core/rule.ts';
import { imageUser as familyUser } from '../../data/image-users.ts';
import { type KnownImage, knownImage } from '../../data/images.ts';
import { dockerfileStagesFacts, type StageFact } from '../../facts/dockerfile-stages.ts';

/** The user that a service's process has, as far as the workspace tells. */
export interface RuntimeUser {
  readonly state: 'root' | 'non-root' | 'steps-down' | 'unknown';
  /** The numeric id, where it is known. */
  readonly uid?: string;
  /** What says so. */
  readonly from: 'compose' | 'dockerfile' | 'image' | 'nothing';
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
  const build = buildOf(service, document.uri);
  if (!build) return fromImage(imageOf(service));
  const stage = builtStage(document, context, service);
  if (!stage || !build.dockerfileUri) return { state: 'unknown', from: 'nothing' };
  return fromStage(stage, build.dockerfileUri);
}

/** The stage of a Dockerfile in the workspace that a service is built from. */
export function builtStage(
  document: Document<'compose'>,
  context: Context<unknown>,
  service: ComposeService,
): StageFact | undefined {
  const build = buildOf(service, document.uri);
  if (!build?.dockerfileUri || build.target === null) return undefined;
  const [fact] = context.facts.of(dockerfileStagesFacts, build.dockerfileUri);
  if (!fact || build.target === undefined) return fact?.final;
  const target = build.target.toLowerCase();
  return fact.stages.find((stage) => stage.name?.toLowerCase() === target || String(stage.index) === target);
}

/** What is known of the image that a service runs; undefined for one that is built, and for an unknown one. */
export function knownImageOf(service: ComposeService): KnownImage | undefined {
  return service.effective.entries.has('build') ? undefined : known(imageOf(service));
}

function fromStage(stage: StageFact, uri: string): RuntimeUser {
  const { state, value, span } = stage.user;
  if (stage.userIsExplicit || state !== 'unknown') {
    const uid = /^\d+/.exec(value ?? '')?.[0];
    const related: Related = {
      uri,
      span: span ?? stage.span,
      message: stage.userIsExplicit
        ? `The image's user is set here: \`${value ?? ''}\`.`
        : 'This stage sets no `USER`.',
    };
    const runAs = stage.userIsExplicit ? undefined : known(stage.base ?? undefined)?.runAs;
    return {
      state,
      from: 'dockerfile',
      related,
      ...(uid !== undefined && { uid }),
      ...(runAs !== undefined && { runAs }),
    };
  }
  const base = known(stage.base ?? undefined);
  if (!base) return { state: 'unknown', from: 'nothing' };
  const related: Related = {
    uri,
    span: stage.span,
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
