import type { Document } from '../../../syntaxes/document.ts';
import { removeInstruction } from '../../core/dockerfile-edits.ts';
import type { Context } from '../../core/rule.ts';
import { stagePlace } from './stages.ts';

/** Reports every instruction with a keyword but the last one of its stage: only that one counts. */
export function reportOverridden(
  document: Document<'dockerfile'>,
  context: Context<undefined>,
  keyword: string,
): void {
  const { text, tree } = document;
  for (const stage of tree.stages) {
    const all = stage.instructions.filter((instruction) => instruction.keyword === keyword);
    const last = all.at(-1);
    for (const instruction of all.slice(0, -1)) {
      context.report({
        span: instruction.keywordSpan,
        message: `This \`${keyword}\` has no effect: only the last one of a stage counts.`,
        place: `${stagePlace(stage)}.${keyword}`,
        ...(last && {
          related: [{ uri: document.uri, span: last.keywordSpan, message: 'This one counts.' }],
        }),
        fixes: () => {
          const edit = removeInstruction(text, instruction);
          return [
            edit && {
              title: `Remove this ${keyword}`,
              safety: 'safe',
              edits: [edit],
              verify: 'docker build .',
            },
          ];
        },
      });
    }
  }
}
