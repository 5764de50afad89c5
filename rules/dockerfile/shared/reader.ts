import { baseImage, lastInstruction } from '../../../syntaxes/dockerfile/effective.ts';
import type { DockerfileTree, Instruction, Stage } from '../../../syntaxes/dockerfile/tree.ts';
import { parseImage } from '../../core/image-reference.ts';
import { type ImageFamily, imageFamily } from '../../data/image-families.ts';

/** Who reads the shell form of an instruction. */
export interface ShellReader {
  /** The words of `SHELL`, or those of the default; undefined where the base image is not known and may set another one. */
  readonly words: readonly string[] | undefined;
  /** Whether the shell knows `pipefail`: bash does, and BusyBox; undefined where it is not known. */
  readonly hasPipefail: boolean | undefined;
}

/** The shell of an instruction of a stage: the last `SHELL` before it, else `/bin/sh -c` of the base image. */
export function shellReader(tree: DockerfileTree, stage: Stage, instruction: Instruction): ShellReader {
  const set = lastInstruction(tree, stage, 'SHELL', instruction)?.instruction;
  const family = stageFamily(tree, stage);
  if (!set) {
    const words = family && ['/bin/sh', '-c'];
    return { words, hasPipefail: family && family !== 'debian' };
  }
  const words = set.json?.map(({ value }) => value);
  const program = words?.find((word) => /(?:^|\/)(?:ba|a|z|k|da)?sh$/.test(word)) ?? '';
  if (/(?:^|\/)(?:ba|a|z|k)sh$/.test(program)) return { words, hasPipefail: true };
  return { words, hasPipefail: /(?:^|\/)sh$/.test(program) && family ? family !== 'debian' : undefined };
}

/** The distribution that a stage rests on, where its base image is known. */
export function stageFamily(tree: DockerfileTree, stage: Stage): ImageFamily | undefined {
  const name = baseImage(tree, stage);
  const image = name === undefined ? undefined : parseImage(name);
  return image && imageFamily(image);
}
