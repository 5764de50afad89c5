import { baseImage, lastInstruction } from '../../../syntaxes/dockerfile/effective.ts';
import type { Instruction, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import { insertAfter, insertBefore, type NewInstruction } from '../../core/dockerfile-edits.ts';
import { parseImage } from '../../core/image-reference.ts';
import type { Fix } from '../../core/rule.ts';
import { presetUser, userTools } from '../../data/image-users.ts';
import { createdUsers, formerUser } from './runtime-user.ts';

const RISK =
  'The application can no longer write to files that root owns: give it its directories with `chown` or `COPY --chown` first.';

/** A user to run as, with what creates it. */
export interface Candidate {
  readonly user: string;
  readonly create?: string;
}

/** Who the container could run as: a user that the file or the image has, else one that its distribution can create. */
export function userFor(document: Document<'dockerfile'>, stage: Stage): Candidate {
  const { tree } = document;
  const existing = formerUser(tree, stage) ?? createdUsers(tree, stage).at(-1);
  if (existing !== undefined) return { user: existing };
  const name = baseImage(tree, stage);
  const image = name === undefined ? undefined : parseImage(name);
  if (!image) return { user: '10001:10001' };
  const preset = presetUser(image);
  if (preset !== undefined) return { user: preset };
  if (image.name === 'scratch' || image.name.startsWith('gcr.io/distroless/')) return { user: '65532:65532' };
  const tools = stage.shell === 'posix' ? userTools(image) : 'numeric';
  if (tools === 'busybox') return { user: 'app', create: 'addgroup -S app && adduser -S -G app app' };
  if (tools === 'shadow') return { user: 'app', create: 'groupadd -r app && useradd -r -g app app' };
  return { user: '10001:10001' };
}

/** Adds `USER` before the instruction that says what the container runs, else at the stage's end. */
export function addUser(document: Document<'dockerfile'>, stage: Stage): Fix | undefined {
  const { user, create } = userFor(document, stage);
  const added: NewInstruction[] = [
    ...(create === undefined ? [] : [{ keyword: 'RUN', text: create }]),
    { keyword: 'USER', text: user },
  ];
  const edit = placeUser(document, stage, added);
  return (
    edit && { title: `Run as ${user}`, safety: 'review', edits: [edit], risk: RISK, verify: 'docker build .' }
  );
}

/** Another user in a `USER` behind which nothing is built. */
export function replaceUser(
  document: Document<'dockerfile'>,
  stage: Stage,
  instruction: Instruction,
): Fix | undefined {
  const { user, create } = userFor(document, stage);
  const word = instruction.words[0];
  const later = stage.instructions.slice(stage.instructions.indexOf(instruction) + 1);
  const builds = later.some(({ keyword }) => ['RUN', 'COPY', 'ADD', 'WORKDIR', 'ONBUILD'].includes(keyword));
  if (!word || create !== undefined || builds || !stage.instructions.includes(instruction))
    return addUser(document, stage);
  const edits = [{ span: word.span, text: user }];
  return { title: `Run as ${user}`, safety: 'review', edits, risk: RISK, verify: 'docker build .' };
}

function placeUser(document: Document<'dockerfile'>, stage: Stage, added: readonly NewInstruction[]) {
  const start = startInstruction(document, stage);
  if (start) return insertBefore(document, start, added);
  const last = stage.instructions.at(-1) ?? stage.from;
  return insertAfter(document.text, last, added);
}

/** The first of the final `ENTRYPOINT` and `CMD`, where the stage builds nothing behind it. */
function startInstruction({ tree }: Document<'dockerfile'>, stage: Stage): Instruction | undefined {
  const found = ['ENTRYPOINT', 'CMD'].flatMap((keyword) => {
    const located = lastInstruction(tree, stage, keyword);
    return located && located.stage === stage ? [located.instruction] : [];
  });
  const first = found.sort((a, b) => a.span.start - b.span.start)[0];
  if (!first) return undefined;
  const later = stage.instructions.filter((each) => each.span.start > first.span.start);
  const builds = later.some(({ keyword }) => ['RUN', 'COPY', 'ADD', 'USER'].includes(keyword));
  return builds ? undefined : first;
}
