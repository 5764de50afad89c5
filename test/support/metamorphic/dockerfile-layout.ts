import type { Instruction } from '../../../syntaxes/dockerfile/tree.ts';
import { edited, treeOf } from './dockerfile-edit.ts';
import { byPlace, type Example, type Found, type Transformation, type Variant } from './example.ts';

/* How the lines of a Dockerfile are written. */

export const dockerfileLayouts: readonly Transformation[] = [
  {
    name: 'CRLF',
    atLeast: 380,
    apply: (example) => edited(example, example.text.replaceAll(/\r?\n/g, '\r\n')),
  },
  {
    name: 'a byte order mark',
    atLeast: 380,
    apply: (example) => edited(example, `\ufeff${example.text}`),
  },
  {
    name: 'keywords in lower case',
    atLeast: 380,
    apply: (example) => inCase(example, (word) => word.toLowerCase()),
  },
  { name: 'keywords in mixed case', atLeast: 380, apply: (example) => inCase(example, mixed) },
  {
    name: 'comments and blank lines between instructions',
    atLeast: 380,
    apply: (example) => between(example, '\n# Why: see "the manual", it\'s {long}\n  # and RUN more\n'),
  },
  {
    name: 'spaces before instructions and behind lines',
    atLeast: 380,
    apply: (example) => between(example, '  '),
  },
  { name: 'a line for each word of a RUN', atLeast: 200, apply: (example) => continued(example, '') },
  {
    name: 'comments inside a continued RUN',
    atLeast: 200,
    apply: (example) => continued(example, '# why\n  # it\'s so: "x\n'),
  },
  {
    name: 'a line for each word of any instruction',
    atLeast: 380,
    apply: (example) => continued(example, '', /./),
  },
  { name: 'a backtick as the escape character', atLeast: 10, apply: withBacktick },
];

function mixed(keyword: string): string {
  return keyword.charAt(0) + keyword.slice(1).toLowerCase();
}

function inCase(example: Example, change: (keyword: string) => string): readonly Variant[] {
  const keywords = treeOf(example.text).instructions.flatMap((outer) => [
    outer,
    ...(outer.trigger ? [outer.trigger] : []),
  ]);
  const replacements = keywords.map(({ keywordSpan }) => ({
    at: keywordSpan.start,
    end: keywordSpan.end,
    text: change(example.text.slice(keywordSpan.start, keywordSpan.end)),
  }));
  // A keyword may be what is marked.
  const show = (found: Found): string => byPlace(found).toUpperCase();
  return edited(example, replacements, { show });
}

function between(example: Example, text: string): readonly Variant[] {
  const { instructions } = treeOf(example.text);
  return edited(
    example,
    instructions.map(({ span }) => ({ at: span.start, end: span.start, text })),
  );
}

/** `RUN a \` and `b` in a line of its own; the text between is put behind each line. */
function continued(example: Example, inserted: string, keyword = /^RUN$/): readonly Variant[] {
  const { instructions, escape: mark } = treeOf(example.text);
  const replacements = instructions
    .filter((each) => keyword.test(each.keyword) && each.heredocs.length === 0)
    .flatMap((each) => breaksOf(example.text, each))
    .map((at) => ({ at, end: at + 1, text: ` ${mark}\n${inserted}` }));
  return replacements.length === 0 ? [] : edited(example, replacements);
}

/** Single spaces between words outside of quotes and brackets. */
function breaksOf(
  text: string,
  { span, keywordSpan, masked, arguments: given }: Instruction,
): readonly number[] {
  const breaks: number[] = [];
  let quote = '';
  for (let at = keywordSpan.end; at < span.end; at++) {
    const char = text.charAt(at);
    if (char === '\\' || char === '`') return breaks;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === ' ' && !/[\s#\\`]/.test(text.charAt(at + 1)) && !/\s/.test(text.charAt(at - 1))) {
      if (at < given.start || masked.charAt(at - given.start) === ' ') breaks.push(at);
    }
  }
  return quote === '' ? breaks : [];
}

function withBacktick(example: Example): readonly Variant[] {
  const { text } = example;
  const tree = treeOf(text);
  if (tree.directives.length > 0 || text.includes('`') || !/\\\n/.test(text)) return [];
  if (tree.instructions.some(({ heredocs }) => heredocs.length > 0)) return [];
  return edited(example, `# escape=\`\n${text.replaceAll('\\\n', '`\n')}`);
}
