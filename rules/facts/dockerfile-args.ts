import type { Instruction } from '../../syntaxes/dockerfile/tree.ts';
import type { Document, Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** The arguments that a build of a Dockerfile takes. */
export interface DockerfileArgsFact {
  readonly args: readonly { readonly name: string /** Of the name. */; readonly span: Span }[];
  /** Whether there may be more: another frontend reads the file, or its base brings `ONBUILD ARG` along. */
  readonly open: boolean;
}

/** One fact for each Dockerfile that has a stage. */
export const dockerfileArgsFacts: FactKey<DockerfileArgsFact> = factKey('dockerfile-args');

export const extractor = defineExtractor({
  kind: 'dockerfile',
  key: dockerfileArgsFacts,
  extract: (document) => argumentsOf(document),
});

/** The arguments of a Dockerfile; nothing where it has no stage. */
export function argumentsOf({ tree }: Document<'dockerfile'>): readonly DockerfileArgsFact[] {
  if (tree.stages.length === 0) return [];
  const syntax = tree.directives.find(({ name }) => name.toLowerCase() === 'syntax')?.value;
  const isOwn =
    syntax === undefined || /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::|@|$)/.test(syntax);
  const inherits = tree.stages.some(({ image }) => /onbuild/i.test(image?.text ?? ''));
  const args = tree.instructions.flatMap((instruction) => declaredBy(instruction));
  return [{ args, open: !isOwn || inherits }];
}

function declaredBy(instruction: Instruction): DockerfileArgsFact['args'] {
  const { keyword, pairs, trigger } = instruction;
  if (trigger) return declaredBy(trigger);
  return keyword === 'ARG' ? pairs.map(({ name, nameSpan }) => ({ name, span: nameSpan })) : [];
}
