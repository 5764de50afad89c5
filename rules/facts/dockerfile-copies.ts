import { finalStage, usedStages } from '../../syntaxes/dockerfile/effective.ts';
import type { Instruction } from '../../syntaxes/dockerfile/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineExtractor, type FactKey, factKey } from '../core/facts.ts';

/** A `COPY` or `ADD` from the build context. */
export interface DockerfileCopyFact {
  /** Index of the stage. */
  readonly stage: number;
  /** Whether the image that is built without a target has what is copied, not only a stage before it. */
  readonly inFinal: boolean;
  /** The sources as written, without quotes. */
  readonly sources: readonly string[];
  /** Of the instruction. */
  readonly span: Span;
}

/** In the order of the file; a file that is built without its context has none. */
export const dockerfileCopyFacts: FactKey<DockerfileCopyFact> = factKey('dockerfile-copies');

export const extractor = defineExtractor({
  kind: 'dockerfile',
  key: dockerfileCopyFacts,
  extract: ({ tree }) => {
    const final = finalStage(tree);
    const kept = new Set<number>();
    for (let at = final; at; at = at.parent === undefined ? undefined : tree.stages[at.parent])
      kept.add(at.index);
    const used = final ? usedStages(tree, final) : new Set<number>();
    return tree.stages
      .filter(({ index }) => used.has(index))
      .flatMap(({ index, instructions }) =>
        instructions.flatMap((instruction) => {
          const sources = sourcesOf(instruction);
          return sources.length === 0
            ? []
            : [{ stage: index, inFinal: kept.has(index), sources, span: instruction.span }];
        }),
      );
  },
});

/** What an instruction takes from the context, by `COPY`, `ADD` or a mount. */
function sourcesOf({ keyword, flags, json, words }: Instruction): readonly string[] {
  if (keyword === 'RUN')
    return flags.flatMap(({ name, value = '' }) =>
      name === 'mount' && /(?:^|,)type=bind(?:,|$)/.test(value) && !/(?:^|,)from=/.test(value)
        ? [/(?:^|,)(?:source|src)=([^,]+)/.exec(value)?.[1] ?? '.']
        : [],
    );
  if ((keyword !== 'COPY' && keyword !== 'ADD') || flags.some(({ name }) => name === 'from')) return [];
  const all = json
    ? json.map(({ value }) => value)
    : words.map(({ text }) => text.replaceAll(/^["']|["']$/g, ''));
  return all.slice(0, -1).filter((source) => !/^(?:<<|https?:|git@|[a-z]+:\/\/)/.test(source));
}
