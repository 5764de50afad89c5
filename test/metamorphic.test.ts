import { describe, expect, test } from 'vitest';
import type { Kind } from '../syntaxes/document.ts';
import { loadExtractors, loadRules } from './support/all-rules.ts';
import { composeEnv } from './support/metamorphic/compose-env.ts';
import { composeFiles } from './support/metamorphic/compose-files.ts';
import { composeForms } from './support/metamorphic/compose-forms.ts';
import { composeLayouts } from './support/metamorphic/compose-layout.ts';
import { composeOrigins } from './support/metamorphic/compose-origin.ts';
import { composeStyles } from './support/metamorphic/compose-style.ts';
import { composeSyntaxes } from './support/metamorphic/compose-syntax.ts';
import { composeValues } from './support/metamorphic/compose-values.ts';
import { dockerfileLayouts } from './support/metamorphic/dockerfile-layout.ts';
import { dockerfileShells } from './support/metamorphic/dockerfile-shell.ts';
import { dockerfileStages } from './support/metamorphic/dockerfile-stages.ts';
import { difference, type Example, examplesOf, type Transformation } from './support/metamorphic/example.ts';
import { DOCUMENTED_UNKNOWNS } from './support/metamorphic/unknowns.ts';

/*
 * A file that means the same has the same findings, however it is written. Every example of every Compose and Dockerfile rule is
 * written in many ways: what is found in the bad ones is found again, and the good ones stay silent. `RULES=compose/port` narrows it
 * to the rules whose id starts so.
 */

const prefix = process.env.RULES ?? '';
const extractors = await loadExtractors();
const titles = new Set<string>();

await describeFamily('compose', [
  ...composeStyles,
  ...composeForms,
  ...composeSyntaxes,
  ...composeLayouts,
  ...composeOrigins,
  ...composeFiles,
  ...composeEnv,
  ...composeValues,
]);
await describeFamily('dockerfile', [...dockerfileLayouts, ...dockerfileStages, ...dockerfileShells]);

test.skipIf(prefix !== '')('the table of unknowns names transformations that there are', () => {
  expect(Object.keys(DOCUMENTED_UNKNOWNS).filter((title) => !titles.has(title))).toEqual([]);
});

async function describeFamily(family: Kind, transformations: readonly Transformation[]): Promise<void> {
  const rules = (await loadRules(`${family}/`)).filter(({ id }) => id.startsWith(prefix));
  const examples = rules.flatMap((rule) => examplesOf(rule, family, extractors));
  if (examples.length === 0) return;
  for (const transformation of transformations) {
    const title = `${family}: ${transformation.name}`;
    titles.add(title);
    describe(title, () => describeOne(transformation, examples, DOCUMENTED_UNKNOWNS[title] ?? {}));
  }
}

function describeOne(
  transformation: Transformation,
  examples: readonly Example[],
  unknowns: Readonly<Record<string, string>>,
): void {
  const applied = examples
    .map((example) => ({ example, variants: transformation.apply(example) }))
    .filter(({ variants }) => variants.length > 0);

  for (const id of new Set(applied.map(({ example }) => example.rule.id))) {
    test(id, () => {
      const differences = applied
        .filter(({ example }) => example.rule.id === id)
        .flatMap(({ example, variants }) =>
          variants.flatMap((variant) => difference(example, variant, extractors) ?? []),
        );
      if (unknowns[id] !== undefined) expect(differences, 'the entry is of use').not.toEqual([]);
      else if (differences.length > 0) expect.fail(differences.join('\n\n'));
    });
  }

  test.skipIf(prefix !== '')('is unknown only to rules that it applies to', () => {
    const ids = new Set(applied.map(({ example }) => example.rule.id));
    expect(Object.keys(unknowns).filter((id) => !ids.has(id))).toEqual([]);
  });

  test.skipIf(prefix !== '')(`applies to ${transformation.atLeast} examples or more`, () => {
    expect(applied.length).toBeGreaterThanOrEqual(transformation.atLeast);
  });
}
