// Reads nginx configuration that is changed at random: `npm run fuzz -- [--cases 200000] [--seed N] [DIR]`. Tokens and gaps make up the
// text, spans lie in each other, what nginx can read is read as nginx reads it, nothing throws, and time grows with the length. DIR is
// a folder of real files to start from. It ends with 1 where something is wrong.
import { parseArgs } from 'node:util';
import { extractors, rules } from '../rules/registry.generated.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { growthFlaw } from './fuzz/linear.ts';
import { generator, mutate } from './fuzz/mutate.ts';
import { seedTexts } from './fuzz/seeds.ts';

const { values, positionals } = parseArgs({
  options: {
    cases: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
  },
  allowPositionals: true,
});
const seed = Number(values.seed);
const seeds = seedTexts(
  rules.filter(({ kinds }) => kinds.includes('nginx')),
  positionals[0],
);
const start = performance.now();
const { cases, characters, failures } = fuzz({
  seeds,
  cases: Number(values.cases),
  seed,
  catalogue: { rules, extractors },
  onProgress: (done) => console.log(`${done} cases`),
});
const random = generator(seed);
const slow = Array.from({ length: 20 }, () =>
  growthFlaw(mutate(seeds[random(seeds.length)] ?? '', seeds[random(seeds.length)] ?? '', random)),
).filter((flaw) => flaw !== undefined);
const seconds = (performance.now() - start) / 1000;
console.log(
  `${cases} cases from ${seeds.length} texts with seed ${seed}, ${characters} characters, ${seconds.toFixed(1)} s`,
);
for (const failure of [...failures, ...slow]) console.error(failure);
if (failures.length + slow.length > 0) process.exitCode = 1;
