import { expect, test } from 'vitest';
import { fuzz } from '../../scripts/fuzz/fuzz.ts';
import { flawsOf } from '../../scripts/fuzz/invariants.ts';
import { growthFlaw } from '../../scripts/fuzz/linear.ts';
import { generator, mutate } from '../../scripts/fuzz/mutate.ts';
import { referenceStatements } from '../../scripts/fuzz/reference.ts';
import { seedTexts } from '../../scripts/fuzz/seeds.ts';
import { loadExtractors, loadRules } from '../support/all-rules.ts';

/* The small brother of `npm run fuzz`: the same cases on every run, so that it fails for no other reason than a change. */

const rules = await loadRules('nginx/');
const seeds = seedTexts(rules, process.env.HARDLINT_CORPUS);

test('the reference reads as nginx does', () => {
  expect(referenceStatements('a "b;" c\\;d; # }\ne ${f}g{ h; }')).toEqual([
    '["a","b;","c\\\\;d",";"]',
    '["e","${f}g","{"]',
    '["h",";"]',
    '}',
  ]);
  for (const text of ['a', 'a {', '}', ';', '{', 'a }', 'a "b', 'a "b"c;', 'a { b }'])
    expect(referenceStatements(text)).toBe(undefined);
});

test('nothing is wrong with the seeds', () => {
  expect(seeds.length).toBeGreaterThan(100);
  expect(seeds.flatMap((text) => flawsOf('file:///fuzz/nginx.conf', text))).toEqual([]);
});

test('nothing is wrong with 6,000 changed texts', { timeout: 120_000 }, async () => {
  const catalogue = { rules, extractors: await loadExtractors() };
  const { cases, failures } = fuzz({ seeds, cases: 6000, seed: 2026, catalogue });
  expect(failures).toEqual([]);
  expect(cases).toBe(6000);
});

test('time grows with the length', { timeout: 120_000 }, () => {
  const random = generator(7);
  for (let round = 0; round < 3; round++) {
    const text = mutate(seeds[random(seeds.length)] ?? '', seeds[random(seeds.length)] ?? '', random);
    expect(growthFlaw(text)).toBe(undefined);
  }
});
