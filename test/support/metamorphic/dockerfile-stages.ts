import { finalStage } from '../../../syntaxes/dockerfile/effective.ts';
import { edited, type Replacement, treeOf } from './dockerfile-edit.ts';
import { byPlace, byText, type Example, type Found, type Transformation, type Variant } from './example.ts';

/* The same stages with other names, behind others, and with what they name in a variable. */

export const dockerfileStages: readonly Transformation[] = [
  { name: 'a builder in front', atLeast: 380, apply: builderInFront },
  { name: 'a name for the last stage', atLeast: 370, apply: named },
  { name: 'the last stage behind another one', atLeast: 380, apply: behindAlias },
  { name: 'a RUN as a heredoc', atLeast: 190, apply: asHeredoc },
  { name: 'the tag of an image from an argument', atLeast: 360, apply: tagFromArgument },
  { name: 'the image from an argument', atLeast: 360, apply: imageFromArgument },
];

/** Stages without a name are known by their number. */
function builderInFront(example: Example): readonly Variant[] {
  const [first] = treeOf(example.text).stages;
  if (!first || /from=\d/.test(example.text)) return [];
  const at = first.from.span.start;
  const builder = 'FROM scratch AS extra-builder\nCOPY extra /extra\n\n';
  return edited(example, [{ at, end: at, text: builder }], {
    expected: (found) =>
      byPlace({
        ...found,
        place: found.place.replace(/^stage\[(\d+)\]/, (_, index) => `stage[${Number(index) + 1}]`),
      }),
  });
}

function named(example: Example): readonly Variant[] {
  const tree = treeOf(example.text);
  const stage = finalStage(tree);
  if (!stage?.image || stage.name !== undefined || example.text.includes('stage-final')) return [];
  const at = stage.image.span.end;
  return edited(example, [{ at, end: at, text: ' AS stage-final' }], {
    expected: (found) =>
      byPlace({ ...found, place: found.place.replace(`stage[${stage.index}]`, 'stage[stage-final]') }),
  });
}

/** `FROM x AS stage-base`, `FROM stage-base`: what is said of the image may be said of its other name. */
function behindAlias(example: Example): readonly Variant[] {
  const stage = finalStage(treeOf(example.text));
  const image = stage?.image;
  if (!stage || !image || /from=\d/.test(example.text)) return [];
  const name = stage.name === undefined ? '' : ` AS ${stage.name}`;
  const { end } = stage.from.span;
  const isImage = ({ span }: Found): boolean => span.start === image.span.start;
  return edited(example, [{ at: image.span.end, end, text: ` AS stage-base\n\nFROM stage-base${name}` }], {
    show: (found) => ([image.text, 'stage-base'].includes(found.text) ? 'image' : byText(found)),
    expected: (found) => (isImage(found) ? 'image' : byText(found)),
  });
}

/** `RUN <<EOF` with `set -e`, as a command that fails has to end the build. */
function asHeredoc(example: Example): readonly Variant[] {
  const { text } = example;
  const { instructions, escape: mark } = treeOf(text);
  const replacements = instructions.flatMap((each): readonly Replacement[] => {
    const { start, end } = each.arguments;
    const code = text.slice(start, end);
    if (each.keyword !== 'RUN' || each.heredocs.length > 0 || each.json || mark !== '\\') return [];
    if (code === '' || /^[ \t]*#|<<|\\(?!\n)/m.test(code)) return [];
    return [{ at: start, end, text: `<<EOF\nset -e\n${code}\nEOF` }];
  });
  return replacements.length === 0 ? [] : edited(example, replacements);
}

function tagFromArgument(example: Example): readonly Variant[] {
  return fromArgument(example, 'MOVED_TAG', /(?<=^[\w./-]+(?::\d+\/[\w./-]+)?:)[\w.-]+$/);
}

function imageFromArgument(example: Example): readonly Variant[] {
  return fromArgument(example, 'MOVED_IMAGE', /^[^$]+$/);
}

/** A part of the first image that comes from outside in an argument with that default. */
function fromArgument(example: Example, argument: string, part: RegExp): readonly Variant[] {
  const tree = treeOf(example.text);
  const stage = tree.stages.find(({ parent }) => parent === undefined);
  const [first] = tree.stages;
  const match = part.exec(stage?.image?.text ?? '');
  if (!first || !stage?.image || !match || match[0] === 'scratch') return [];
  const at = stage.image.span.start + match.index;
  const variable = `\${${argument}}`;
  return edited(
    example,
    [
      { at: first.from.span.start, end: first.from.span.start, text: `ARG ${argument}=${match[0]}\n` },
      { at, end: at + match[0].length, text: variable },
    ],
    { show: (found) => byPlace({ ...found, text: found.text.replace(variable, match[0]) }) },
  );
}
