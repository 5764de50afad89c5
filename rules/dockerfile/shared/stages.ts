import { finalStage } from '../../../syntaxes/dockerfile/effective.ts';
import type { Shell, ShellCommand } from '../../../syntaxes/dockerfile/shell.ts';
import type { DockerfileTree, Instruction, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import { lineage } from '../../../syntaxes/dockerfile/variables.ts';
import type { Document } from '../../../syntaxes/document.ts';

/** A stage in symbols: its name, or its number where it has none. */
export function stagePlace(stage: Stage): string {
  return `stage[${stage.name ?? stage.index}]`;
}

/** Tells by the text of an instruction whether it is worth parsing. */
type Prefilter = RegExp | ((code: string) => boolean);

/** Shell code of an instruction and where it stands. */
export interface LocatedShell {
  readonly stage: Stage;
  /** The instruction itself, for `ONBUILD` its trigger. */
  readonly instruction: Instruction;
  readonly shell: Shell;
}

/**
 * The shell code of all instructions with one of the keywords that mentions something, in order. `mentions` is judged on the text
 * before it is parsed, which is what takes the time, so it must match wherever the rule may find its smell.
 */
export function shellsOf(
  tree: DockerfileTree,
  mentions: Prefilter,
  keywords: readonly string[] = ['RUN'],
): readonly LocatedShell[] {
  const isWorth = typeof mentions === 'function' ? mentions : (code: string) => mentions.test(code);
  return tree.stages.flatMap((stage) =>
    stage.instructions.flatMap((outer) => {
      const instruction = outer.trigger ?? outer;
      if (!keywords.includes(instruction.keyword)) return [];
      if (instruction.heredocs.length === 0 && !isWorth(instruction.masked)) return [];
      const { shell } = instruction;
      return shell ? [{ stage, instruction, shell }] : [];
    }),
  );
}

/** A simple command of a `RUN`. */
export interface LocatedCommand extends LocatedShell {
  readonly command: ShellCommand;
  /** The program, without its path: `curl` for `/usr/bin/curl`. */
  readonly name: string;
  /** The words behind the program; `sudo`, `env`, `time` and the like are looked through. */
  readonly args: ShellCommand['args'];
}

/** All simple commands of `RUN` instructions that mention something, in order (see `shellsOf`). */
export function runCommands(
  tree: DockerfileTree,
  mentions: Prefilter,
  keywords?: readonly string[],
): readonly LocatedCommand[] {
  const located: LocatedCommand[] = [];
  for (const { stage, instruction, shell } of shellsOf(tree, mentions, keywords)) {
    for (const command of shell.commands) {
      located.push({ stage, instruction, shell, command, name: command.program, args: command.operands });
    }
  }
  return located;
}

/** Whether a `RUN` mounts a secret, so that what looks like a literal may come from it. */
export function mountsSecret(instruction: Instruction): boolean {
  return instruction.flags.some(
    ({ name, value }) => name === 'mount' && /(?:^|,)type=(?:secret|ssh)(?:,|$)/.test(value ?? ''),
  );
}

/** The stages whose files the final image has. */
export function finalLineage(tree: DockerfileTree): readonly Stage[] {
  const stage = finalStage(tree);
  return stage ? lineage(tree, stage) : [];
}

/** The text of a Dockerfile's instructions without comments, for words that may stand anywhere. */
export function codeOf(document: Document<'dockerfile'>): string {
  return document.tree.instructions
    .map(
      (each) =>
        `${each.keyword} ${each.flags.map((flag) => `--${flag.name}=${flag.value ?? ''}`).join(' ')} ${each.masked}${bodies(document, each)}`,
    )
    .join('\n');
}

function bodies({ text }: Document<'dockerfile'>, instruction: Instruction): string {
  return instruction.heredocs.map(({ body }) => `\n${text.slice(body.start, body.end)}`).join('');
}
