import type { DockerfileTree, Instruction, Stage, Word } from './tree.ts';
import { expand, lineage, variablesBefore } from './variables.ts';

/** What is in effect at a stage's end, looked up through the stages that it builds on. */

/** Who runs the container: what the last `USER` says, or what the image from outside says. */
export type EffectiveUser =
  | {
      readonly from: 'instruction';
      readonly instruction: Instruction;
      readonly word: Word;
      /** Variables replaced; undefined where one has no value here. */
      readonly value: string | undefined;
    }
  | { readonly from: 'image'; readonly image: string | undefined };

/** At the stage's end, or just before one of its instructions. */
export function effectiveUser(tree: DockerfileTree, stage: Stage, until?: Instruction): EffectiveUser {
  const found = lastInstruction(tree, stage, 'USER', until);
  const word = found?.instruction.words[0];
  if (!found || !word) return { from: 'image', image: baseImage(tree, stage) };
  const variables = variablesBefore(tree, found.stage, found.instruction);
  const value = expand(stripQuotes(word.text), variables, tree.escape);
  return {
    from: 'instruction',
    instruction: found.instruction,
    word,
    value: value === '' ? undefined : value,
  };
}

/** Whether a user, with or without a group, is root. */
export function isRoot(user: string): boolean {
  const name = user.split(':', 1)[0] ?? '';
  return name === 'root' || /^0+$/.test(name);
}

/** The name of the image from outside that a stage rests on; undefined where a variable hides it. */
export function baseImage(tree: DockerfileTree, stage: Stage): string | undefined {
  return lineage(tree, stage)[0]?.base;
}

export interface Located {
  readonly stage: Stage;
  readonly instruction: Instruction;
}

/**
 * The last instruction with a keyword, in the stage itself or in those that it builds on; `until` is an instruction of the stage
 * before which it has to stand.
 */
export function lastInstruction(
  tree: DockerfileTree,
  stage: Stage,
  keyword: string,
  until?: Instruction,
): Located | undefined {
  for (const each of lineage(tree, stage).toReversed()) {
    const all = each.byKeyword.get(keyword);
    const instruction = until && each === stage ? lastBefore(all, until) : all?.at(-1);
    if (instruction) return { stage: each, instruction };
  }
  return undefined;
}

function lastBefore(
  instructions: readonly Instruction[] | undefined,
  { span }: Instruction,
): Instruction | undefined {
  return instructions?.findLast((each) => each.span.start < span.start);
}

/** Whether the stage has a health check: true, false for `NONE`, undefined where only the image from outside could say. */
export function effectiveHealthcheck(tree: DockerfileTree, stage: Stage): boolean | undefined {
  const found = lastInstruction(tree, stage, 'HEALTHCHECK');
  return found && found.instruction.words[0]?.text.toUpperCase() !== 'NONE';
}

/**
 * The directory at the stage's end, or just before one of its instructions; undefined where it depends on the image from outside or
 * on an unknown variable.
 */
export function effectiveWorkdir(
  tree: DockerfileTree,
  stage: Stage,
  until?: Instruction,
): string | undefined {
  let directory: string | undefined;
  for (const each of lineage(tree, stage)) {
    for (const instruction of each.byKeyword.get('WORKDIR') ?? []) {
      if (until && each === stage && instruction.span.start >= until.span.start) break;
      const text = stripQuotes(instruction.masked.trim());
      const path = /[$\\`]/.test(text)
        ? expand(text, variablesBefore(tree, each, instruction), tree.escape)
        : text;
      if (path === undefined || path.startsWith('/')) directory = path;
      else directory = directory === undefined ? undefined : `${directory.replace(/\/$/, '')}/${path}`;
    }
  }
  return directory;
}

/** The stage that is built without `--target`. */
export function finalStage(tree: DockerfileTree): Stage | undefined {
  return tree.stages.at(-1);
}

/** The stage with this name, as `--target` and `COPY --from` mean it; a number is an index. */
export function stageNamed(tree: DockerfileTree, name: string): Stage | undefined {
  const byName = tree.stages.findLast((stage) => stage.name === name.toLowerCase());
  return byName ?? (/^\d+$/.test(name) ? tree.stages[Number(name)] : undefined);
}

/** The stages of a target's build: what it builds on and what it copies from, all the way down. */
export function usedStages(tree: DockerfileTree, target: Stage): ReadonlySet<number> {
  const used = new Set<number>();
  const queue = [target];
  for (let stage = queue.pop(); stage; stage = queue.pop()) {
    if (used.has(stage.index)) continue;
    used.add(stage.index);
    for (const source of sourcesOf(tree, stage)) if (source.index < stage.index) queue.push(source);
  }
  return used;
}

function sourcesOf(tree: DockerfileTree, stage: Stage): Stage[] {
  const parent = stage.parent === undefined ? undefined : tree.stages[stage.parent];
  const names = stage.instructions.flatMap((instruction) =>
    instruction.flags.flatMap(({ name, value = '' }) => {
      if (name === 'from') return [value];
      return name === 'mount' ? [/(?:^|,)from=([^,]+)/.exec(value)?.[1] ?? ''] : [];
    }),
  );
  const copied = names.flatMap((name) => stageNamed(tree, name) ?? []);
  return parent ? [parent, ...copied] : copied;
}

function stripQuotes(text: string): string {
  return /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
