import { DockerfileParser } from 'dockerfile-ast';
import { expect, test } from 'vitest';
import { dockerfileSyntax } from '../../syntaxes/dockerfile/syntax.ts';
import { loadRules } from '../support/all-rules.ts';

/*
 * The instructions of a Dockerfile are found by code of hardlint's own, since that is many times faster; `dockerfile-ast` says
 * where they are. Held against each other on every Dockerfile of every example.
 */

const rules = await loadRules();
const texts = rules
  .flatMap((rule) => [...rule.bad, ...rule.good])
  .flatMap(({ files }) => Object.entries(files))
  .filter(([path]) => /(^|\/)Dockerfile$/.test(path))
  .map(([, text]) => text.replaceAll(/[«»]/g, ''));

test('there are enough Dockerfiles among the examples', () => {
  expect(new Set(texts).size).toBeGreaterThan(200);
});

test.each(['\n', '\r\n'])('instructions start where dockerfile-ast says, with line ends %j', (eol) => {
  for (const text of texts.map((each) => each.replaceAll(/\r?\n/g, eol))) {
    const { tree, notAnalysed } = dockerfileSyntax.parse('file:///w/Dockerfile', text);
    if (notAnalysed !== undefined) continue;
    const own = tree.instructions.map(({ keyword, keywordSpan }) => `${keyword} ${keywordSpan.start}`);
    expect(own, text).toEqual(expected(text));
  }
});

function expected(text: string): string[] {
  const starts = lineStarts(text);
  return DockerfileParser.parse(text)
    .getInstructions()
    .map((instruction) => {
      const { line, character } = instruction.getInstructionRange().start;
      return `${instruction.getKeyword()} ${(starts[line] ?? 0) + character}`;
    });
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
}
